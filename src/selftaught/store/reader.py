"""What a run holds already, looked up by keys and by questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import sqlalchemy as sql

from selftaught.events import Event, ReplyReceived, SessionEnded, SolutionScored
from selftaught.place import Place
from selftaught.store.chain import Row
from selftaught.store.database import Database
from selftaught.store.tables import EVENTS

_COLUMNS = [EVENTS.c[name] for name in Row.__dataclass_fields__]


class RunReader:
    """Looks events of a run up. Safe to use from several threads.

    Args:
        database: Where the run is.
        run: Its name.
        decoded: Returns the event in a row.
    """

    def __init__(self, database: Database, run: str, decoded: Callable[[Row], Event]) -> None:
        self.run = run
        self._database = database
        self._decoded = decoded
        self._keys: set[str] = set()
        self._questions: frozenset[str] = frozenset()

    def load(self) -> None:
        """Reads which keys and questions there are.

        Raises:
            StoreError: The store cannot be read.
        """
        query = sql.select(EVENTS.c.key, EVENTS.c.question).where(EVENTS.c.run == self.run)
        rows = self._database.read(query)
        self._keys = {key for key, _ in rows if key}
        self._questions = frozenset(question for _, question in rows if question)

    def has(self, key: str) -> bool:
        """Tells whether an event with a key is written."""
        return key in self._keys

    def at(self, key: str) -> Event | None:
        """Returns the event with a key.

        Raises:
            StoreError: The store cannot be read.
        """
        return self._first(EVENTS.c.key == key) if key in self._keys else None

    def answer(self, question: str) -> Event | None:
        """Returns the first event that answered a question before the run was taken up again.

        Raises:
            StoreError: The store cannot be read.
        """
        is_known = question in self._questions
        return self._first(EVENTS.c.question == question) if is_known else None

    def unclaimed(self, place: Place) -> int:
        """Returns 0: nothing was interrupted; see `History`."""
        del place
        return 0

    def in_flight(self) -> Mapping[str, set[str]]:
        """Returns the keys of replies and scores of the sessions that did not end, by place.

        Raises:
            StoreError: The store cannot be read.
        """
        kinds = [kind.__name__ for kind in (ReplyReceived, SolutionScored, SessionEnded)]
        query = sql.select(EVENTS.c.kind, EVENTS.c.place, EVENTS.c.key)
        query = query.where((EVENTS.c.run == self.run) & EVENTS.c.kind.in_(kinds))
        keys: defaultdict[str, set[str]] = defaultdict(set)
        ended: set[str] = set()
        for kind, place, key in self._database.read(query):
            if kind == SessionEnded.__name__:
                ended.add(place)
            elif key:
                keys[place].add(key)
        return {place: found for place, found in keys.items() if place not in ended}

    def _first(self, condition: sql.ColumnElement[bool]) -> Event | None:
        query = sql.select(*_COLUMNS).where((EVENTS.c.run == self.run) & condition)
        rows = self._database.read(query.order_by(EVENTS.c.number).limit(1))
        return self._decoded(Row(*rows[0])) if rows else None
