"""A run in a page: its decisions and its numbers, from its events alone.

The same summary is made while a run goes on, at its end, and later from the journal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from selftaught.analysis.intervals import ANYTHING, Estimate, estimate
from selftaught.analysis.ledger import ledger
from selftaught.analysis.pace import Course, course
from selftaught.errors import StoreError
from selftaught.events import (
    ApplicationEnded,
    Attempted,
    ChampionTested,
    Diverged,
    Event,
    GenerationEnded,
    Refused,
    RunEnded,
    RunForked,
    RunResumed,
    RunStarted,
    SeedSolutionScored,
)
from selftaught.sign_flip import sign_flip_p
from selftaught.solution import Solution
from selftaught.store import Journal

SUMMARY_EVENTS = (
    ApplicationEnded,
    RunStarted,
    RunForked,
    RunResumed,
    Diverged,
    SeedSolutionScored,
    GenerationEnded,
    ChampionTested,
    RunEnded,
    Attempted,
    Refused,
)
"""The kinds of events that a summary is made from."""


@dataclass(frozen=True, slots=True)
class Iteration:
    """One row: I_t."""

    t: int
    improver: Solution
    challenger: Solution | None
    accepted: bool
    reason: str
    search: Estimate | None
    gate: Estimate | None
    test: Estimate | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A later program against the one it started from, pair by pair, on the test split."""

    seed: Estimate
    champion: Estimate
    gain: Estimate
    p: float
    """One-sided, by flipping signs: how likely equal ones show such a gain."""
    seed_scores: tuple[float, ...] = ()
    champion_scores: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run came to."""

    run: str
    experiment: Mapping[str, object]
    versions: Mapping[str, str]
    sandbox: str
    kind: str = "run"
    """``run``: the recursion; ``improve``: an application; ``measure`` and ``replies``: parts of a
    study."""
    status: str = "unfinished"
    reason: str = ""
    seed_solutions: Mapping[str, Estimate] = field(default_factory=dict[str, Estimate])
    """u(s) of every task, on search instances."""
    iterations: tuple[Iteration, ...] = ()
    application: ApplicationEnded | None = None
    """Where the run is one application of an improver: what came of it."""
    comparison: Comparison | None = None
    """None where the run ends with the seed improver, or before the test."""
    attempts: int = 0
    """How often programs tried to widen a budget or to leave their split, in vain."""
    refusals: int = 0
    """How often programs asked for more than their budget held."""
    resumptions: int = 0
    """How often the run was taken up again."""
    diverged: int = 0
    """How many sessions asked for other things after an interruption than before it."""
    fork: RunForked | None = None
    """Where the run goes on from another one: from which, and from where."""
    spent: Mapping[str, float] = field(default_factory=dict[str, float])
    result_hash: str | None = None
    is_served: bool = False
    """Whether its model is on a server, so that there is something to wait for."""
    course: Course = field(default_factory=Course)
    """How close generations came to their critical path; of runs with a model on a server."""

    @property
    def strata(self) -> int:
        """How many tasks the scores of sessions belong to."""
        tasks = self.experiment.get("tasks")
        return len(cast("list[str]", tasks)) if isinstance(tasks, list | tuple) else 1

    @property
    def champion(self) -> Solution | None:
        """The improver that the run ends with."""
        return self.iterations[-1].improver if self.iterations else None


def summary_of(journal: Journal, run: str) -> RunSummary:
    """Returns the summary of a run in a journal.

    Raises:
        StoreError: The journal cannot be read.
    """
    try:
        summary = summarise(journal.events(run, kinds=SUMMARY_EVENTS), run=run)
    except ValueError as error:
        raise StoreError(f"the run {run} in {journal.name} cannot be read: {error}") from error
    if summary.is_served and summary.kind == "run":
        summary = replace(summary, course=course(journal.rows(run)))
    if summary.spent:
        return summary
    spent = ledger(journal.rows(run))  # it was killed: no event says it
    return replace(summary, spent={str(unit): amount for unit, amount in spent.items()})


def summarise(events: Iterable[Event], *, run: str | None = None) -> RunSummary:
    """Returns the summary of a run's events; other kinds than `SUMMARY_EVENTS` are passed over.

    Args:
        events: In the order in which they happened.
        run: Name of the run; None: the one under which it began.

    Raises:
        ValueError: There is no `RunStarted` among them.
    """
    summary: RunSummary | None = None
    for event in events:
        if isinstance(event, RunStarted):
            kind = str(event.parts.get("kind", "run"))
            summary = RunSummary(event.run, event.experiment, event.versions, event.sandbox, kind)
            summary = replace(summary, is_served=bool(event.parts.get("models")))
        elif summary is not None:
            summary = _with(summary, event)
    if summary is None:
        raise ValueError("the events begin with no RunStarted")
    return summary if run is None else replace(summary, run=run)


_COUNTED: Mapping[type[Event], str] = {
    Attempted: "attempts",
    Refused: "refusals",
    RunResumed: "resumptions",
    Diverged: "diverged",
}
"""Kinds of events of which a summary says how many there were, and where."""
_GOING_ON = {"status": "unfinished", "reason": ""}


def _with(summary: RunSummary, event: Event) -> RunSummary:
    if name := _COUNTED.get(type(event)):
        changes: dict[str, object] = {name: getattr(summary, name) + 1}
        changes |= _GOING_ON if isinstance(event, RunResumed) else {}
    else:
        changes = _changes(summary, event)
    return replace(summary, **changes)  # pyright: ignore[reportArgumentType]


def _changes(summary: RunSummary, event: Event) -> dict[str, object]:
    changes: dict[str, object] = {}
    match event:
        case SeedSolutionScored():
            scored = {event.task: estimate(event.instances)}
            changes = {"seed_solutions": {**summary.seed_solutions, **scored}}
        case GenerationEnded():
            changes = {"iterations": (*summary.iterations, _iteration(event, summary.strata))}
        case ChampionTested():
            changes = _tested(summary, event)
        case ApplicationEnded():
            changes = {"application": event, "comparison": _applied(event)}
        case RunForked():
            changes = {"fork": event, "run": event.run, "experiment": event.experiment, **_GOING_ON}
        case RunEnded():
            ending = ("status", "reason", "spent", "result_hash")
            changes = {name: getattr(event, name) for name in ending}
        case _:
            pass
    return changes


def _iteration(event: GenerationEnded, strata: int) -> Iteration:
    gate = event.gate if event.accepted else event.incumbent_gate
    return Iteration(
        t=event.t,
        improver=event.improver,
        challenger=event.challenger,
        accepted=event.accepted,
        reason=event.reason,
        search=_estimate(event.search, strata),
        gate=_estimate(gate, strata),
        test=_estimate(event.test, strata),
    )


def _applied(event: ApplicationEnded) -> Comparison | None:
    if event.seed_scores is None or event.scores is None:
        return None
    return compare(event.seed_scores, event.scores)


def _tested(summary: RunSummary, event: ChampionTested) -> dict[str, object]:
    strata = summary.strata
    first, *others = summary.iterations
    rows = [replace(first, test=_estimate(event.seed_scores, strata)), *others]
    rows[-1] = replace(rows[-1], test=_estimate(event.scores, strata))
    changed = event.champion != first.improver
    scores = (event.seed_scores, event.scores)
    comparison = compare(*scores, strata=strata) if changed else None
    return {"iterations": tuple(rows), "comparison": comparison}


def compare(seed: Sequence[float], champion: Sequence[float], *, strata: int = 1) -> Comparison:
    """Compares two programs by scores of the same sessions or instances."""
    differences = [new - old for old, new in zip(seed, champion, strict=True)]
    return Comparison(
        estimate(seed, strata=strata),
        estimate(champion, strata=strata),
        estimate(differences, strata=strata, within=ANYTHING),
        sign_flip_p(differences),
        tuple(seed),
        tuple(champion),
    )


def _estimate(scores: Sequence[float] | None, strata: int) -> Estimate | None:
    return estimate(scores, strata=strata) if scores else None


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
