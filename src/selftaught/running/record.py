"""The record of a run: what happens is written before anybody else learns of it, and once.

A run that is taken up again is executed from its start. What its journal holds already is served
from there and not written again.
"""

from __future__ import annotations

import threading
from collections import Counter

from selftaught.calls import CallBegan, CallCutShort
from selftaught.errors import StoreError
from selftaught.events import (
    ApplicationEnded,
    ChampionTested,
    Event,
    GenerationEnded,
    Listener,
    ReplyReceived,
    RunEnded,
    RunForked,
    RunResumed,
    RunStarted,
    SeedSolutionScored,
    SessionEnded,
    SessionScored,
    SolutionScored,
)
from selftaught.place import Place, key_of
from selftaught.store import RunWriter
from selftaught.store.codec import encode

_EFFECTS = (ReplyReceived, SolutionScored, SessionEnded, SessionScored)
"""Kinds that know their key."""
_MILESTONES = (RunStarted, RunResumed, RunForked, RunEnded, CallBegan, CallCutShort)
"""Kinds that are written whenever they happen."""


class Record:
    """Listens to a run and writes it; is its history, too. Safe to use from several threads.

    Args:
        writer: Writes the run.
        watch: Told of every event after it is written.
    """

    def __init__(self, writer: RunWriter, watch: Listener) -> None:
        self._writer = writer
        self._watch = watch
        self._lock = threading.Lock()
        self._repeated: Counter[str] = Counter()
        self._unclaimed = writer.in_flight()

    def __call__(self, event: Event) -> None:
        """Records an event.

        Raises:
            StoreError: The journal cannot be written, or contradicts the event.
        """
        key = self._key(event)
        if key is None or not self._writer.has(key):
            self._writer.append(event, key=key)
        elif isinstance(event, DECISIONS):
            self._check_same(event, key)
        elif isinstance(event, ReplyReceived | SolutionScored):
            self._claim(event.place, key)
        self._watch(event)

    def at(self, key: str) -> Event | None:
        """Returns the event with a key; None where it has not happened yet."""
        return self._writer.at(key)

    def answer(self, question: str) -> Event | None:
        """Returns the first event that answers a question, wherever in the run it was asked."""
        return self._writer.answer(question)

    def unclaimed(self, place: Place) -> int:
        """Returns how many effects at a place happened before an interruption and not since."""
        with self._lock:
            return len(self._unclaimed.get(str(place), ()))

    def _claim(self, place: Place, key: str) -> None:
        with self._lock:
            self._unclaimed.get(str(place), set[str]()).discard(key)

    def _key(self, event: Event) -> str | None:
        if isinstance(event, _MILESTONES):
            return None
        if isinstance(event, _EFFECTS):
            return event.key
        if isinstance(event, DECISIONS):
            return decision_key(event)
        encoded = encode(event)
        with self._lock:
            content = key_of(encoded.kind, encoded.body)
            self._repeated[content] += 1
            return key_of(content, self._repeated[content])

    def _check_same(self, event: Event, key: str) -> None:
        known = self._writer.at(key)
        if known is not None and encode(known) != encode(event):
            raise StoreError(
                f"the run {self._writer.run} cannot go on: what its journal holds leads to another "
                f"{type(event).__name__} than the one written there. Another version of "
                "selftaught, or of a task, began it; give another --name for a new run"
            )


Decision = SeedSolutionScored | GenerationEnded | ChampionTested | ApplicationEnded
"""An event that follows from effects: executed again, a run must come to the same one."""
DECISIONS = (SeedSolutionScored, GenerationEnded, ChampionTested, ApplicationEnded)


def decision_key(event: Decision) -> str:
    """Returns the key of a decision."""
    match event:
        case SeedSolutionScored(task=task):
            return key_of("seed", task)
        case GenerationEnded(t=t):
            return key_of("generation", t)
        case _:
            return key_of(type(event).__name__)
