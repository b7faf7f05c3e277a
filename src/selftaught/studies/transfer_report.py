"""What the study of transfer prints: tables, a document, a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selftaught.analysis import paper
from selftaught.analysis.intervals import ANYTHING, Estimate, estimate
from selftaught.analysis.summary_json import interval_json
from selftaught.experiment import Experiment
from selftaught.studies.cells import short_cell, signed_cell
from selftaught.studies.figure import Bars, Chart
from selftaught.studies.frozen import RIVALS, Column, Pair, Trial
from selftaught.studies.study import Table, in_runs


@dataclass(frozen=True, slots=True)
class Found:
    """An improved improver, and where it comes from."""

    pair: Pair
    run: str
    experiment: Experiment
    """What it is measured with."""
    trials: tuple[Trial, ...] = ()


def tables_of(found: Found) -> tuple[Table, ...]:
    """Returns what there is to say of one improver."""
    of = f"improver {found.pair.improved.id} of {found.run}"
    n = found.experiment.test_repeats
    return (
        Table(
            f"Test meta-utility of {of}, n = {n} sessions each, 95 % intervals",
            ("task", *(each.heading for each in Column)),
            tuple(
                (t.task, *(short_cell(t.mean(column)) for column in Column)) for t in found.trials
            ),
        ),
        Table(
            "Gain of the improved improver over ..., session by session",
            ("task", *(each.heading for each in RIVALS)),
            tuple((t.task, *(_gain_cell(t, rival) for rival in RIVALS)) for t in found.trials),
        ),
        Table(
            "What a session used: calls / samples / evaluations",
            ("task", *(each.heading for each in Column)),
            tuple((t.task, *(_used_cell(t, column) for column in Column)) for t in found.trials),
        ),
        _paper_table(found),
    )


def _gain_cell(trial: Trial, rival: Column) -> str:
    comparison = trial.gain_over(rival)
    return f"{signed_cell(comparison.gain)}, p = {comparison.p:.2g}"


def _used_cell(trial: Trial, column: Column) -> str:
    return " / ".join(f"{value.mean:.1f}" for value in _used(trial, column).values())


def _used(trial: Trial, column: Column) -> dict[str, Estimate]:
    """Returns what a session of a column used, on average."""
    sessions = trial.sessions[column]
    return {
        name: estimate(amounts, within=ANYTHING)
        for name, amounts in (
            ("calls", sessions.calls),
            ("samples", sessions.samples),
            ("evaluations", sessions.evaluations),
        )
    }


def _paper_table(found: Found) -> Table:
    rows = [(trial.task, paper.TRANSFER.get(trial.task)) for trial in found.trials]
    return Table(
        "The paper's table 1: GPT-4, one improver, trained on lpn",
        ("task", "u(s)", "seed improver", "improved improver"),
        tuple(
            (task, f"{row.solution}", f"{row.seed_improver}", f"{row.improved_improver}")
            if row
            else (task, "-", "-", "-")
            for task, row in rows
        ),
    )


def over_runs(found: Sequence[Found]) -> Table:
    """Returns the gains that another run may be expected to have."""
    rows = _gains_over_runs(found).items()
    return Table(
        f"Gain of the improved improver over ..., n = {in_runs(len(found))}",
        ("task", *(each.heading for each in RIVALS)),
        tuple((task, *map(signed_cell, gains.values())) for task, gains in rows),
    )


def _gains_over_runs(found: Sequence[Found]) -> dict[str, dict[Column, Estimate]]:
    """Returns mean gains by task and rival; each run counts as one measurement."""
    return {
        trials[0].task: {
            rival: estimate([trial.gain_over(rival).gain.mean for trial in trials], within=ANYTHING)
            for rival in RIVALS
        }
        for trials in zip(*(each.trials for each in found), strict=True)
    }


def document(found: Sequence[Found]) -> dict[str, object]:
    """Returns all numbers as plain data."""
    return {
        "improvers": [_document(each) for each in found],
        "gain_over_runs": {
            name: {str(rival): interval_json(gain) for rival, gain in gains.items()}
            for name, gains in _gains_over_runs(found).items()
        },
        "paper": {
            name: {
                str(Column.SOLUTION): row.solution,
                str(Column.SEED): row.seed_improver,
                str(Column.IMPROVED): row.improved_improver,
                "source": row.source,
            }
            for name, row in paper.TRANSFER.items()
        },
    }


def _document(found: Found) -> dict[str, object]:
    return {
        "run": found.run,
        "improver": found.pair.improved.id,
        "tasks": {trial.task: _trial_document(trial) for trial in found.trials},
    }


def _trial_document(trial: Trial) -> dict[str, object]:
    matched = trial.matched
    return {
        "test": {str(column): interval_json(trial.mean(column)) for column in Column},
        "gain_over": {
            str(rival): {**(interval_json(gain.gain) or {}), "p": gain.p}
            for rival in RIVALS
            for gain in [trial.gain_over(rival)]
        },
        "used": {
            str(column): {
                name: interval_json(value) for name, value in _used(trial, column).items()
            }
            for column in Column
        },
        "matched": {
            "calls": matched.calls,
            "samples_per_call": matched.samples_per_call,
            "evaluations": matched.evaluations,
        },
        "runs": list(trial.runs),
    }


def chart(found: Sequence[Found], title: str) -> Chart:
    """Returns the bars of every task, over all runs."""
    by_task = list(zip(*(each.trials for each in found), strict=True))
    bars = tuple(
        Bars(column.heading, tuple(_pooled(trials, column) for trials in by_task))
        for column in Column
    )
    return Chart(title, "test meta-utility", tuple(trials[0].task for trials in by_task), bars)


def _pooled(trials: Sequence[Trial], column: Column) -> Estimate:
    scores = [score for trial in trials for score in trial.sessions[column].scores]
    return estimate(scores, strata=len(trials))
