"""A run to be read, wherever it is kept: in a journal, up to one of its events, or in a bundle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from selftaught.events import Event
from selftaught.store.chain import Row
from selftaught.store.journal import Journal


class Source(Protocol):
    """The events of a run."""

    @property
    def run(self) -> str:
        """Its name there."""
        ...

    def rows(self, *, kinds: tuple[type[Event], ...] = ()) -> Iterator[Row]:
        """Yields the events as they are written; of the kinds that are named, else all."""
        ...

    def event(self, row: Row) -> Event:
        """Returns the event in a row."""
        ...


@dataclass(frozen=True, slots=True)
class Prefix:
    """A run in a journal up to one of its events: it stays the same while the run goes on."""

    journal: Journal
    run: str
    last: int | None = None
    """Number of the last event; None: all that there are."""

    def rows(self, *, kinds: tuple[type[Event], ...] = ()) -> Iterator[Row]:
        """Yields the events as they are written; of the kinds that are named, else all."""
        rows, last = self.journal.rows(self.run, kinds=kinds), self.last
        return rows if last is None else takewhile(lambda row: row.number <= last, rows)

    def event(self, row: Row) -> Event:
        """Returns the event in a row."""
        return self.journal.event(row)
