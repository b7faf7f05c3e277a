"""The one who writes a run: appends events to its chain, and knows what it holds already."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

import sqlalchemy as sql
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from selftaught.errors import StoreError
from selftaught.events import (
    Event,
    ReplyReceived,
    RunEnded,
    SessionEnded,
    SolutionScored,
)
from selftaught.store.chain import BEGINNING, Row
from selftaught.store.claims import Claim
from selftaught.store.codec import Encoded, encode
from selftaught.store.database import Database
from selftaught.store.tables import BLOBS, EVENTS, RUNS
from selftaught.text import storable

_COLUMNS = [EVENTS.c[name] for name in Row.__dataclass_fields__]


class RunWriter:
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
        self.run = run
        self._database = database
        self._claim = claim
        self._decoded = decoded
        self._lock = threading.Lock()
        self._head = BEGINNING
        self._next = 0
        self._keys: set[str] = set()
        self._questions: frozenset[str] = frozenset()
        self._known_texts: set[str] = set()

    def close(self) -> None:
        """Gives the run back."""
        self._claim.release()

    def load(self) -> None:
        """Reads where the run stands.

        Raises:
            StoreError: The store cannot be read.
        """
        query = sql.select(EVENTS.c.number, EVENTS.c.hash, EVENTS.c.key, EVENTS.c.question)
        rows = self._database.read(query.where(EVENTS.c.run == self.run).order_by(EVENTS.c.number))
        if not rows or not all(row[1] for row in rows):
            raise StoreError(
                f"the run {self.run} cannot be taken up again: an older version of selftaught "
                "wrote it. It can still be shown; give another --name for a new run"
            )
        self._next, self._head = rows[-1][0] + 1, rows[-1][1]
        self._keys = {row[2] for row in rows if row[2]}
        self._questions = frozenset(row[3] for row in rows if row[3])

    def append(self, event: Event, *, key: str | None = None) -> None:
        """Writes an event, durably.

        Args:
            event: What happened.
            key: What names it in the run; None: it may happen again.

        Raises:
            StoreError: The store cannot be written.
        """
        encoded = encode(event)
        place = storable(str(getattr(event, "place", "")))
        question = getattr(event, "question", None) or None
        with self._lock:
            unlinked = Row(
                self._next, time.time(), encoded.kind, place, key, question, encoded.body
            )
            row = unlinked.linked(self._head)
            self._write(row, encoded, is_end=isinstance(event, RunEnded))
            self._next, self._head = row.number + 1, row.hash
            self._known_texts.update(encoded.blobs)
            if key is not None:
                self._keys.add(key)

    def has(self, key: str) -> bool:
        """Tells whether an event with a key is written."""
        return key in self._keys

    def at(self, key: str) -> Event | None:
        """Returns the event with a key.

        Raises:
            StoreError: The store cannot be read.
        """
        return self._first(EVENTS.c.key == key) if key in self._keys else None

    def answer(self, question: str) -> Event | None:
        """Returns the first event that answered a question before the run was taken up again.

        Raises:
            StoreError: The store cannot be read.
        """
        is_known = question in self._questions
        return self._first(EVENTS.c.question == question) if is_known else None

    def in_flight(self) -> Mapping[str, set[str]]:
        """Returns the keys of replies and scores of the sessions that did not end, by place.

        Raises:
            StoreError: The store cannot be read.
        """
        kinds = [kind.__name__ for kind in (ReplyReceived, SolutionScored, SessionEnded)]
        query = sql.select(EVENTS.c.kind, EVENTS.c.place, EVENTS.c.key)
        query = query.where((EVENTS.c.run == self.run) & EVENTS.c.kind.in_(kinds))
        keys: defaultdict[str, set[str]] = defaultdict(set)
        ended: set[str] = set()
        for kind, place, key in self._database.read(query):
            if kind == SessionEnded.__name__:
                ended.add(place)
            elif key:
                keys[place].add(key)
        return {place: found for place, found in keys.items() if place not in ended}

    def _first(self, condition: sql.ColumnElement[bool]) -> Event | None:
        query = sql.select(*_COLUMNS).where((EVENTS.c.run == self.run) & condition)
        rows = self._database.read(query.order_by(EVENTS.c.number).limit(1))
        return self._decoded(Row(*rows[0])) if rows else None

    def _write(self, row: Row, encoded: Encoded, *, is_end: bool) -> None:
        texts = {
            digest: text
            for digest, text in encoded.blobs.items()
            if digest not in self._known_texts
        }
        tries = 0

        def work(connection: Connection) -> None:
            nonlocal tries
            tries += 1
            if tries > 1 and self._is_done_after_all(connection, row):
                return
            insert_rows(self._database, connection, self.run, [row], texts)
            if is_end:
                ended = RUNS.update().where(RUNS.c.run == self.run)
                connection.execute(ended.values(head=row.hash))

        try:
            self._database.write(work)
        except IntegrityError as error:
            raise self._stolen() from error

    def _is_done_after_all(self, connection: Connection, row: Row) -> bool:
        """Tells whether the try that failed was committed; the claim may be lost, too."""
        if not self._claim.renew():
            raise self._stolen()
        here = (EVENTS.c.run == self.run) & (EVENTS.c.number == row.number)
        found = connection.execute(sql.select(EVENTS.c.hash).where(here)).scalar()
        return found == row.hash

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
    for digest, text in sorted(texts.items()):
        connection.execute(database.insert(BLOBS, digest=digest, text=text))
    connection.execute(EVENTS.insert(), [{"run": run, **asdict(row)} for row in rows])
