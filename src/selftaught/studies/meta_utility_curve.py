"""Figure 4 of the paper: the test meta-utility of I_t against t, over several runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from selftaught.analysis import paper
from selftaught.analysis.intervals import ANYTHING, Estimate, estimate
from selftaught.analysis.summary import RunSummary
from selftaught.analysis.summary_json import interval_json
from selftaught.errors import UsageError
from selftaught.studies.cells import interval_cell, signed_cell
from selftaught.studies.figure import Curve, Figure
from selftaught.studies.study import (
    OF_RUNS,
    Choice,
    Report,
    Settings,
    Study,
    Table,
    Team,
    in_runs,
)

Tested = Mapping[int, Estimate]
"""From t to the test meta-utility of I_t; the gated protocol tests the first and the last only."""


def conduct(settings: Settings, team: Team) -> Report:
    """Runs the recursion several times, testing every generation."""
    if settings.experiment.iterations < 1:
        raise UsageError("a curve has more than one point: expected --iterations 1 or more")
    runs = [team.run(experiment) for experiment in settings.experiments()]
    curves = [tested(run) for run in runs]
    means = {t: estimate([curve[t].mean for curve in curves]) for t in curves[0]}
    gains = estimate([gain_of(run).mean for run in runs], within=ANYTHING)
    first, last = paper.SEED_TEST_META_UTILITY["gpt-4"], paper.FINAL_TEST_META_UTILITY
    return Report(
        study=STUDY.name,
        tables=(_table(curves, means),),
        notes=(
            f"Gain from t = 0 to t = {max(means)}: {signed_cell(gains)}, n = {in_runs(len(runs))}.",
            f"The paper has, on noisy parity with GPT-4, {first.value} at t = 0 and about "
            f"{last.value} at t = {paper.CURVE_ITERATIONS} (figure 4; {paper.CURVE_RUNS} runs, "
            "mean and standard error; it prints no table of the points).",
        ),
        document={
            "mean": [_point(t, mean) for t, mean in means.items()],
            "runs": {
                run.run: [_point(t, value) for t, value in curve.items()]
                for run, curve in zip(runs, curves, strict=True)
            },
            "gain": interval_json(gains),
            "paper": {
                "model": "gpt-4",
                "t0": first.value,
                f"t{paper.CURVE_ITERATIONS}": last.value,
                "runs": paper.CURVE_RUNS,
                "source": last.source,
            },
        },
        runs=tuple(run.run for run in runs),
        figure=_figure(settings, curves, means),
    )


def tested(run: RunSummary) -> Tested:
    """Returns the test meta-utility of the generations of a run, over its sessions."""
    return {row.t: row.test for row in run.iterations if row.test is not None}


def gain_of(run: RunSummary) -> Estimate:
    """Returns the gain of a run's last improver over its first, pair by pair."""
    if run.comparison is not None:
        return run.comparison.gain
    sessions = max(value.n for value in tested(run).values())
    return Estimate(0.0, 0.0, 0.0, sessions)  # it ended with the improver that it began with


def _point(t: int, value: Estimate) -> dict[str, float]:
    return {"t": t, **(interval_json(value) or {})}


def _table(curves: Sequence[Tested], means: Tested) -> Table:
    names = tuple(f"run {number}" for number in range(1, len(curves) + 1))
    rows = tuple(
        (str(t), interval_cell(mean), *(f"{curve[t].mean:.3f}" for curve in curves))
        for t, mean in means.items()
    )
    title = f"Test meta-utility of I_t, n = {in_runs(len(curves))}"
    return Table(title, ("t", "mean, 95 % interval", *names), rows)


def _figure(settings: Settings, curves: Sequence[Tested], means: Tested) -> Figure:
    x = tuple(means)
    mean = Curve(
        "mean and 95 % interval",
        x,
        tuple(each.mean for each in means.values()),
        tuple(each.low for each in means.values()),
        tuple(each.high for each in means.values()),
    )
    every = [
        Curve(f"run {number}", x, tuple(curve[t].mean for t in x))
        for number, curve in enumerate(curves, 1)
    ]
    experiment = settings.experiment
    title = (
        f"Test meta-utility of I$_t$ on {', '.join(experiment.tasks)} ({experiment.preset})\n"
        f"model {experiment.model}, protocol {experiment.protocol}, {in_runs(len(curves))}"
    )
    return Figure(title, "t, iterations of self-improvement", "test meta-utility", (mean, *every))


STUDY = Study(
    name="meta-utility-curve",
    summary="does the improver get better from generation to generation? (figure 4)",
    runs=paper.CURVE_RUNS,
    conduct=conduct,
    defaults={"protocol": "paper", "iterations": paper.CURVE_ITERATIONS},
    choices=OF_RUNS | {Choice.FIGURE},
)
