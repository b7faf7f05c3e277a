"""Whether two runs agree, in one word: the hash of what they decided and measured."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from selftaught.events import ApplicationEnded, ChampionTested, Event, GenerationEnded

RESULT_EVENTS = (GenerationEnded, ChampionTested, ApplicationEnded)
"""The kinds of events that a result consists of."""


def result_hash(events: Iterable[Event]) -> str:
    """Returns the hash of a run's decisions and scores: equal where two runs agree."""
    facts: list[object] = []
    for event in events:
        match event:
            case GenerationEnded():
                scores = (event.search, event.gate, event.incumbent_gate, event.test)
                facts.append((event.t, event.improver.digest, event.accepted, scores))
            case ApplicationEnded():
                scores = (event.seed_scores, event.scores)
                facts.append((event.task, event.solution.digest, event.status, scores))
            case ChampionTested():
                facts.append((event.champion.digest, event.scores, event.seed_scores))
            case _:
                pass
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
