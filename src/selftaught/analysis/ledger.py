"""What a run has spent, from its journal alone."""

from __future__ import annotations

import json
from collections.abc import Iterable

from selftaught.budget import Unit
from selftaught.errors import StoreError, attributed_to
from selftaught.store import Row

_BEGINNINGS = ("RunStarted", "RunResumed", "RunForked")
_LONGEST_SECONDS = 600.0
"""What counts at most between two events: a machine may have slept, a clock may have been set."""


class Ledger:
    """Adds up what events cost, one after the other.

    Seconds are those in which the run was under way.
    """

    def __init__(self) -> None:
        self._calls: set[str] = set()
        self._spent: dict[Unit, float] = dict.fromkeys(Unit, 0)
        self._latest: float | None = None

    @property
    def spent(self) -> dict[Unit, float]:
        """What the events so far cost."""
        return self._spent | {Unit.CALLS: len(self._calls)}

    def add(self, row: Row) -> None:
        """Adds an event.

        Raises:
            StoreError: It cannot be read.
        """
        with attributed_to(StoreError, f"{row} cannot be read"):
            if row.kind == "ReplyReceived":
                self._add_reply(json.loads(row.body))
            elif row.kind == "SolutionScored":
                self._spent[Unit.EVALUATIONS] += 1
            if self._latest is not None and row.kind not in _BEGINNINGS:
                gone = row.time - self._latest
                self._spent[Unit.SECONDS] += min(max(gone, 0.0), _LONGEST_SECONDS)
            self._latest = row.time

    def _add_reply(self, reply: dict[str, float | str | None]) -> None:
        self._calls.add(str(reply.get("call")))
        self._spent[Unit.SAMPLES] += 1
        self._spent[Unit.TOKENS] += float(reply["tokens"] or 0)
        self._spent[Unit.DOLLARS] += float(reply["dollars"] or 0)


def ledger(rows: Iterable[Row]) -> dict[Unit, float]:
    """Returns what the events of a run cost; see `Ledger`.

    Raises:
        StoreError: One of them cannot be read.
    """
    book = Ledger()
    for row in rows:
        book.add(row)
    return book.spent
