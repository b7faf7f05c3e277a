"""Figure 4 of the paper: the test meta-utility of I_t against t, over several runs."""

from __future__ import annotations

from collections.abc import Sequence

from selftaught.analysis.intervals import ANYTHING, Estimate, estimate
from selftaught.analysis.summary import RunSummary
from selftaught.analysis.summary_json import interval_json
from selftaught.studies.cells import interval_cell, signed_cell
from selftaught.studies.study import Curve, Figure, Report, Settings, Study, Table, Team


def conduct(settings: Settings, team: Team) -> Report:
    """Runs the recursion several times, testing every generation."""
    runs = [team.run(experiment) for experiment in settings.experiments()]
    curves = [test_curve(run) for run in runs]
    means = [estimate(column) for column in zip(*curves, strict=True)]
    gains = estimate([curve[-1] - curve[0] for curve in curves], within=ANYTHING)
    return Report(
        study=STUDY.name,
        tables=(_table(curves, means),),
        notes=(
            f"Gain from t = 0 to t = {len(means) - 1}: {signed_cell(gains)} over {len(runs)} runs.",
            "The paper has, on noisy parity with GPT-4, 0.61 at t = 0 and about 0.72 at t = 4 "
            "(figure 4; 5 runs, mean and standard error; no table of the points).",
        ),
        document={
            "t": list(range(len(means))),
            "mean": [interval_json(each) for each in means],
            "runs": {run.run: list(curve) for run, curve in zip(runs, curves, strict=True)},
            "gain": interval_json(gains),
            "paper": {"model": "gpt-4", "t0": 0.61, "t4": 0.72, "source": "figure 4"},
        },
        runs=tuple(run.run for run in runs),
        figure=_figure(settings, curves, means),
    )


def test_curve(run: RunSummary) -> tuple[float, ...]:
    """Returns the test meta-utility of every generation of a run."""
    return tuple(row.test.mean for row in run.iterations if row.test is not None)


def _table(curves: Sequence[Sequence[float]], means: Sequence[Estimate]) -> Table:
    names = tuple(f"run {number}" for number in range(1, len(curves) + 1))
    rows = tuple(
        (str(t), interval_cell(mean), *(f"{curve[t]:.3f}" for curve in curves))
        for t, mean in enumerate(means)
    )
    return Table("Test meta-utility", ("t", "mean, 95 % interval", *names), rows)


def _figure(
    settings: Settings, curves: Sequence[Sequence[float]], means: Sequence[Estimate]
) -> Figure:
    x = tuple(float(t) for t in range(len(means)))
    mean = Curve(
        "mean and 95 % interval",
        x,
        tuple(each.mean for each in means),
        tuple(each.low for each in means),
        tuple(each.high for each in means),
    )
    every = [Curve(f"run {number}", x, tuple(curve)) for number, curve in enumerate(curves, 1)]
    tasks = ", ".join(settings.experiment.tasks)
    title = f"{tasks}, model {settings.experiment.model}"
    return Figure(title, "t, iterations of self-improvement", "test meta-utility", (mean, *every))


STUDY = Study(
    name="meta-utility-curve",
    summary="does the improver get better from generation to generation? (figure 4)",
    runs=5,
    conduct=conduct,
    defaults={"protocol": "paper", "iterations": 4},
)
