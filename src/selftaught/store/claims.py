"""Claims: who writes a run. A claim ends with the process that holds it, however that ends.

On a file it is a lock of the operating system, on PostgreSQL one of the server: neither needs a
clock, and neither outlives its holder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

_TRIES = 5
_PAUSE_SECONDS = 0.1
"""Whoever only looks whether a run is claimed holds it for a moment."""


class Claim(Protocol):
    """The right to write a run."""

    def renew(self) -> bool:
        """Makes sure of it after the way to the database was cut; False where another has it."""
        ...

    def release(self) -> None:
        """Gives it back; never fails, and a second time does nothing."""
        ...


def claim(engine: Engine, run: str) -> Claim | None:
    """Claims a run.

    Returns:
        The claim; None where another process, or another thread, has it.

    Raises:
        OSError: The lock cannot be made, as in a folder that is read-only.
        SQLAlchemyError: The server cannot be reached.
    """
    for _ in range(_TRIES):
        found = _claim_once(engine, run)
        if found is not None:
            return found
        time.sleep(_PAUSE_SECONDS)
    return None


def _claim_once(engine: Engine, run: str) -> Claim | None:
    if engine.dialect.name == "postgresql":
        server_claim = _ServerClaim(engine, run)
        return server_claim if server_claim.renew() else None
    path = _path(engine, run)
    return _Nobodys() if path is None else _claim_file(path)


def is_claimed(engine: Engine, run: str) -> bool:
    """Tells whether somebody has claimed a run; changes nothing.

    Raises:
        OSError: The lock cannot be looked at.
        SQLAlchemyError: The server cannot be reached.
    """
    path = None if engine.dialect.name == "postgresql" else _path(engine, run)
    if engine.dialect.name != "postgresql" and (path is None or not path.exists()):
        return False
    found = _claim_once(engine, run)
    if found is not None:
        found.release()
    return found is None


def _path(engine: Engine, run: str) -> Path | None:
    """Returns the file whose lock is the claim; None where nobody else can open the database."""
    file = file_of(engine)
    return None if file is None else Path(f"{file}.claims") / run


def file_of(engine: Engine) -> Path | None:
    """Returns the file of a database, by whatever name it was opened; None where it has none."""
    name = engine.url.database or ""
    if engine.dialect.name != "sqlite" or name in ("", ":memory:") or "mode=memory" in name:
        return None
    if name.startswith("file:"):
        name = unquote(name.removeprefix("file:").partition("?")[0])
        if not name or name == ":memory:" or engine.url.query.get("mode") == "memory":
            return None
    return Path(name).resolve()


class _Nobodys:
    """Of a database that nobody else can open."""

    def renew(self) -> bool:
        return True

    def release(self) -> None:
        pass


class _FileClaim:
    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor: int | None = descriptor

    def renew(self) -> bool:
        return True

    def release(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with suppress(OSError):
                self._path.unlink()
            os.close(descriptor)


def _claim_file(path: Path) -> _FileClaim | None:
    path.parent.mkdir(exist_ok=True)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        # Whoever had it may have removed the file between our opening and our locking it.
        if _is_still_there(path, descriptor):
            return _FileClaim(path, descriptor)
        os.close(descriptor)


def _is_still_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


class _ServerClaim:
    """A lock of the server's, which lasts as long as one connection."""

    def __init__(self, engine: Engine, run: str) -> None:
        self._engine = engine
        self._run = run
        self._number = 0
        self._connection: Connection | None = None

    def renew(self) -> bool:
        if self._connection is not None and _is_alive(self._connection):
            return True
        self._end()
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection = connection
        # Locks belong to a database; runs of the same name may lie in several of its schemas.
        schema = connection.execute(sql.select(sql.func.current_schema())).scalar()
        name = f"{schema}/{self._run}".encode()
        self._number = int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True)
        lock = sql.select(sql.func.pg_try_advisory_lock(self._number))
        got = bool(connection.execute(lock).scalar())
        if not got:
            self._end()
        return got

    def release(self) -> None:
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                # The server learns of the end of a connection a moment later.
                self._connection.execute(sql.select(sql.func.pg_advisory_unlock(self._number)))
        self._end()

    def _end(self) -> None:
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                # For good: in the pool it would stay open.
                self._connection.invalidate()
            with suppress(SQLAlchemyError):
                self._connection.close()
        self._connection = None


def _is_alive(connection: Connection) -> bool:
    try:
        connection.execute(sql.select(1))
    except SQLAlchemyError:
        return False
    return True
