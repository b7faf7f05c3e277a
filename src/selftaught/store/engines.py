"""What connects to a database: a file of SQLite, a server of PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.event import listen
from sqlalchemy.exc import ArgumentError

from selftaught.store.urls import url_of

_KNOWN = ("sqlite", "postgresql")
_BUSY_SECONDS = 30
"""How long another process may hold the lock of a file."""


def engine_of(store: str) -> Engine:
    """Returns what connects to a store; a file that cannot be written is opened for reading.

    Raises:
        ArgumentError: It is neither SQLite nor PostgreSQL.
    """
    parsed = url_of(store)
    if _can_only_be_read(parsed):
        return _read_only(parsed)
    if parsed.get_backend_name() not in _KNOWN:
        raise ArgumentError(f"not {parsed.get_backend_name()!r}")
    if parsed.get_backend_name() != "sqlite":
        return sql.create_engine(parsed, connect_args={"connect_timeout": 10})
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = _sqlite(parsed)
    listen(engine, "connect", _durable)
    return engine


def is_read_only(engine: Engine) -> bool:
    """Tells whether an engine only reads."""
    return engine.url.query.get("mode") == "ro"


def _sqlite(url: sql.URL) -> Engine:
    options = {"check_same_thread": False, "timeout": _BUSY_SECONDS, "isolation_level": None}
    engine = sql.create_engine(url, connect_args=options, poolclass=sql.pool.StaticPool)
    listen(engine, "begin", _begin)
    return engine


def _can_only_be_read(url: sql.URL) -> bool:
    """Tells whether a journal is there, and neither it nor its folder can be written."""
    is_plain = url.get_backend_name() == "sqlite" and url.database and "?" not in url.database
    if not is_plain or url.database == ":memory:" or str(url.database).startswith("file:"):
        return False
    file = Path(str(url.database))
    is_closed = not Path(f"{file}-wal").exists()
    writable = os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)
    return file.is_file() and is_closed and not writable


def _read_only(url: sql.URL) -> Engine:
    # Nobody can change the file, so SQLite needs no locks, for which it would have to write.
    path = quote(str(Path(str(url.database)).absolute()))
    return _sqlite(sql.make_url(f"sqlite:///file:{path}?mode=ro&immutable=1&uri=true"))


def _durable(connection: Any, _: object) -> None:  # noqa: ANN401 - SQLAlchemy's hook
    # What is committed is on the disk, also when the power goes.
    connection.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    # Python's own transactions would leave out changes of tables.
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
