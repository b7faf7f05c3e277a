"""The runs of a store: when each began, and how it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sql

from selftaught.events import RunEnded, RunForked, RunResumed
from selftaught.store.codec import decode
from selftaught.store.database import Database
from selftaught.store.tables import EVENTS, RUNS


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run, in a list of runs."""

    run: str
    started: float
    """Seconds since 1970."""
    status: str
    """``done``, ``cut short`` or ``failed``; ``under way`` where a process writes it, and
    ``unfinished`` where it was killed."""


def listed(
    database: Database, text: Callable[[str], str], run: str | None = None
) -> list[RunRecord]:
    """Returns runs, the newest first.

    Args:
        database: Where they are.
        text: Returns the text of a digest.
        run: The name of the only one; None: all.

    Raises:
        StoreError: The store cannot be read.
    """
    ends = [kind.__name__ for kind in (RunEnded, RunResumed, RunForked)]
    last = (
        sql.select(EVENTS.c.run, sql.func.max(EVENTS.c.number).label("number"))
        .where(EVENTS.c.kind.in_(ends) & (True if run is None else EVENTS.c.run == run))
        .group_by(EVENTS.c.run)
        .subquery()
    )
    is_last = (EVENTS.c.run == last.c.run) & (EVENTS.c.number == last.c.number)
    query = (
        sql.select(RUNS.c.run, RUNS.c.started, EVENTS.c.kind, EVENTS.c.body)
        .outerjoin(last, last.c.run == RUNS.c.run)
        .outerjoin(EVENTS, is_last)
        .order_by(RUNS.c.started.desc(), RUNS.c.run)
    )
    if run is not None:
        query = query.where(RUNS.c.run == run)

    def status(name: str, kind: str | None, body: str | None) -> str:
        ended = decode(kind, body, text) if kind and body else None
        if isinstance(ended, RunEnded):
            return ended.status
        return "under way" if database.is_claimed(name) else "unfinished"

    return [
        RunRecord(name, started, status(name, kind, body))
        for name, started, kind, body in database.read(query)
    ]
