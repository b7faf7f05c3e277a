"""A database that holds a journal: opened, brought up to date, and waited for when it restarts."""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sql
from sqlalchemy import Executable
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from selftaught.errors import StoreError, UsageError, attributed_to
from selftaught.store.claims import Claim, claim, file_of, is_claimed
from selftaught.store.engines import engine_of, is_read_only
from selftaught.store.schema import bring_up_to_date, is_current
from selftaught.store.urls import without_password

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
"""How long a database server may be gone, as while it restarts."""
_HURRIED_SECONDS = 5.0
"""The same while a journal is opened, and when the run is to end."""
_RESTARTING = ("57P01", "57P02", "57P03", "08")
"""Beginnings of PostgreSQL's codes for a server that goes down, comes up or cannot be reached."""


class Conflict(StoreError):
    """Somebody else has written what can be there only once."""


class Database:
    """A database with the tables of a journal. Safe to use from several threads.

    Args:
        store: A path of an SQLite file, or a URL of SQLAlchemy.

    Attributes:
        cuts: How often the way to the server was cut; claims may have been lost each time.

    Raises:
        StoreError: It cannot be opened, or is no journal.
        UsageError: The URL is none.
    """

    def __init__(self, store: str) -> None:
        self.name = without_password(store)
        self.cuts = 0
        self._patience = _HURRIED_SECONDS
        self._claims: list[Claim] = []
        self._lock = threading.RLock()
        with self._attributed("opening"):
            self._engine = engine_of(store)
            self._file = _File.of(self._engine)
            try:
                self._again("opening", self._open)
            except BaseException:
                self._engine.dispose()
                raise
            self._file = _File.of(self._engine)
        self._patience = PATIENCE_SECONDS

    def close(self) -> None:
        """Gives back what is claimed, and closes the connections."""
        for each in self._claims:
            each.release()
        self._engine.dispose()

    def check_writable(self) -> None:
        """Makes sure that the database was not opened for reading only.

        Raises:
            StoreError: It was: its file or folder cannot be written.
        """
        if is_read_only(self._engine):
            raise StoreError(
                f"writing to the journal at {self.name}: its file or folder is read-only; give "
                "another --store"
            )

    def hurry(self) -> None:
        """Waits for a server that is gone a few seconds at most from now on."""
        self._patience = _HURRIED_SECONDS

    def insert(self, table: sql.Table) -> Executable:
        """Returns a statement that inserts rows where there are none with their primary keys."""
        # Both dialects say it alike; loading the one that is not used takes a tenth of a second.
        dialect = importlib.import_module(f"sqlalchemy.dialects.{self._engine.dialect.name}")
        return dialect.insert(table).on_conflict_do_nothing()

    def read(self, query: Executable, *, patiently: bool = True) -> list[tuple[Any, ...]]:
        """Returns rows.

        Args:
            query: What to read.
            patiently: Waits for a server that is gone.

        Raises:
            StoreError: The database cannot be read.
        """
        if patiently:
            return self._patiently("reading", lambda connection: _rows(connection, query))
        with self._attributed("reading"), self._lock, self._engine.begin() as connection:
            return _rows(connection, query)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Does work in a transaction, again where the server restarted meanwhile.

        Args:
            work: May be done twice: the first time may have been committed, unknown to us.

        Raises:
            Conflict: It is there already.
            StoreError: The database cannot be written.
        """
        return self._patiently("writing to", work)

    def claim(self, run: str) -> Claim | None:
        """Claims a run; see `claims.claim`.

        Raises:
            StoreError: No claim can be made.
        """
        found = self._again("claiming a run in", lambda: claim(self._engine, run))
        if found is not None:
            self._claims.append(found)
        return found

    def is_claimed(self, run: str) -> bool:
        """Tells whether somebody has claimed a run; see `claims.is_claimed`.

        Raises:
            StoreError: It cannot be found out.
        """
        with self._attributed("reading"):
            return is_claimed(self._engine, run)

    def _open(self) -> None:
        with self._engine.connect() as connection:
            if is_current(connection):
                return
        # Another process may open the same new file at this moment.
        alone = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        with alone.begin() as connection:
            bring_up_to_date(connection, name=self.name)
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection, suppress(OperationalError):
                # The file keeps this mode. Where it is locked, somebody is just setting the same.
                driver = connection.connection.driver_connection
                assert driver is not None
                driver.execute("PRAGMA journal_mode=WAL")

    def _patiently(self, doing: str, work: Callable[[Connection], T]) -> T:
        def attempt() -> T:
            self._file.check()
            with self._lock, self._engine.begin() as connection:
                return work(connection)

        return self._again(doing, attempt)

    def _again(self, doing: str, attempt: Callable[[], T]) -> T:
        """Returns what comes of an attempt, made again while the server restarts."""
        began = time.monotonic()
        pause = 0.1
        with self._attributed(doing):
            while True:
                try:
                    return attempt()
                except DBAPIError as error:
                    if not _is_passing(error):
                        raise
                    if time.monotonic() - began > self._patience:
                        # Many threads may wait in line: the others need not wait as long again.
                        self._patience = 0.0
                        raise
                    # The pool drops what was cut; what is in use elsewhere is left to its user.
                    self.cuts += 1
                time.sleep(pause)
                pause = min(2 * pause, 2.0)

    @contextmanager
    def _attributed(self, doing: str) -> Generator[None]:
        where = f"{doing} the journal at {self.name}"
        with attributed_to(StoreError, where):
            try:
                yield
            except (ArgumentError, NoSuchModuleError) as error:
                kinds = "the path of a file, or a URL of SQLite or PostgreSQL"
                raise UsageError(f"{where}: expected {kinds} ({error.args[0]})") from error
            except ModuleNotFoundError as error:
                raise UsageError(
                    f"{where}: {error.name} is missing; install: pip install 'selftaught[postgres]'"
                ) from error
            except IntegrityError as error:
                raise Conflict(f"{where}: {error.orig}") from error
            except DBAPIError as error:
                # Only the database's own words: the rest is our SQL, and links.
                raise StoreError(f"{where}: {error.orig}") from error
            except SQLAlchemyError as error:
                raise StoreError(f"{where}: {error.args[0]}") from error


@dataclass(frozen=True, slots=True)
class _File:
    """The file of a database, which must stay the one that was opened."""

    path: Path | None
    """None: it is on a server, or in memory."""
    inode: int | None = None

    @classmethod
    def of(cls, engine: Engine) -> _File:
        path = file_of(engine)
        there = path is not None and path.exists()
        return cls(path if there else None, path.stat().st_ino if path and there else None)

    def check(self) -> None:
        """Makes sure that the file is there: SQLite would go on writing to a deleted one."""
        if self.path is None:
            return
        try:
            is_same = self.path.stat().st_ino == self.inode
        except OSError:
            is_same = False
        if not is_same:
            raise StoreError(
                f"the journal {self.path} was deleted or replaced while it was in use: "
                "what is written from now on would be lost"
            )


def _rows(connection: Connection, query: Executable) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(query)]


def _is_passing(error: DBAPIError) -> bool:
    """Tells whether a server restarts, or the way to it is cut."""
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlstate", "")  # None: no server answered
    is_gone = code is None or str(code).startswith(_RESTARTING)
    return isinstance(error, OperationalError) and hasattr(error.orig, "sqlstate") and is_gone
