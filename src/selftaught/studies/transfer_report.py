"""What the study of transfer prints: tables, a document, a chart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import PurePath

from selftaught.analysis import paper
from selftaught.analysis.intervals import (
    Estimate,
    Measured,
    estimate,
    gain_within,
    in_words,
    number,
)
from selftaught.analysis.summary_json import interval_json
from selftaught.experiment import Experiment
from selftaught.studies.figure import Chart, Panel, Spot
from selftaught.studies.frozen import RIVALS, Column, Pair, Trial
from selftaught.studies.study import Table, in_runs
from selftaught.tasks.research import PAPER


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
            tuple((t.task, *(in_words(t.mean(column)) for column in Column)) for t in found.trials),
        ),
        _on_one_scale(found),
        Table(
            "Gain of the improved improver over ..., session by session: 95 % interval, and p of "
            f"the one-sided sign-flip test; n = {n} pairs each",
            ("task", *(each.heading for each in RIVALS)),
            tuple((t.task, *(_gain_cell(t, rival) for rival in RIVALS)) for t in found.trials),
        ),
        Table(
            "What a session used: calls / samples / evaluations, means of "
            f"{n} session{'s' * (n > 1)}",
            ("task", *(each.heading for each in Column)),
            tuple((t.task, *(_used_cell(t, column) for column in Column)) for t in found.trials),
        ),
    )


def _on_one_scale(found: Found) -> Table:
    """Returns the same on the scale of each task, where tasks can be compared."""
    rows = tuple(
        (f"{t.task}: {number(zero)} to {number(one)}", *_scaled_cells(t, zero, one))
        for t in found.trials
        if t.anchors is not None
        for zero, one in [(t.anchors.seed, t.anchors.reference)]
    )
    return Table(
        "The same on the scale of each task: 0 is the score of its seed solution, 1 that of a "
        f"strong reference; n = {found.experiment.test_repeats} sessions each, 95 % intervals",
        ("task: 0 to 1", *(each.heading for each in Column)),
        rows,
        otherwise=f"none of these tasks has a scale in the preset {found.experiment.preset}",
    )


def _scaled_cells(trial: Trial, zero: float, one: float) -> list[str]:
    return [in_words(on_scale(trial.mean(column), zero, one)) for column in Column]


def on_scale(value: Estimate, zero: float, one: float) -> Estimate:
    """Returns a mean on the scale on which two values are 0 and 1."""

    def scaled(raw: float | None) -> float | None:
        return None if raw is None else (raw - zero) / (one - zero)

    mean = (value.mean - zero) / (one - zero)
    return replace(value, mean=mean, low=scaled(value.low), high=scaled(value.high))


def _gain_cell(trial: Trial, rival: Column) -> str:
    comparison = trial.gain_over(rival)
    return f"{in_words(comparison.gain, sign=True)}, p = {comparison.p:.2g}"


def _used_cell(trial: Trial, column: Column) -> str:
    return " / ".join(f"{value.mean:.1f}" for value in _used(trial, column).values())


def _used(trial: Trial, column: Column) -> dict[str, Estimate]:
    """Returns what a session of a column used, on average."""
    sessions = trial.sessions[column]
    return {
        name: estimate(amounts, of=Measured.SESSIONS, within=(0.0, math.inf))
        for name, amounts in (
            ("calls", sessions.calls),
            ("samples", sessions.samples),
            ("evaluations", sessions.evaluations),
        )
    }


def papers_rows(found: Found) -> dict[str, paper.TransferRow]:
    """Returns the rows of the paper's table that are of the same tasks, in the same units."""
    if found.experiment.preset != PAPER:
        return {}
    names = [trial.task for trial in found.trials]
    return {name: paper.TRANSFER[name] for name in names if name in paper.TRANSFER}


def paper_table(found: Found) -> Table:
    """Returns the paper's table, as far as it is of the same tasks in the same units."""
    return Table(
        "The paper's table 1: GPT-4, one improver, trained on lpn; no n and no errors are stated",
        ("task", "u(s)", "seed improver", "improved improver", "source"),
        tuple(
            (
                task,
                *map(number, (row.solution, row.seed_improver, row.improved_improver)),
                row.source,
            )
            for task, row in papers_rows(found).items()
        ),
        otherwise="it is of other instances and, for some tasks, of other units than these runs; "
        "--preset paper has its own",
    )


def over_runs(found: Sequence[Found]) -> Table:
    """Returns the gains that another run may be expected to have."""
    rows = _gains_over_runs(found).items()
    return Table(
        f"Gain of the improved improver over ..., n = {in_runs(len(found))}, 95 % intervals",
        ("task", *(each.heading for each in RIVALS)),
        tuple(
            (task, *(in_words(gain, sign=True) for gain in gains.values())) for task, gains in rows
        ),
    )


def _gains_over_runs(found: Sequence[Found]) -> dict[str, dict[Column, Estimate]]:
    """Returns mean gains by task and rival; each run counts as one measurement."""

    def gain(trials: Sequence[Trial], rival: Column) -> Estimate:
        gains = [trial.gain_over(rival).gain.mean for trial in trials]
        return estimate(gains, of=Measured.RUNS, within=gain_within(trials[0].within))

    return {
        trials[0].task: {rival: gain(trials, rival) for rival in RIVALS}
        for trials in zip(*(each.trials for each in found), strict=True)
    }


def estimates_in(found: Sequence[Found]) -> list[Estimate]:
    """Returns all means that the tables have, for their legend."""
    trials = [trial for each in found for trial in each.trials]
    means = [trial.mean(column) for trial in trials for column in Column]
    gains = [trial.gain_over(rival).gain for trial in trials for rival in RIVALS]
    over = [gain for gains in _gains_over_runs(found).values() for gain in gains.values()]
    return [*means, *gains, *(over if len(found) > 1 else [])]


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
            for name, row in papers_rows(found[0]).items()
        }
        or None,
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
        "anchors": None if trial.anchors is None else asdict(trial.anchors),
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
    """Returns a panel for each task: every run and their mean; of one run, every session."""
    by_task = zip(*(each.trials for each in found), strict=True)
    return Chart(title, "test meta-utility", tuple(_panel(trials) for trials in by_task))


def _panel(trials: Sequence[Trial]) -> Panel:
    anchors = trials[0].anchors
    scale = None if anchors is None else (anchors.seed, anchors.reference)
    spots = tuple(_spot(trials, column) for column in Column)
    return Panel(PurePath(trials[0].task).name, spots, scale)


def _spot(trials: Sequence[Trial], column: Column) -> Spot:
    if len(trials) == 1:
        (trial,) = trials
        return Spot(column.heading, trial.mean(column), trial.sessions[column].scores)
    points = tuple(trial.mean(column).mean for trial in trials)
    mean = estimate(points, of=Measured.RUNS, within=trials[0].within)
    return Spot(column.heading, mean, points)
