"""What a run has spent, from its journal alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from selftaught.budget import Unit
from selftaught.errors import StoreError, attributed_to
from selftaught.store import Row

_BEGINNINGS = ("RunStarted", "RunResumed", "RunForked")
_LONGEST_SECONDS = 600.0
"""What counts at most between two events: a machine may have slept, a clock may have been set."""


@dataclass(slots=True)
class _Awaited:
    """Replies of a call that have not come: what one of them was expected to cost at most."""

    samples: int
    tokens: float
    dollars: float


class Ledger:
    """Adds up what events cost, one after the other.

    Seconds are those in which the run was under way. A reply that was asked for costs what it may
    cost at most, until it comes or is known not to be paid for; see `CallBegan`.
    """

    def __init__(self) -> None:
        self._calls: set[str] = set()
        self._lost_calls: set[str] = set()
        self._awaited: dict[str, _Awaited] = {}
        self._spent: dict[Unit, float] = dict.fromkeys(Unit, 0)
        self._latest: float | None = None

    @property
    def spent(self) -> dict[Unit, float]:
        """What the events so far cost."""
        calls = self._calls | self._lost_calls | self._awaited.keys()
        spent = self._spent | {Unit.CALLS: len(calls)}
        for each in self._awaited.values():
            _charge(spent, each, each.samples)
        return spent

    def add(self, row: Row) -> None:
        """Adds an event.

        Raises:
            StoreError: It cannot be read.
        """
        with attributed_to(StoreError, f"{row} cannot be read"):
            if row.kind == "ReplyReceived":
                self._add_reply(json.loads(row.body))
            elif row.kind == "CallBegan":
                self._await(json.loads(row.body))
            elif row.kind == "CallCutShort":
                ended = json.loads(row.body)
                self._lose(str(ended["call"]), int(ended["lost"]))
            elif row.kind == "SolutionScored":
                self._spent[Unit.EVALUATIONS] += 1
            if self._latest is not None and row.kind not in _BEGINNINGS:
                gone = row.time - self._latest
                self._spent[Unit.SECONDS] += min(max(gone, 0.0), _LONGEST_SECONDS)
            self._latest = row.time

    def _await(self, began: dict[str, Any]) -> None:
        call = str(began["call"])
        if call in self._awaited:  # by a process that died
            self._lose(call, self._awaited[call].samples)
        amounts = float(began["tokens"]), float(began["dollars"])
        self._awaited[call] = _Awaited(int(began["samples"]), *amounts)

    def _lose(self, call: str, samples: int) -> None:
        awaited = self._awaited.pop(call)
        if samples:
            self._lost_calls.add(call)
            _charge(self._spent, awaited, samples)

    def _add_reply(self, reply: dict[str, float | str | None]) -> None:
        call = str(reply.get("call"))
        self._calls.add(call)
        if (awaited := self._awaited.get(call)) is not None:
            awaited.samples -= 1
            if not awaited.samples:
                del self._awaited[call]
        self._spent[Unit.SAMPLES] += 1
        self._spent[Unit.TOKENS] += float(reply["tokens"] or 0)
        self._spent[Unit.DOLLARS] += float(reply["dollars"] or 0)


def _charge(spent: dict[Unit, float], each: _Awaited, samples: int) -> None:
    spent[Unit.SAMPLES] += samples
    spent[Unit.TOKENS] += samples * each.tokens
    spent[Unit.DOLLARS] += samples * each.dollars


def ledger(rows: Iterable[Row]) -> dict[Unit, float]:
    """Returns what the events of a run cost; see `Ledger`.

    Raises:
        StoreError: One of them cannot be read.
    """
    book = Ledger()
    for row in rows:
        book.add(row)
    return book.spent
