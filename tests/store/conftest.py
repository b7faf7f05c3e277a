"""A run of every kind of event, in a journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from selftaught.events import (
    ApplicationEnded,
    Attempted,
    ChampionTested,
    Diverged,
    Event,
    GenerationEnded,
    PhaseStarted,
    Refused,
    ReplyReceived,
    RunEnded,
    RunResumed,
    RunStarted,
    SeedSolutionScored,
    SessionEnded,
    SessionScored,
    SolutionScored,
)
from selftaught.experiment import Experiment
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.store import Journal

SEED = Solution("def improve_algorithm(initial_solution, utility, language_model):\n    pass  # é☃")
CHALLENGER = Solution(f"{SEED.text} 𝄞")
PROGRAM = Solution("def algorithm(x):\n    return x")
PROMPT = "Improve this ☃ program.\n" * 20
PLACE = Place(("t1", "search", SEED.id, "lpn", "0"))


def started(run: str) -> RunStarted:
    experiment = Experiment(name=run, store="/home/somebody/journal.db").plain()
    return RunStarted(run, experiment, {"python": "3.11"}, "full", {"improver": SEED, "tasks": []})


def reply(number: int) -> ReplyReceived:
    text = f"```python\nx = {number}\n```" + " and so on" * 30
    solution = Solution(f"x = {number}").id
    tokens, dollars = (2**60 + 1, 0.25) if number else (None, None)
    request = ("editor", "You edit.", PROMPT, 0.7, "a", number)
    return ReplyReceived(PLACE, *request, text, "stop", tokens, dollars, solution, "call")


EVENTS: list[Event] = [
    PhaseStarted(Place(("t1", "propose")), "propose", 1),
    SeedSolutionScored("lpn", 0.5, (0.25, 0.75)),
    reply(0),
    reply(1),
    SolutionScored(PLACE, PROGRAM, 0.5, (0.25, 0.75), {"error": 1}, "why " * 100, 0.125, 0, "q"),
    Refused(PLACE, "session", "calls", "no more calls"),
    Attempted(PLACE, SEED, "set a budget"),
    SessionEnded(PLACE, SEED, PROGRAM, "returned", "", "printed", 0.5),
    SessionScored(PLACE, SEED, "search", "lpn", 0, 0.5),
    RunResumed("first", {"python": "3.12"}, "full", {"calls": 1.0}),
    Diverged(PLACE, SEED, 2),
    GenerationEnded(0, SEED, None, True, "seed", (0.5, 0.25), None, None, None),
    GenerationEnded(1, CHALLENGER, CHALLENGER, True, "better", (0.5, 1.0), (1.0,), (0.5,), None),
    ChampionTested(CHALLENGER, (0.75, 0.5), (0.5, 0.25)),
    ApplicationEnded("lpn", SEED, PROGRAM, "improved", "", (0.5, 0.25), (0.75, 0.5)),
    RunEnded("done", "", {"calls": 3.0}, "hash"),
]


def record(journal: Journal, run: str, events: list[Event]) -> None:
    """Writes a run."""
    with closing(journal.begin(started(run))) as writer:
        for event in events:
            writer.append(event, key=getattr(event, "key", None))


@pytest.fixture
def journal(own_store: str) -> Iterator[Journal]:
    """The default journal, with a run of every kind of event, and one that is unfinished."""
    with closing(Journal(own_store)) as opened:
        record(opened, "first", EVENTS)
        record(opened, "unfinished", EVENTS[:4])
        yield opened


@pytest.fixture
def rows_of_first(journal: Journal) -> list[object]:
    """The rows of the run of every kind of event."""
    return list(journal.rows("first"))
