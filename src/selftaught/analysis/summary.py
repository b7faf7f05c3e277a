"""A run in a page: its decisions and its numbers, from its events alone.

The same summary is made while a run goes on, at its end, and later from the journal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any, cast

from selftaught.analysis.comparison import Comparison, compare
from selftaught.analysis.intervals import Estimate, Measured, Method, Range, estimate
from selftaught.analysis.ledger import ledger
from selftaught.analysis.pace import Course, course
from selftaught.analysis.replies import Replies, replies_in
from selftaught.budget import Unit
from selftaught.errors import StoreError
from selftaught.events import (
    ApplicationEnded,
    Attempted,
    ChampionTested,
    Diverged,
    Event,
    GenerationEnded,
    Refused,
    ReplyReceived,
    RunEnded,
    RunForked,
    RunResumed,
    RunStarted,
    SeedSolutionScored,
)
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
    trial: Comparison | None = None
    """The incumbent against the challenger in the same gate sessions, whichever of them stays; None
    where they were not compared."""


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
    ranges: Mapping[str, Range] = field(default_factory=dict[str, Range])
    """Where scores of every task can lie, as it declared."""
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
    """By unit; what nobody counts is NaN."""
    result_hash: str | None = None
    is_served: bool = False
    """Whether its model is on a server, so that there is something to wait for."""
    course: Course = field(default_factory=Course)
    """How close generations came to their critical path; of runs with a model on a server."""
    replies: Replies = field(default_factory=Replies)
    """What became of the replies; of runs with a model on a server."""

    @property
    def strata(self) -> int:
        """How many tasks the scores of sessions belong to."""
        tasks = self.experiment.get("tasks")
        return len(cast("list[str]", tasks)) if isinstance(tasks, list | tuple) else 1

    @property
    def within(self) -> Range:
        """Where the meta-utility can lie: a mean over tasks."""
        ranges = tuple(self.ranges.values()) or (_NOT_DECLARED,)
        return fmean(low for low, _ in ranges), fmean(high for _, high in ranges)

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
    if not summary.spent:  # it was killed: no event says it
        spent = ledger(journal.rows(run))
        summary = replace(summary, spent={str(unit): amount for unit, amount in spent.items()})
    return _served(summary, journal) if summary.is_served else summary


def _served(summary: RunSummary, journal: Journal) -> RunSummary:
    """Adds what there is to say of a model on a server."""
    replies = replies_in(journal.rows(summary.run, kinds=(ReplyReceived,)))
    unknown = {Unit.TOKENS: replies.tokens_unknown, Unit.DOLLARS: replies.dollars_unknown}
    spent = dict(summary.spent) | {str(unit): math.nan for unit, n in unknown.items() if n}
    summary = replace(summary, replies=replies, spent=spent)
    if summary.kind != "run":
        return summary
    return replace(summary, course=course(journal.rows(summary.run)))


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
            summary = RunSummary(
                event.run,
                event.experiment,
                event.versions,
                event.sandbox,
                kind,
                ranges=ranges_of(event.parts),
                is_served=bool(event.parts.get("models")),
            )
        elif summary is not None:
            summary = _with(summary, event)
    if summary is None:
        raise ValueError("the events begin with no RunStarted")
    return summary if run is None else replace(summary, run=run)


_NOT_DECLARED: Range = (0.0, math.inf)
"""Of a record that does not say it; scores are not below 0."""


def ranges_of(parts: Mapping[str, object]) -> dict[str, Range]:
    """Returns where scores of the tasks of a record can lie, by their ids."""
    tasks = cast("Sequence[Mapping[str, Any]]", parts.get("tasks", ()))
    highest = {str(task["id"]): task.get("highest") for task in tasks}
    return {name: (0.0, math.inf if most is None else most) for name, most in highest.items()}


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
            changes = {
                "seed_solutions": {**summary.seed_solutions, **_seed_solution(summary, event)}
            }
        case GenerationEnded():
            changes = {"iterations": (*summary.iterations, _iteration(event, summary))}
        case ChampionTested():
            changes = _tested(summary, event)
        case ApplicationEnded():
            changes = {"application": event, "comparison": _applied(summary, event)}
        case RunForked():
            changes = {"fork": event, "run": event.run, "experiment": event.experiment, **_GOING_ON}
        case RunEnded():
            ending = ("status", "reason", "spent", "result_hash")
            changes = {name: getattr(event, name) for name in ending}
        case _:
            pass
    return changes


def _seed_solution(summary: RunSummary, event: SeedSolutionScored) -> dict[str, Estimate]:
    within = summary.ranges.get(event.task, _NOT_DECLARED)
    return {event.task: utility_estimate(event.score, event.instances, within=within)}


def utility_estimate(value: float, instances: Sequence[float], *, within: Range) -> Estimate:
    """Returns a utility with its interval; without, where it is no mean of its instances.

    Args:
        value: The utility.
        instances: Scores of the instances that it is made of.
        within: Where scores of the task can lie.
    """
    found = estimate(instances, of=Measured.INSTANCES, within=within)
    if math.isclose(found.mean, value, abs_tol=1e-6):
        return found
    return Estimate(value, None, None, found.n, found.of, Method.WHOLE)


def _iteration(event: GenerationEnded, summary: RunSummary) -> Iteration:
    gate = event.gate if event.accepted else event.incumbent_gate
    return Iteration(
        t=event.t,
        improver=event.improver,
        challenger=event.challenger,
        accepted=event.accepted,
        reason=event.reason,
        search=_estimate(event.search, summary),
        gate=_estimate(gate, summary),
        test=_estimate(event.test, summary),
        trial=_trial(event, summary),
    )


def _trial(event: GenerationEnded, summary: RunSummary) -> Comparison | None:
    if not event.gate or not event.incumbent_gate:
        return None
    return _compared(event.incumbent_gate, event.gate, summary)


def _applied(summary: RunSummary, event: ApplicationEnded) -> Comparison | None:
    if event.seed_scores is None or event.scores is None:
        return None
    within = summary.ranges.get(event.task, _NOT_DECLARED)
    return compare(event.seed_scores, event.scores, of=Measured.INSTANCES, within=within)


def _tested(summary: RunSummary, event: ChampionTested) -> dict[str, object]:
    first, *others = summary.iterations
    rows = [replace(first, test=_estimate(event.seed_scores, summary)), *others]
    rows[-1] = replace(rows[-1], test=_estimate(event.scores, summary))
    changed = event.champion != first.improver
    comparison = _compared(event.seed_scores, event.scores, summary) if changed else None
    return {"iterations": tuple(rows), "comparison": comparison}


def _compared(before: Sequence[float], after: Sequence[float], summary: RunSummary) -> Comparison:
    within, strata = summary.within, summary.strata
    return compare(before, after, of=Measured.SESSIONS, within=within, strata=strata)


def _estimate(scores: Sequence[float] | None, summary: RunSummary) -> Estimate | None:
    if not scores:
        return None
    return estimate(scores, of=Measured.SESSIONS, within=summary.within, strata=summary.strata)
