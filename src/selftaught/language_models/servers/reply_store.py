"""Replies that were paid for, in an SQLite file that several processes may use at once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import platformdirs
import sqlalchemy as sql
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from selftaught.client import Finish, Reply
from selftaught.errors import StoreError

_TABLES = sql.MetaData()
_REPLIES = sql.Table(
    "replies",
    _TABLES,
    sql.Column("key", sql.String(64), primary_key=True),
    sql.Column("model", sql.String(256), nullable=False),
    sql.Column("text", sql.Text, nullable=False),
    sql.Column("finish", sql.String(16), nullable=False),
    sql.Column("tokens", sql.Integer),
    sql.Column("dollars", sql.Float),
    sql.Column("time", sql.Float, nullable=False),
)
_MOST_AT_ONCE = 500


def default_cache() -> Path:
    """Returns the file: ``$SELFTAUGHT_CACHE``, else one in the user's cache folder."""
    named = os.environ.get("SELFTAUGHT_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("selftaught")) / "replies.db"


class ReplyStore:
    """Replies by key. Safe to use from several threads and processes.

    A reply that is there is never replaced: whoever comes second gets what the first kept.

    Args:
        path: The file; it is made where there is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    def known(self, keys: Collection[str]) -> dict[str, Reply]:
        """Returns the replies that are there, by their keys.

        Raises:
            StoreError: The file cannot be read.
        """
        wanted = sorted(set(keys))
        found: dict[str, Reply] = {}
        with self._connected() as connection:
            for start in range(0, len(wanted), _MOST_AT_ONCE):
                some = wanted[start : start + _MOST_AT_ONCE]
                for row in connection.execute(sql.select(_REPLIES).where(_REPLIES.c.key.in_(some))):
                    found[row.key] = Reply(
                        row.text, row.tokens, row.dollars, Finish(row.finish), row.model
                    )
        return found

    def keep(self, replies: Mapping[str, Reply]) -> None:
        """Keeps replies that are not there yet.

        Raises:
            StoreError: The file cannot be written.
        """
        rows = [
            {
                "key": key,
                "model": reply.model,
                "text": reply.text,
                "finish": str(reply.finish),
                "tokens": reply.tokens,
                "dollars": reply.dollars,
                "time": time.time(),
            }
            for key, reply in replies.items()
        ]
        with self._connected() as connection:
            connection.execute(sqlite.insert(_REPLIES).on_conflict_do_nothing(), rows)

    @contextmanager
    def _connected(self) -> Generator[Connection]:
        try:
            with self._lock, self._opened().begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            reason = getattr(error, "orig", None) or error
            raise StoreError(f"the cache of replies {self._path}: {reason}") from error

    def _opened(self) -> Engine:
        if self._engine is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            engine = sql.create_engine(
                sql.URL.create("sqlite", database=str(self._path)),
                connect_args={"timeout": 30},
                poolclass=sql.pool.NullPool,
            )
            with engine.begin() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                connection.execute(sql.schema.CreateTable(_REPLIES, if_not_exists=True))
            self._engine = engine
        return self._engine
