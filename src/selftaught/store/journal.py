"""Runs and their events in a database, through SQLAlchemy; SQLite where no URL is given."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
import sqlalchemy as sql
from sqlalchemy import Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, OperationalError

from selftaught.errors import StoreError, UsageError, attributed_to
from selftaught.events import Event, RunEnded, RunStarted
from selftaught.store.codec import decode, encode, storable

_TABLES = sql.MetaData()
_RUNS = sql.Table(
    "runs",
    _TABLES,
    sql.Column("run", sql.String(128), primary_key=True),
    sql.Column("started", sql.Float, nullable=False),
)
_EVENTS = sql.Table(
    "events",
    _TABLES,
    sql.Column("run", sql.String(128), sql.ForeignKey("runs.run"), primary_key=True),
    sql.Column("number", sql.Integer, primary_key=True),
    sql.Column("time", sql.Float, nullable=False),
    sql.Column("kind", sql.String(64), nullable=False),
    sql.Column("place", sql.String(256), nullable=False),
    sql.Column("key", sql.String(64)),
    sql.Column("body", sql.Text, nullable=False),
)
_BLOBS = sql.Table(
    "blobs",
    _TABLES,
    sql.Column("digest", sql.String(64), primary_key=True),
    sql.Column("text", sql.Text, nullable=False),
)

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def default_store() -> str:
    """Returns the store: ``$SELFTAUGHT_STORE``, else a file in the user's data folder."""
    named = os.environ.get("SELFTAUGHT_STORE")
    return named or str(Path(platformdirs.user_data_dir("selftaught")) / "journal.db")


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run, in a list of runs."""

    run: str
    started: float
    """Seconds since 1970."""
    status: str
    """``done``, ``cut short`` or ``failed``; ``unfinished`` where no end was written."""


class Journal:
    """A store of runs. Safe to use from several threads, and from several processes.

    Args:
        store: A path of an SQLite file, or a URL of SQLAlchemy.

    Raises:
        StoreError: The store cannot be opened.
    """

    def __init__(self, store: str) -> None:
        self.url = store if "://" in store else f"sqlite:///{Path(store).expanduser()}"
        self._lock = threading.Lock()
        self._numbers: dict[str, int] = {}
        self._known_blobs: set[str] = set()
        with self._attributed("opening"):
            self._engine = _engine(store)
            with self._engine.begin() as connection:
                for table in _TABLES.sorted_tables:
                    # Another process may open the same new file at this moment.
                    connection.execute(sql.schema.CreateTable(table, if_not_exists=True))

    def close(self) -> None:
        """Closes the database."""
        self._engine.dispose()

    def start(self, started: RunStarted) -> None:
        """Begins the record of a run.

        Raises:
            UsageError: There is a run of that name.
            StoreError: The store cannot be written.
        """
        with self._lock, self._attributed("writing to"):
            try:
                with self._engine.begin() as connection:
                    connection.execute(_RUNS.insert().values(run=started.run, started=time.time()))
            except IntegrityError as error:
                raise UsageError(
                    f"there is a run {started.run!r} already: give another --name, "
                    f"or see it with: selftaught show {started.run}"
                ) from error
        self.append(started.run, started)

    def append(self, run: str, event: Event) -> None:
        """Writes an event, durably.

        Raises:
            StoreError: The store cannot be written.
        """
        encoded = encode(event)
        with self._lock, self._attributed("writing to"), self._engine.begin() as connection:
            number = self._numbers[run] = self._numbers.get(run, -1) + 1
            for digest, text in encoded.blobs.items():
                self._keep(connection, digest, text)
            connection.execute(
                _EVENTS.insert().values(
                    run=run,
                    number=number,
                    time=time.time(),
                    kind=encoded.kind,
                    place=storable(str(getattr(event, "place", "")))[:256],
                    key=getattr(event, "key", None),
                    body=encoded.body,
                )
            )
        self._known_blobs.update(encoded.blobs)

    def events(self, run: str, *, kinds: tuple[type[Event], ...] = ()) -> Iterator[Event]:
        """Yields the events of a run in the order of their writing.

        Args:
            run: Name of the run.
            kinds: Which events; none: all.

        Raises:
            StoreError: The store cannot be read.
        """
        query = sql.select(_EVENTS.c.kind, _EVENTS.c.body).where(_EVENTS.c.run == run)
        if kinds:
            query = query.where(_EVENTS.c.kind.in_([kind.__name__ for kind in kinds]))
        for kind, body in self._rows(query.order_by(_EVENTS.c.number)):
            yield decode(kind, body, self.text)

    def text(self, digest: str) -> str:
        """Returns the text of a digest, such as that of a program.

        Raises:
            StoreError: There is none.
        """
        rows = self._rows(sql.select(_BLOBS.c.text).where(_BLOBS.c.digest == digest))
        if not rows:
            raise StoreError(f"the journal at {self.url} has lost the text {digest[:12]}")
        return str(rows[0][0])

    def program(self, id: str) -> str:  # noqa: A002 - what everyone calls it
        """Returns the text of the program whose digest begins with an id.

        Raises:
            UsageError: There is none.
        """
        if id.isalnum():
            query = sql.select(_BLOBS.c.text).where(_BLOBS.c.digest.startswith(id.lower())).limit(1)
            for (text,) in self._rows(query):
                return str(text)
        raise UsageError(f"no program {id!r}: expected the digits that tables of a run show")

    def runs(self) -> list[RunRecord]:
        """Returns all runs, the newest first.

        Raises:
            StoreError: The store cannot be read.
        """
        ends = _EVENTS.alias()
        query = (
            sql.select(_RUNS.c.run, _RUNS.c.started, ends.c.body)
            .outerjoin(ends, (ends.c.run == _RUNS.c.run) & (ends.c.kind == RunEnded.__name__))
            .order_by(_RUNS.c.started.desc(), _RUNS.c.run)
        )
        rows = self._rows(query)
        return [RunRecord(run, started, self._status(body)) for run, started, body in rows]

    def _rows(self, query: Executable) -> list[tuple[Any, ...]]:
        with self._lock, self._attributed("reading"), self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def _status(self, body: str | None) -> str:
        if body is None:
            return "unfinished"
        ended = decode(RunEnded.__name__, body, self.text)
        assert isinstance(ended, RunEnded)
        return ended.status

    def _keep(self, connection: Connection, digest: str, text: str) -> None:
        if digest in self._known_blobs:
            return
        # Another run, in another process, may write the same text at this moment.
        insert = _INSERTS[self._engine.dialect.name](_BLOBS).values(digest=digest, text=text)
        connection.execute(insert.on_conflict_do_nothing())

    def _attributed(self, doing: str) -> AbstractContextManager[None]:
        return attributed_to(StoreError, f"{doing} the journal at {self.url}")


def _engine(store: str) -> Engine:
    parsed = _url(store)
    if parsed.get_backend_name() != "sqlite":
        return sql.create_engine(parsed)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sql.create_engine(
        parsed,
        connect_args={"check_same_thread": False, "timeout": 30},
        poolclass=sql.pool.StaticPool,
    )
    with engine.connect() as connection:
        _write_ahead(connection)
    return engine


def _url(store: str) -> sql.URL:
    if "://" in store:
        return sql.make_url(store)
    # Not by way of a text: in a URL the name of a file cannot hold a question mark.
    return sql.URL.create("sqlite", database=str(Path(store).expanduser()))


def _write_ahead(connection: Connection) -> None:
    # The file keeps this mode. Where it is locked, another process is just setting the same.
    with suppress(OperationalError):
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
