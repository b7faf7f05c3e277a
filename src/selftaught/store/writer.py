"""The one who writes a run: appends events to its chain."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from selftaught.errors import StoreError
from selftaught.events import Event, RunEnded
from selftaught.store.chain import BEGINNING, Row
from selftaught.store.claims import Claim
from selftaught.store.codec import Encoded, encode
from selftaught.store.database import Conflict, Database
from selftaught.store.reader import RunReader
from selftaught.store.tables import BLOBS, EVENTS, RUNS
from selftaught.text import storable


class RunWriter(RunReader):
    """Writes a run that it has claimed. Safe to use from several threads.

    Args:
        database: Where the run is.
        run: Its name.
        claim: Keeps others from writing it.
        decoded: Returns the event in a row.
    """

    def __init__(
        self, database: Database, run: str, claim: Claim, decoded: Callable[[Row], Event]
    ) -> None:
        super().__init__(database, run, decoded)
        self._claim = claim
        self._lock = threading.Lock()
        self._head = BEGINNING
        self._next = 0
        self._known_texts: set[str] = set()
        self._unsettled: Row | None = None
        self._cuts = database.cuts

    def close(self) -> None:
        """Gives the run back."""
        self._claim.release()

    def load(self) -> None:
        """Reads where the run stands.

        Raises:
            StoreError: The store cannot be read, or an older version wrote the run, or the events
                at its end are missing.
        """
        super().load()
        query = sql.select(EVENTS.c.number, EVENTS.c.hash).where(EVENTS.c.run == self.run)
        rows = self._database.read(query.order_by(EVENTS.c.number.desc()).limit(1))
        if not rows or not rows[0][1]:
            raise StoreError(
                f"the run {self.run} cannot be taken up again: an older version of selftaught "
                "wrote it. It can still be shown; give another --name for a new run"
            )
        self._next, self._head = rows[0][0] + 1, rows[0][1]
        ended = sql.select(RUNS.c.head).where(RUNS.c.run == self.run)
        is_last_end = (EVENTS.c.run == self.run) & (EVENTS.c.hash == ended.scalar_subquery())
        head = self._database.read(ended)[0][0]
        if head and not self._database.read(sql.select(EVENTS.c.number).where(is_last_end)):
            raise StoreError(
                f"the run {self.run} cannot be taken up again: events are missing at its end; "
                f"see: selftaught verify {self.run}"
            )

    def append(self, event: Event, *, key: str | None = None) -> None:
        """Writes an event, durably. The first one registers the run.

        Args:
            event: What happened.
            key: What names it in the run; None: it may happen again. What is written already is not
                written twice.

        Raises:
            StoreError: The store cannot be written.
        """
        encoded = encode(event)
        place = storable(str(getattr(event, "place", "")))
        question = getattr(event, "question", None) or None
        with self._lock:
            self._settle()
            if key is not None and key in self._keys:
                return
            unlinked = Row(
                self._next, time.time(), encoded.kind, place, key, question, encoded.body
            )
            row = unlinked.linked(self._head)
            self._unsettled = row
            self._write(row, encoded, is_end=isinstance(event, RunEnded))
            self._is_written(row)
            self._known_texts.update(encoded.blobs)

    def _is_written(self, row: Row) -> None:
        self._next, self._head, self._unsettled = row.number + 1, row.hash, None
        if row.key is not None:
            self._keys.add(row.key)

    def _settle(self) -> None:
        """Finds out whether a row is written whose writing was interrupted or failed."""
        row = self._unsettled
        if row is not None:
            if self._database.write(lambda connection: self._has(connection, row)):
                self._is_written(row)
            self._unsettled = None

    def _write(self, row: Row, encoded: Encoded, *, is_end: bool) -> None:
        texts = {
            digest: text
            for digest, text in encoded.blobs.items()
            if digest not in self._known_texts
        }

        def work(connection: Connection) -> None:
            if self._is_done_after_all(connection, row):
                return
            if row.number == 0:
                connection.execute(RUNS.insert().values(run=self.run, started=row.time))
            insert_rows(self._database, connection, self.run, [row], texts)
            if is_end:
                ended = RUNS.update().where(RUNS.c.run == self.run)
                connection.execute(ended.values(head=row.hash))

        try:
            self._database.write(work)
        except Conflict as error:
            raise self._stolen() from error

    def _is_done_after_all(self, connection: Connection, row: Row) -> bool:
        """Tells whether an earlier try was committed; makes sure of the claim where it was cut."""
        cuts = self._database.cuts
        if cuts == self._cuts:
            return False
        if not self._claim.renew():
            raise self._stolen()
        self._cuts = cuts
        return self._has(connection, row)

    def _has(self, connection: Connection, row: Row) -> bool:
        here = (EVENTS.c.run == self.run) & (EVENTS.c.number == row.number)
        return connection.execute(sql.select(EVENTS.c.hash).where(here)).scalar() == row.hash

    def _stolen(self) -> StoreError:
        return StoreError(
            f"another process has taken up the run {self.run}; this one goes no further"
        )


def insert_rows(
    database: Database,
    connection: Connection,
    run: str,
    rows: Sequence[Row],
    texts: Mapping[str, str],
) -> None:
    """Inserts rows and the texts that they refer to.

    Args:
        database: Knows how to insert.
        connection: In a transaction.
        run: Name of the run.
        rows: Linked rows.
        texts: By digest; those that are there already are left alone.
    """
    # In one order, so that two processes that write the same texts don't wait for each other.
    blobs = [{"digest": digest, "text": text} for digest, text in sorted(texts.items())]
    if blobs:
        connection.execute(database.insert(BLOBS), blobs)
    if rows:
        connection.execute(EVENTS.insert(), [{"run": run, **_columns(row)} for row in rows])


def _columns(row: Row) -> dict[str, object]:
    # `asdict` copies what cannot change, and takes 20 times as long.
    return {name: getattr(row, name) for name in Row.__dataclass_fields__}
