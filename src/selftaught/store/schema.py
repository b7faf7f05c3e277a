"""Which version of the tables a database has, and how it comes to the newest one.

A new database gets the tables as they are; an older one is brought up to them by Alembic, in one
transaction. Alembic is loaded only then.
"""

from __future__ import annotations

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from selftaught.errors import StoreError, UsageError
from selftaught.store.tables import TABLES

NEWEST = "0002"
"""The version that `tables` describes."""
KNOWN = ("0001", NEWEST)
_BEFORE_VERSIONS = frozenset({"runs", "events", "blobs"})
_VERSION = sql.Table("alembic_version", sql.MetaData(), sql.Column("version_num", sql.String(32)))
_LOCK = 0x5E1F_7A06
"""PostgreSQL's lock for whoever makes or changes tables."""


def bring_up_to_date(connection: Connection, *, name: str) -> None:
    """Makes or migrates the tables.

    Args:
        connection: In a transaction, which is left to the caller to commit.
        name: Of the database, for messages.

    Raises:
        StoreError: The database is a newer version's.
        UsageError: It is another program's.
    """
    _wait_for_others(connection)
    version = _version(connection, name)
    if version is None:
        TABLES.create_all(connection)
        _VERSION.create(connection, checkfirst=True)
        connection.execute(_VERSION.insert().values(version_num=NEWEST))
    elif version != NEWEST:
        migrate(connection, version)


def is_current(connection: Connection) -> bool:
    """Tells whether there is nothing to do."""
    # Other programs number their versions, too.
    is_ours = set(sql.inspect(connection).get_table_names()) >= _BEFORE_VERSIONS
    return is_ours and _stamp(connection) == NEWEST


def migrate(connection: Connection, version: str, target: str = "head") -> None:
    """Brings tables of an older version up to a newer one."""
    from alembic import command  # noqa: PLC0415 - takes most of a second, and is rarely needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "selftaught.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    if _stamp(connection) is None:
        command.stamp(config, version)
    command.upgrade(config, target)


def _version(connection: Connection, name: str) -> str | None:
    """Returns the version of the tables; None where there are none."""
    tables = set(sql.inspect(connection).get_table_names())
    if tables >= _BEFORE_VERSIONS:
        version = _stamp(connection) or KNOWN[0]
        if version not in KNOWN:
            raise StoreError(
                f"{name} was written by a newer version of selftaught (tables {version!r}; this "
                f"one knows {NEWEST!r}): install that, or give another --store"
            )
        return version
    if others := sorted(tables - {_VERSION.name}):
        raise UsageError(
            f"{name} is no journal but another database, with {', '.join(others[:3])}: "
            "give the path of another file"
        )
    return None


def _stamp(connection: Connection) -> str | None:
    if not sql.inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(sql.select(_VERSION.c.version_num)).scalar()


def _wait_for_others(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sql.select(sql.func.pg_advisory_xact_lock(_LOCK)))
