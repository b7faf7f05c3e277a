"""What is remembered of a run's events while they pass by: its edges, and the texts it needs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata

from selftaught.errors import StoreError
from selftaught.events import RunEnded, RunForked, RunResumed, RunStarted
from selftaught.store.bundles.form import FORMAT, Manifest
from selftaught.store.bundles.soundness import references
from selftaught.store.chain import Row
from selftaught.store.source import Source


class Past:
    """The events so far."""

    def __init__(self) -> None:
        self._first: Row | None = None
        self._last: Row | None = None
        self.programs: set[str] = set()
        """Digests of the programs that events refer to."""
        self.texts: set[str] = set()
        """Digests of the other texts."""
        self.ends: set[str] = set()
        """Hashes of the events with which the run ended, for the time being or for good."""

    @property
    def is_empty(self) -> bool:
        """Tells whether there was no event."""
        return self._last is None

    @property
    def first(self) -> Row:
        """The first event."""
        assert self._first is not None
        return self._first

    @property
    def last(self) -> Row:
        """The last event."""
        assert self._last is not None
        return self._last

    def add(self, row: Row) -> None:
        """Remembers the next event.

        Raises:
            StoreError: Its body is not one of an event.
        """
        self._first = self._first or row
        self._last = row
        try:
            found = references(row.body)
        except ValueError as error:
            raise StoreError(f"{row} cannot be read: {error}") from error
        self.programs |= found.programs
        self.texts |= found.texts
        if row.kind == RunEnded.__name__:
            self.ends.add(row.hash)

    def manifest(self, source: Source, files: Mapping[str, str]) -> Manifest:
        """Returns the manifest of a bundle with these events.

        Args:
            source: Where they are.
            files: Hashes of the bundle's files.
        """
        versions: Mapping[str, str] = {}
        status = "unfinished"
        for row in source.rows(kinds=(RunStarted, RunResumed, RunForked, RunEnded)):
            event = source.event(row)
            status = event.status if isinstance(event, RunEnded) else "unfinished"
            versions = event.versions if isinstance(event, RunStarted) else versions
        return Manifest(
            format=FORMAT,
            made_by=f"selftaught {metadata.version('selftaught')}",
            run=source.run,
            head=self.last.hash,
            events=self.last.number + 1,
            texts=len(self.programs | self.texts),
            status=status,
            began=self.first.time,
            ended=self.last.time,
            versions=dict(versions),
            files=dict(sorted(files.items())),
        )
