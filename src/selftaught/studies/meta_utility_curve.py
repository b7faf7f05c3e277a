"""Figure 4 of the paper: the test meta-utility of I_t against t, over several runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from selftaught.analysis import paper
from selftaught.analysis.intervals import (
    Estimate,
    Measured,
    Method,
    estimate,
    gain_within,
    in_words,
    legend,
    number,
)
from selftaught.analysis.summary import RunSummary
from selftaught.analysis.summary_json import interval_json
from selftaught.errors import UsageError
from selftaught.experiment import Experiment
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
    tasks_in_words,
)
from selftaught.tasks.research import PAPER

Tested = Mapping[int, Estimate]
"""From t to the test meta-utility of I_t; the gated protocol tests the first and the last only."""


def conduct(settings: Settings, team: Team) -> Report:
    """Runs the recursion several times, testing every generation."""
    if settings.experiment.iterations < 1:
        raise UsageError("a curve has more than one point: expected --iterations 1 or more")
    runs = [team.run(experiment) for experiment in settings.experiments()]
    curves = [tested(run) for run in runs]
    within = runs[0].within
    means = {
        t: estimate([curve[t].mean for curve in curves], of=Measured.RUNS, within=within)
        for t in curves[0]
    }
    gains = [gain_of(run).mean for run in runs]
    gain = estimate(gains, of=Measured.RUNS, within=gain_within(within))
    figures = _papers(settings.experiment)
    return Report(
        study=STUDY.name,
        tables=(_table(curves, means), *([_paper_table(figures)] if figures else [])),
        notes=(
            f"Gain from t = 0 to t = {max(means)}: {in_words(gain, sign=True)}, "
            f"n = {in_runs(len(runs))}.",
            legend([*means.values(), gain]),
            *_paper_notes(settings.experiment),
        ),
        document={
            "mean": [_point(t, mean) for t, mean in means.items()],
            "runs": {
                run.run: [_point(t, value) for t, value in curve.items()]
                for run, curve in zip(runs, curves, strict=True)
            },
            "gain": interval_json(gain),
            "paper": {name: asdict(figure) for name, figure in figures.items()} or None,
        },
        runs=tuple(run.run for run in runs),
        figure=_figure(settings, curves, means),
    )


def is_papers_task(experiment: Experiment) -> bool:
    """Tells whether runs are of the task that figure 4 and its neighbours are of."""
    return experiment.tasks == (paper.CURVE_TASK,) and experiment.preset in paper.CURVE_PRESETS


def _papers(experiment: Experiment) -> Mapping[str, paper.Figure]:
    return paper.CURVE if is_papers_task(experiment) else {}


def _paper_table(figures: Mapping[str, paper.Figure]) -> Table:
    title = f"The paper, on noisy parity: figure 4 (n = {in_runs(paper.CURVE_RUNS)}) and baselines"
    rows = tuple(
        (name, f"{figure.value:.3f}", _error(figure), figure.source)
        for name, figure in figures.items()
    )
    return Table(title, ("", "test meta-utility", "± standard error", "source"), rows)


def _error(figure: paper.Figure) -> str:
    return "not stated" if figure.error is None else f"{figure.error:.3f}"


def _paper_notes(experiment: Experiment) -> tuple[str, ...]:
    if not is_papers_task(experiment):
        return (
            "The paper's figure 4 is of noisy parity of 10 bits alone: --task lpn prints it beside "
            "yours.",
        )
    is_papers = experiment.preset == PAPER
    standard = "" if is_papers else " Its instances and rules: --preset paper."
    return (
        "The paper draws the mean and its standard error, which is less than half of a 95 % "
        f"interval of 5 runs; for its baselines it states no n.{standard}",
    )


def tested(run: RunSummary) -> Tested:
    """Returns the test meta-utility of the generations of a run, over its sessions."""
    return {row.t: row.test for row in run.iterations if row.test is not None}


def gain_of(run: RunSummary) -> Estimate:
    """Returns the gain of a run's last improver over its first, pair by pair."""
    if run.comparison is not None:
        return run.comparison.gain
    sessions = max(value.n for value in tested(run).values())
    # It ended with the improver that it began with.
    return Estimate(0.0, None, None, sessions, Measured.SESSIONS, Method.EQUAL)


def _point(t: int, value: Estimate) -> dict[str, object]:
    return {"t": t, **(interval_json(value) or {})}


def _table(curves: Sequence[Tested], means: Tested) -> Table:
    names = tuple(f"run {number}" for number in range(1, len(curves) + 1))
    rows = tuple(
        (str(t), in_words(mean), *(number(curve[t].mean) for curve in curves))
        for t, mean in means.items()
    )
    title = (
        f"Test meta-utility of I_t, n = {in_runs(len(curves))}; "
        f"of one run the mean of {_sessions(curves)} sessions"
    )
    return Table(title, ("t", "mean, 95 % interval", *names), rows)


def _sessions(curves: Sequence[Tested]) -> int:
    return max(value.n for curve in curves for value in curve.values())


def _figure(settings: Settings, curves: Sequence[Tested], means: Tested) -> Figure:
    x = tuple(means)
    n = in_runs(len(curves))
    has_interval = any(value.method.has_interval for value in means.values())
    label = f"mean of {n}" + (",\n95 % interval\n(Student's t)" if has_interval else "")
    every = [
        Curve(f"run {rank}", x, tuple(curve[t] for t in x)) for rank, curve in enumerate(curves, 1)
    ]
    experiment = settings.experiment
    title = (
        f"Test meta-utility of I$_t$ on {tasks_in_words(experiment)}, model {experiment.model},\n"
        f"protocol {experiment.protocol}, {n}, each point of a run: {_sessions(curves)} sessions"
    )
    mean = Curve(label, x, tuple(means.values()))
    return Figure(title, "t, iterations of self-improvement", "test meta-utility", (mean, *every))


STUDY = Study(
    name="meta-utility-curve",
    summary="does the improver get better from generation to generation? (figure 4)",
    runs=paper.CURVE_RUNS,
    conduct=conduct,
    defaults={"protocol": "paper", "iterations": paper.CURVE_ITERATIONS},
    choices=OF_RUNS | {Choice.FIGURE},
)
