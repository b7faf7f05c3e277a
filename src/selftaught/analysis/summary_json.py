"""Summaries as plain data: what ``--json`` prints."""

from __future__ import annotations

from dataclasses import asdict

from selftaught.acceptance import fate
from selftaught.analysis.comparison import Comparison
from selftaught.analysis.intervals import Estimate
from selftaught.analysis.pace import Pace
from selftaught.analysis.summary import Iteration, RunSummary
from selftaught.events import RunForked


def as_json(summary: RunSummary) -> dict[str, object]:
    """Returns the document that ``selftaught run --json`` and ``show --json`` print."""
    experiment = summary.experiment
    shown = ("protocol", "model", "tasks", "preset", "seed")
    return {
        "run": summary.run,
        **{name: experiment.get(name) for name in shown},
        "status": summary.status,
        "reason": summary.reason,
        "seed_solutions": {
            task: interval_json(value) for task, value in summary.seed_solutions.items()
        },
        "iterations": [_row(iteration) for iteration in summary.iterations],
        **_ending(summary),
        "attempts": summary.attempts,
        "refusals": summary.refusals,
        "resumptions": summary.resumptions,
        "diverged": summary.diverged,
        "fork": _fork(summary.fork),
        "spent": dict(summary.spent),
        "replies": asdict(summary.replies) if summary.is_served else None,
        "paces": [_pace(pace) for pace in summary.course.paces],
        "unasked": {str(unit): amount for unit, amount in summary.course.unasked.items()},
        "sandbox": summary.sandbox,
        "versions": dict(summary.versions),
        "experiment": dict(experiment),
        "result_hash": summary.result_hash,
    }


def _fork(fork: RunForked | None) -> dict[str, object] | None:
    return None if fork is None else {"run": fork.origin, "t": fork.t, "head": fork.head}


def _pace(pace: Pace) -> dict[str, float]:
    return {
        "t": pace.t,
        "seconds": pace.seconds,
        "critical_path_seconds": pace.critical_seconds,
        "ratio": pace.ratio,
    }


def _row(iteration: Iteration) -> dict[str, object]:
    return {
        "t": iteration.t,
        "improver": iteration.improver.id,
        "challenger": iteration.challenger.id if iteration.challenger else None,
        "accepted": iteration.accepted,
        "fate": fate(iteration.challenger, accepted=iteration.accepted),
        "reason": iteration.reason,
        "meta_utility": {
            "search": interval_json(iteration.search),
            "gate": interval_json(iteration.gate),
            "test": interval_json(iteration.test),
        },
        "trial": comparison_json(iteration.trial, names=("incumbent", "challenger")),
    }


def interval_json(interval: Estimate | None) -> dict[str, object] | None:
    """Returns an estimate as plain data; bounds are null where there is no interval."""
    if interval is None:
        return None
    return {
        "mean": interval.mean,
        "low": interval.low,
        "high": interval.high,
        "n": interval.n,
        "of": str(interval.of),
        "interval": str(interval.method),
    }


def comparison_json(
    comparison: Comparison | None, names: tuple[str, str] = ("seed", "champion")
) -> dict[str, object] | None:
    """Returns a comparison as plain data, under the names of what is compared."""
    if comparison is None:
        return None
    return {
        names[0]: interval_json(comparison.seed),
        names[1]: interval_json(comparison.champion),
        "gain": interval_json(comparison.gain),
        "p": comparison.p,
    }


def _ending(summary: RunSummary) -> dict[str, object]:
    application = summary.application
    if application is None:
        return {"comparison": comparison_json(summary.comparison)}
    return {
        "application": {
            "task": application.task,
            "status": application.status,
            "message": application.message,
            "solution": application.solution.id,
        },
        "comparison": comparison_json(summary.comparison, names=("seed", "returned")),
    }
