"""Runs and their events in a database, through SQLAlchemy; SQLite where no URL is given."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    SQLAlchemyError,
)

from selftaught.errors import StoreError, UsageError, attributed_to, shown
from selftaught.events import (
    ApplicationEnded,
    ChampionTested,
    Event,
    GenerationEnded,
    ReplyReceived,
    RunEnded,
    RunStarted,
    SessionEnded,
    SolutionScored,
)
from selftaught.extraction import code_in
from selftaught.solution import Solution
from selftaught.store.codec import decode, encode, storable
from selftaught.store.tables import BLOBS, EVENTS, RUNS, TABLES
from selftaught.store.urls import url_of, without_password

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_WITH_PROGRAMS = (
    SolutionScored,
    SessionEnded,
    GenerationEnded,
    ReplyReceived,
    ChampionTested,
    ApplicationEnded,
)


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
        self._lock = threading.Lock()
        self._numbers: dict[str, int] = {}
        self._known_blobs: set[str] = set()
        self._shown = without_password(store)
        with self._attributed("opening"):
            self._engine = _engine(store)
            with _closed_on_failure(self._engine), self._engine.begin() as connection:
                for table in TABLES.sorted_tables:
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
                    connection.execute(RUNS.insert().values(run=started.run, started=time.time()))
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
                EVENTS.insert().values(
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
        query = sql.select(EVENTS.c.kind, EVENTS.c.body).where(EVENTS.c.run == run)
        if kinds:
            query = query.where(EVENTS.c.kind.in_([kind.__name__ for kind in kinds]))
        for kind, body in self._rows(query.order_by(EVENTS.c.number)):
            yield decode(kind, body, self.text)

    def text(self, digest: str) -> str:
        """Returns the text of a digest, such as that of a program.

        Raises:
            StoreError: There is none.
        """
        rows = self._rows(sql.select(BLOBS.c.text).where(BLOBS.c.digest == digest))
        if not rows:
            raise StoreError(f"the journal at {self._shown} has lost the text {digest[:12]}")
        return str(rows[0][0])

    def program(self, id: str, *, run: str) -> str:  # noqa: A002 - what everyone calls it
        """Returns the text of the program of a run whose digest begins with an id.

        Raises:
            UsageError: There is none, or there are several.
        """
        events = self.events(run, kinds=_WITH_PROGRAMS)
        programs = {solution for event in events for solution in _programs(event)}
        found = [each for each in programs if id and each.digest.startswith(id.lower())]
        if not found:
            raise UsageError(
                f"no program {shown(id)} in run {run}: expected the digits that its tables show"
            )
        if len(found) > 1:
            names = ", ".join(sorted(each.id for each in found)[:5])
            raise UsageError(f"{len(found)} programs begin with {id!r}, such as {names}")
        return found[0].text

    def runs(self) -> list[RunRecord]:
        """Returns all runs, the newest first.

        Raises:
            StoreError: The store cannot be read.
        """
        ends = EVENTS.alias()
        query = (
            sql.select(RUNS.c.run, RUNS.c.started, ends.c.body)
            .outerjoin(ends, (ends.c.run == RUNS.c.run) & (ends.c.kind == RunEnded.__name__))
            .order_by(RUNS.c.started.desc(), RUNS.c.run)
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
        insert = _INSERTS[self._engine.dialect.name](BLOBS).values(digest=digest, text=text)
        connection.execute(insert.on_conflict_do_nothing())

    @contextmanager
    def _attributed(self, doing: str) -> Generator[None]:
        where = f"{doing} the journal at {self._shown}"
        with attributed_to(StoreError, where):
            try:
                yield
            except ArgumentError as error:
                kinds = "the path of a file, or a URL of SQLite or PostgreSQL"
                raise UsageError(f"{where}: expected {kinds} ({error.args[0]})") from error
            except DBAPIError as error:
                # Only the database's own words: the rest is our SQL, and links.
                raise StoreError(f"{where}: {error.orig}") from error
            except SQLAlchemyError as error:
                raise StoreError(f"{where}: {error.args[0]}") from error


def _programs(event: Event) -> list[Solution]:
    match event:
        case SolutionScored(solution=solution):
            found = [solution]
        case SessionEnded(improver=improver, returned=returned):
            found = [improver, returned]
        case GenerationEnded(improver=improver, challenger=challenger):
            found = [improver, challenger]
        case ChampionTested(champion=champion):
            found = [champion]
        case ApplicationEnded(improver=improver, solution=applied):
            found = [improver, applied]
        case ReplyReceived(reply=reply, solution=str()):
            found = [Solution(code_in(reply) or "")]
        case _:
            found = []
    return [solution for solution in found if solution is not None]


def _engine(store: str) -> Engine:
    parsed = url_of(store)
    if parsed.get_backend_name() not in _INSERTS:
        raise ArgumentError(f"not {parsed.get_backend_name()!r}")
    if parsed.get_backend_name() != "sqlite":
        return sql.create_engine(parsed)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sql.create_engine(
        parsed,
        connect_args={"check_same_thread": False, "timeout": 30},
        poolclass=sql.pool.StaticPool,
    )
    with _closed_on_failure(engine), engine.connect() as connection:
        _check_ours(connection)
        _write_ahead(connection)
    return engine


@contextmanager
def _closed_on_failure(engine: Engine) -> Generator[None]:
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


def _check_ours(connection: Connection) -> None:
    names, ours = set(sql.inspect(connection).get_table_names()), set(TABLES.tables)
    if names - ours and not ours <= names:
        others = ", ".join(sorted(names - ours)[:3])
        raise UsageError(
            f"{connection.engine.url.database} is no journal but another database, with {others}: "
            "give the path of another file"
        )


def _write_ahead(connection: Connection) -> None:
    # The file keeps this mode. Where it is locked, another process is just setting the same.
    with suppress(OperationalError):
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
