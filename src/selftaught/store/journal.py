"""Runs and their events in a database; SQLite where no URL is given, PostgreSQL by URL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import sqlalchemy as sql

from selftaught.errors import StoreError, UsageError
from selftaught.events import Event, RunStarted
from selftaught.store.chain import Row
from selftaught.store.codec import decode
from selftaught.store.database import Conflict, Database
from selftaught.store.reader import RunReader
from selftaught.store.run_list import RunRecord, listed
from selftaught.store.tables import BLOBS, EVENTS, RUNS
from selftaught.store.transfer import Piece, insert_run, read_texts
from selftaught.store.writer import RunWriter

_COLUMNS = [EVENTS.c[name] for name in Row.__dataclass_fields__]
_AT_ONCE = 5_000
"""Rows that are read in one go: a run of any length fits into memory."""


class Journal:
    """A store of runs. Safe to use from several threads, and from several processes.

    Args:
        store: A path of an SQLite file, or a URL of SQLAlchemy.

    Raises:
        StoreError: The store cannot be opened.
    """

    def __init__(self, store: str) -> None:
        self._database = Database(store)
        self._text = lru_cache(maxsize=4096)(self._read_text)

    @property
    def name(self) -> str:
        """The store, without a password."""
        return self._database.name

    def close(self) -> None:
        """Closes the database."""
        self._database.close()

    def check_writable(self) -> None:
        """Makes sure that runs can be written.

        Raises:
            StoreError: The journal is read-only.
        """
        self._database.check_writable()

    def hurry(self) -> None:
        """Waits for a server that is gone a few seconds at most: the run is to end."""
        self._database.hurry()

    def begin(self, started: RunStarted) -> RunWriter:
        """Begins the record of a run, and claims it.

        Raises:
            UsageError: There is a run of that name.
            StoreError: The store cannot be written.
        """
        writer = self._claimed(started.run)
        try:
            self._check_new(started.run)
            writer.append(started)
        except BaseException:
            writer.close()
            raise
        return writer

    def resume(self, run: str) -> RunWriter:
        """Takes up the record of a run again, and claims it.

        Raises:
            UsageError: There is no such run, or another process writes it.
            StoreError: The store cannot be read.
        """
        if not self.has(run):
            raise UsageError(f"there is no run {run!r} in {self.name}; see: selftaught show")
        writer = self._claimed(run)
        try:
            self._database.write(
                lambda connection: connection.execute(
                    RUNS.update().where(RUNS.c.run == run).values(stop=None)
                )
            )
            writer.load()
        except BaseException:
            writer.close()
            raise
        return writer

    def reader(self, run: str) -> RunReader:
        """Returns what looks events of a run up.

        Raises:
            StoreError: The store cannot be read.
        """
        reader = RunReader(self._database, run, self.event)
        reader.load()
        return reader

    def add(
        self, run: str, rows: Sequence[Row], texts: Mapping[str, str], *, started: float
    ) -> None:
        """Adds a run that exists elsewhere, all of it or nothing.

        Args:
            run: Its name here.
            rows: Its events.
            texts: What they refer to, by digest.
            started: When it began, in seconds since 1970.

        Raises:
            UsageError: There is a run of that name.
            StoreError: The store cannot be written.
        """
        self.add_in_pieces(run, lambda: [Piece(rows, texts)], started=started)

    def add_in_pieces(
        self, run: str, pieces: Callable[[], Iterable[Piece]], *, started: float
    ) -> None:
        """Adds a run that exists elsewhere and need not fit into memory; see `add`.

        Args:
            run: Its name here.
            pieces: Gives the run piece by piece, its events in order; asked again where the
                server restarted.
            started: When it began, in seconds since 1970.

        Raises:
            UsageError: There is a run of that name.
            StoreError: The store cannot be written.
        """
        try:
            insert_run(self._database, run, pieces, started=started)
        except Conflict as error:
            raise _exists(run) from error

    def has(self, run: str) -> bool:
        """Tells whether there is a run of that name."""
        return bool(self._database.read(sql.select(RUNS.c.run).where(RUNS.c.run == run)))

    def is_claimed(self, run: str) -> bool:
        """Tells whether a process writes the run at this moment."""
        return self._database.is_claimed(run)

    def rows(self, run: str, *, kinds: tuple[type[Event], ...] = ()) -> Iterator[Row]:
        """Yields the events of a run as they lie in the journal.

        Args:
            run: Name of the run.
            kinds: Which events; none: all.

        Raises:
            StoreError: The store cannot be read.
        """
        query = sql.select(*_COLUMNS).where(EVENTS.c.run == run).order_by(EVENTS.c.number)
        if kinds:
            query = query.where(EVENTS.c.kind.in_([kind.__name__ for kind in kinds]))
        last = -1
        while True:
            some = self._database.read(query.where(EVENTS.c.number > last).limit(_AT_ONCE))
            yield from (Row(*each) for each in some)
            if len(some) < _AT_ONCE:
                return
            last = int(some[-1][0])

    def events(self, run: str, *, kinds: tuple[type[Event], ...] = ()) -> Iterator[Event]:
        """Yields the events of a run in the order of their writing; see `rows`."""
        for row in self.rows(run, kinds=kinds):
            yield self.event(row)

    def event(self, row: Row) -> Event:
        """Returns the event in a row.

        Raises:
            StoreError: It cannot be read.
        """
        return decode(row.kind, row.body, self.text)

    def first(self, run: str) -> RunStarted:
        """Returns how a run began.

        Raises:
            StoreError: The run has no beginning.
        """
        for event in self.events(run, kinds=(RunStarted,)):
            assert isinstance(event, RunStarted)
            return event
        raise StoreError(f"the run {run} in {self.name} has no beginning")

    def text(self, digest: str) -> str:
        """Returns the text of a digest, such as that of a program.

        Raises:
            StoreError: There is none.
        """
        return self._text(digest)

    def texts(self, digests: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yields digests with their texts; see `transfer.read_texts`."""
        return read_texts(self._database, digests)

    def runs(self) -> list[RunRecord]:
        """Returns all runs, the newest first.

        Raises:
            StoreError: The store cannot be read.
        """
        return listed(self._database, self.text)

    def status(self, run: str) -> str:
        """Returns the status of a run; see `RunRecord`.

        Raises:
            StoreError: The store cannot be read.
        """
        return listed(self._database, self.text, run)[0].status

    def ask_to_stop(self, run: str, reason: str) -> None:
        """Asks whoever writes a run to stop it; it does so within a second or two.

        Raises:
            StoreError: The store cannot be written.
        """
        asked = RUNS.update().where(RUNS.c.run == run).values(stop=reason)
        self._database.write(lambda connection: connection.execute(asked))

    def asked_to_stop(self, run: str) -> str | None:
        """Returns why a run is asked to stop; None where it is not.

        Raises:
            StoreError: The store cannot be read.
        """
        asked = sql.select(RUNS.c.stop).where(RUNS.c.run == run)
        found = self._database.read(asked, patiently=False)
        return found[0][0] if found else None

    def is_chained(self, run: str) -> bool:
        """Tells whether a run was written with hashes and keys, as all are by now."""
        old = (EVENTS.c.run == run) & (EVENTS.c.hash == "")
        return not self._database.read(sql.select(EVENTS.c.number).where(old).limit(1))

    def head(self, run: str) -> str | None:
        """Returns the hash of the last event when the run last ended; None where it never did."""
        found = self._database.read(sql.select(RUNS.c.head).where(RUNS.c.run == run))
        return found[0][0] if found else None

    def _claimed(self, run: str) -> RunWriter:
        claim = self._database.claim(run)
        if claim is None:
            raise UsageError(
                f"the run {run} is under way in another process: give another --name, or stop it "
                f"with: selftaught stop {run}"
            )
        return RunWriter(self._database, run, claim, self.event)

    def _check_new(self, run: str) -> None:
        if self.has(run):
            raise _exists(run)

    def _read_text(self, digest: str) -> str:
        rows = self._database.read(sql.select(BLOBS.c.text).where(BLOBS.c.digest == digest))
        if not rows:
            raise StoreError(f"the journal at {self.name} has lost the text {digest[:12]}")
        return str(rows[0][0])


def _exists(run: str) -> UsageError:
    return UsageError(
        f"there is a run {run!r} already: give another --name, "
        f"or see it with: selftaught show {run}"
    )
