"""A run in a page: its decisions and its numbers, from its events alone.

The same summary is made while a run goes on, at its end, and later from the journal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean

from selftaught.acceptance import sign_flip_p
from selftaught.analysis.intervals import Estimate, estimate
from selftaught.events import (
    Attempted,
    ChampionTested,
    Event,
    GenerationEnded,
    Refused,
    RunEnded,
    RunStarted,
)
from selftaught.solution import Solution

SUMMARY_EVENTS = (RunStarted, GenerationEnded, ChampionTested, RunEnded, Attempted, Refused)
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
    """The champion against the seed improver, session by session, on the test split."""

    seed: Estimate
    champion: Estimate
    gain: Estimate
    p: float
    """One-sided, by flipping signs: how likely equal improvers show such a gain."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run came to."""

    run: str
    experiment: Mapping[str, object]
    versions: Mapping[str, str]
    sandbox: str
    status: str = "unfinished"
    reason: str = ""
    iterations: tuple[Iteration, ...] = ()
    comparison: Comparison | None = None
    """None where the run ends with the seed improver, or before the test."""
    attempts: int = 0
    """How often programs tried to widen a budget or to leave their split, in vain."""
    refusals: int = 0
    """How often programs asked for more than their budget held."""
    spent: Mapping[str, float] = field(default_factory=dict[str, float])
    result_hash: str | None = None

    @property
    def champion(self) -> Solution | None:
        """The improver that the run ends with."""
        return self.iterations[-1].improver if self.iterations else None


def summarise(events: Iterable[Event]) -> RunSummary:
    """Returns the summary of a run's events; other kinds than `SUMMARY_EVENTS` are passed over.

    Raises:
        ValueError: There is no `RunStarted` among them.
    """
    summary: RunSummary | None = None
    for event in events:
        if isinstance(event, RunStarted):
            summary = RunSummary(event.run, event.experiment, event.versions, event.sandbox)
        elif summary is not None:
            summary = _with(summary, event)
    if summary is None:
        raise ValueError("the events begin with no RunStarted")
    return summary


def _with(summary: RunSummary, event: Event) -> RunSummary:
    match event:
        case GenerationEnded():
            return replace(summary, iterations=(*summary.iterations, _iteration(event)))
        case ChampionTested():
            return _tested(summary, event)
        case RunEnded():
            return replace(
                summary,
                status=event.status,
                reason=event.reason,
                spent=event.spent,
                result_hash=event.result_hash,
            )
        case Attempted():
            return replace(summary, attempts=summary.attempts + 1)
        case Refused():
            return replace(summary, refusals=summary.refusals + 1)
        case _:
            return summary


def _iteration(event: GenerationEnded) -> Iteration:
    gate = event.gate if event.accepted else event.incumbent_gate
    return Iteration(
        t=event.t,
        improver=event.improver,
        challenger=event.challenger,
        accepted=event.accepted,
        reason=event.reason,
        search=_estimate(event.search),
        gate=_estimate(gate),
        test=_estimate(event.test),
    )


def _tested(summary: RunSummary, event: ChampionTested) -> RunSummary:
    first, *others = summary.iterations
    rows = [replace(first, test=_estimate(event.seed_scores)), *others]
    rows[-1] = replace(rows[-1], test=_estimate(event.scores))
    changed = event.champion != first.improver
    return replace(
        summary,
        iterations=tuple(rows),
        comparison=compare(event.seed_scores, event.scores) if changed else None,
    )


def compare(seed: Sequence[float], champion: Sequence[float]) -> Comparison:
    """Compares two improvers by scores of the same sessions."""
    differences = [new - old for old, new in zip(seed, champion, strict=True)]
    return Comparison(
        estimate(seed), estimate(champion), estimate(differences), sign_flip_p(differences)
    )


def _estimate(scores: Sequence[float] | None) -> Estimate | None:
    return estimate(scores) if scores else None


def result_hash(events: Iterable[Event]) -> str:
    """Returns the hash of a run's decisions and scores: equal where two runs agree."""
    facts: list[object] = []
    for event in events:
        match event:
            case GenerationEnded():
                scores = (event.search, event.gate, event.incumbent_gate, event.test)
                facts.append((event.t, event.improver.digest, event.accepted, scores))
            case ChampionTested():
                facts.append((event.champion.digest, event.scores, event.seed_scores))
            case _:
                pass
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def as_json(summary: RunSummary) -> dict[str, object]:
    """Returns the document that ``selftaught run --json`` and ``show --json`` print."""
    experiment = summary.experiment
    shown = ("protocol", "model", "tasks", "preset", "seed")
    return {
        "run": summary.run,
        **{name: experiment.get(name) for name in shown},
        "status": summary.status,
        "reason": summary.reason,
        "iterations": [_row(iteration) for iteration in summary.iterations],
        "comparison": _comparison(summary.comparison),
        "attempts": summary.attempts,
        "refusals": summary.refusals,
        "spent": dict(summary.spent),
        "sandbox": summary.sandbox,
        "versions": dict(summary.versions),
        "experiment": dict(experiment),
        "result_hash": summary.result_hash,
    }


def _row(iteration: Iteration) -> dict[str, object]:
    return {
        "t": iteration.t,
        "improver": iteration.improver.id,
        "challenger": iteration.challenger.id if iteration.challenger else None,
        "accepted": iteration.accepted,
        "reason": iteration.reason,
        "meta_utility": {
            "search": interval_json(iteration.search),
            "gate": interval_json(iteration.gate),
            "test": interval_json(iteration.test),
        },
    }


def interval_json(interval: Estimate | None) -> dict[str, float] | None:
    """Returns an estimate as plain data."""
    if interval is None:
        return None
    return {"mean": interval.mean, "low": interval.low, "high": interval.high, "n": interval.n}


def _comparison(comparison: Comparison | None) -> dict[str, object] | None:
    if comparison is None:
        return None
    parts = {name: getattr(comparison, name) for name in ("seed", "champion", "gain")}
    return {name: interval_json(part) for name, part in parts.items()} | {"p": comparison.p}


def best_so_far(iterations: Sequence[GenerationEnded]) -> float | None:
    """Returns the highest mean on the search split; None before the first measurement."""
    means = [fmean(each.search) for each in iterations if each.search]
    return max(means, default=None)
