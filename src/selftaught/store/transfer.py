"""Whole runs into and out of a database, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from selftaught.errors import StoreError
from selftaught.events import RunEnded
from selftaught.store.chain import Row
from selftaught.store.database import Database
from selftaught.store.tables import BLOBS, RUNS
from selftaught.store.writer import insert_rows

_TEXTS_AT_ONCE = 100


class Piece(NamedTuple):
    """Some of a run's events, and some texts."""

    rows: Sequence[Row]
    texts: Mapping[str, str]
    """By digest."""


def insert_run(
    database: Database, run: str, pieces: Callable[[], Iterable[Piece]], *, started: float
) -> None:
    """Inserts a run, all of it or nothing.

    Args:
        database: Where to.
        run: Its name there.
        pieces: Gives the run piece by piece, its events in order; asked again where the server
            restarted.
        started: When it began, in seconds since 1970.

    Raises:
        Conflict: There is a run of that name.
        StoreError: The database cannot be written.
    """

    def work(connection: Connection) -> None:
        connection.execute(RUNS.insert().values(run=run, started=started))
        head = None
        for rows, texts in pieces():
            insert_rows(database, connection, run, rows, texts)
            ends = [row.hash for row in rows if row.kind == RunEnded.__name__]
            head = ends[-1] if ends else head
        connection.execute(RUNS.update().where(RUNS.c.run == run).values(head=head))

    database.write(work)


def read_texts(database: Database, digests: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yields digests with their texts, in the order of the digests.

    Raises:
        StoreError: One is missing, or the database cannot be read.
    """
    remaining = iter(digests)
    while some := list(islice(remaining, _TEXTS_AT_ONCE)):
        query = sql.select(BLOBS.c.digest, BLOBS.c.text).where(BLOBS.c.digest.in_(some))
        found = {str(digest): str(text) for digest, text in database.read(query)}
        for digest in some:
            if digest not in found:
                raise StoreError(f"the journal at {database.name} has lost the text {digest[:12]}")
            yield digest, found[digest]
