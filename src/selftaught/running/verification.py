"""Whether a run is what it says: its chain holds, and its numbers follow from its events."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from selftaught.analysis.ledger import Ledger
from selftaught.budget import Unit
from selftaught.errors import SelftaughtError, StoreError
from selftaught.events import RunEnded
from selftaught.running.replaying import replay
from selftaught.running.resumption import begun_as
from selftaught.store import Journal, Row, breaks

_MOST = 100
"""Problems that are listed; a journal that is damaged throughout is one fact."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and what is wrong."""

    run: str
    events: int
    texts: int
    """Programs, prompts and replies whose digests were computed again."""
    decisions: int
    """Decisions and measurements that were computed again from the events."""
    head: str
    """Hash of the last event: who knows it knows whether any event before it was changed."""
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Tells whether nothing is wrong."""
        return not self.problems


def verify(journal: Journal, run: str, *, head: str | None = None) -> Verification:
    """Checks the chain, the texts, the ledger and every number of the summary of a run.

    Args:
        journal: Where the run is.
        run: Its name.
        head: What its author says that the hash of an event is; None: nothing is said.

    Raises:
        StoreError: The journal cannot be read.
    """
    rows = list(journal.rows(run))
    problems = _problems_of_chain(journal, run, rows, head)
    digests: set[str] = set()
    decisions = 0
    # What does not even hold together is not worth adding up.
    if not problems:
        digests = {digest for row in rows for digest in digests_in(row)}
        problems += [problem for digest in sorted(digests) for problem in _text(journal, digest)]
        problems += _problems_of_ledger(rows)
    if not problems:
        decisions, differences = _computed_again(journal, run)
        problems += differences
    last = str(rows[-1].hash) if rows else ""
    return Verification(run, len(rows), len(digests), decisions, last, tuple(problems[:_MOST]))


def _problems_of_chain(
    journal: Journal, run: str, rows: Sequence[Row], head: str | None
) -> list[str]:
    problems = list(breaks(rows))
    hashes = {row.hash for row in rows}
    ended = journal.head(run)
    if ended and ended not in hashes:
        problems.append("events are missing at the end: the hash of the last one is not there")
    if head and head not in hashes:
        problems.append(
            f"no event has the hash {head}: these are not the events that it stands for"
        )
    if not rows:
        problems.append("it has no events")
    return problems


def digests_in(row: Row) -> Iterator[str]:
    """Yields the digests of the texts that a row refers to."""
    try:
        body: Any = json.loads(row.body)
    except (ValueError, TypeError, RecursionError):
        return  # whoever reads the event says so
    left = [body]
    while left:
        value = left.pop()
        match value:
            case {"$program": str(digest)} | {"$text": str(digest)}:
                yield digest
            case dict():
                left += cast("dict[str, Any]", value).values()
            case list():
                left += cast("list[Any]", value)
            case _:
                pass


def _text(journal: Journal, digest: str) -> Iterator[str]:
    try:
        text = journal.text(digest)
    except StoreError as error:
        yield str(error)
        return
    if hashlib.sha256(text.encode()).hexdigest() != digest:
        yield f"the text {digest[:12]} was changed: it does not have its digest"


def _problems_of_ledger(rows: Sequence[Row]) -> Iterator[str]:
    """Yields where a run says that it spent something else than its events cost."""
    book = Ledger()
    try:
        for row in rows:
            if row.kind == RunEnded.__name__:
                yield from _differences(row, json.loads(row.body)["spent"], book.spent)
            book.add(row)
    except (StoreError, ValueError, TypeError, LookupError, RecursionError) as error:
        yield f"what it spent cannot be added up: {error}"


def _differences(row: Row, said: Mapping[str, float], cost: Mapping[Unit, float]) -> Iterator[str]:
    if unknown := sorted(said.keys() - set(Unit)):
        yield f"{row} says that {', '.join(unknown)} were spent, which nothing counts"
    for unit in set(Unit) - {Unit.SECONDS}:
        amount, found = said.get(str(unit), 0.0), cost[unit]
        if abs(amount - found) > 1e-9 * max(1.0, abs(found)):
            yield f"{row} says {amount:g} {unit} were spent; its events cost {found:g}"


def _computed_again(journal: Journal, run: str) -> tuple[int, list[str]]:
    if not begun_as(journal, run).parts:
        return 0, ["its numbers cannot be computed again: an older version of selftaught wrote it"]
    try:
        again = replay(journal, run)
    except SelftaughtError as error:
        return 0, [f"its numbers cannot be computed again: {error}"]
    return again.decisions, [f"{each}, computed again" for each in again.differences]
