"""Where a journal is: the path of a file, or a URL of SQLAlchemy."""

from __future__ import annotations

import os
import re
from pathlib import Path

import platformdirs
import sqlalchemy as sql
from sqlalchemy.exc import ArgumentError


def without_password(store: str) -> str:
    """Returns a store's name without the passwords of a URL, wherever they stand in it.

    Example:
        >>> without_password("postgresql://me:secret@host/db?password=secret")
        'postgresql://me:***@host/db?password=***'
    """
    if "://" not in store:
        return store
    hidden = re.sub(r"(?<=://)([^:/@?]*):.*@", r"\1:***@", store, flags=re.DOTALL)
    return re.sub(r"(?i)([?&;][^=&;]*(?:passw|pwd|secret|token)[^=&;]*=)[^&;]*", r"\1***", hidden)


def is_there(store: str) -> bool:
    """Tells whether the file of a store exists; of a database elsewhere it is assumed."""
    try:
        url = url_of(store)
    except ArgumentError:
        return True
    has_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return (
        not has_file or str(url.database).startswith("file:") or Path(str(url.database)).is_file()
    )


def default_store() -> str:
    """Returns the store: ``$SELFTAUGHT_STORE``, else a file in the user's data folder."""
    named = os.environ.get("SELFTAUGHT_STORE")
    return named or str(Path(platformdirs.user_data_dir("selftaught")) / "journal.db")


def stop_file(store: str) -> Path | None:
    """Returns the file that, while it exists, stops all runs of a store and lets none begin.

    It is ``$SELFTAUGHT_STOP_FILE``, else the journal's file with ``.stop`` behind its name; None
    for a database on a server.
    """
    if named := os.environ.get("SELFTAUGHT_STOP_FILE"):
        return Path(named)
    url = url_of(store)
    has_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(f"{url.database}.stop") if has_file else None


def url_of(store: str) -> sql.URL:
    """Returns the URL of a store."""
    if "://" in store:
        return sql.make_url(store)
    # Not by way of a text: in a URL the name of a file cannot hold a question mark.
    return sql.URL.create("sqlite", database=str(Path(store).expanduser()))
