"""Table 1 of the paper: an improved improver on tasks that it never saw.

Beside it what the paper's table lacks: others that may ask for as many samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from selftaught import journals, tasks
from selftaught.analysis import paper
from selftaught.analysis.intervals import legend
from selftaught.analysis.summary import RunSummary
from selftaught.errors import UsageError
from selftaught.parts import find_task
from selftaught.studies.costs import Cost, of_recursion, of_sessions, within_limits
from selftaught.studies.frozen import MATCHED, Pair, tried
from selftaught.studies.study import (
    OF_RUNS,
    OF_SESSIONS,
    Choice,
    Report,
    Settings,
    Study,
    Team,
    in_runs,
)
from selftaught.studies.transfer_report import (
    Found,
    chart,
    document,
    estimates_in,
    over_runs,
    paper_table,
    tables_of,
)


def conduct(settings: Settings, team: Team) -> Report:
    """Finds improvers by self-improvement, and measures each on tasks that it never saw."""
    names = unseen(settings)
    found = [_with_trials(each, names, team) for each in _found(settings, team)]
    experiment = settings.experiment
    several = [over_runs(found)] if len(found) > 1 else []
    return Report(
        study=STUDY.name,
        tables=(
            *(table for each in found for table in tables_of(each)),
            *several,
            paper_table(found[0]),
        ),
        notes=_notes(settings, found),
        document={
            "trained_on": list(_trained_on(settings)),
            "preset": experiment.preset,
            "without_preset": list(without_preset(settings)),
            **document(found),
        },
        runs=(
            *(each.run for each in found),
            *(run for each in found for trial in each.trials for run in trial.runs),
        ),
        figure=chart(found, _title(settings, found)),
    )


def _title(settings: Settings, found: Sequence[Found]) -> str:
    experiment = settings.experiment
    trained_on = ", ".join(PurePath(name).name for name in _trained_on(settings))
    sessions = f"{experiment.test_repeats} sessions"
    points = (
        f"{in_runs(len(found))}: a small mark is a run, the mean of {sessions}"
        if len(found) > 1
        else f"1 run: a small mark is one of {sessions}"
    )
    anchored = any(trial.anchors is not None for trial in found[0].trials)
    scale = "; right: seed solution = 0, strong reference = 1" if anchored else ""
    return (
        f"Improvers of {trained_on} on tasks that they never saw ({experiment.preset}), "
        f"model {experiment.model}\n{points}; large: mean and 95 % interval (Student's t){scale}"
    )


def unseen(settings: Settings) -> tuple[str, ...]:
    """Returns the tasks that improvers are tried on.

    Raises:
        UsageError: One does not exist, is one that they were trained on, or none is left.
    """
    preset, trained = settings.experiment.preset, _trained_on(settings)
    if settings.origin is None:
        for name in trained:
            find_task(name, preset)
    lacking = without_preset(settings)
    known = (name for name in sorted(tasks.KNOWN) if name not in trained)
    names = settings.unseen or tuple(name for name in known if name not in lacking)
    ids = {name: find_task(name, preset).id for name in names}
    for name, id_of_task in ids.items():
        if name in trained or id_of_task in trained:
            raise UsageError(f"transfer is to tasks that were never seen: {name!r} was trained on")
    if not names or len(set(ids.values())) < len(settings.unseen):
        raise UsageError("expected tasks to transfer to, each once: name them with --on TASK")
    return names


def without_preset(settings: Settings) -> tuple[str, ...]:
    """Returns the tasks that would be tried, had they the preset that is asked for."""
    trained = _trained_on(settings)
    known = () if settings.unseen else sorted(tasks.KNOWN.keys() - set(trained))
    return tuple(name for name in known if not _has(name, settings.experiment.preset))


def _has(task: str, preset: str) -> bool:
    """Tells whether a task has a preset, and the defects that it leaves out."""
    try:
        find_task(task, preset)
    except UsageError:
        return False
    return True


def _trained_on(settings: Settings) -> Sequence[str]:
    if settings.origin is None:
        return settings.experiment.tasks
    run = journals.show(settings.origin, store=settings.experiment.store)
    names = run.experiment["tasks"]
    assert isinstance(names, list | tuple)
    return tuple(map(str, names))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _found(settings: Settings, team: Team) -> list[Found]:
    if settings.origin is not None:
        pair = _recorded(settings.origin, settings)
        return [Found(pair, settings.origin, settings.experiment)]
    return [
        Found(_pair(team.run(experiment)), str(experiment.name), experiment)
        for experiment in settings.experiments()
    ]


def _recorded(run: str, settings: Settings) -> Pair:
    summary = journals.show(run, store=settings.experiment.store)
    if summary.status != "done" or not summary.iterations:
        raise UsageError(f"the run {run} has no final improver: expected a run that is done")
    if settings.runs > 1:
        raise UsageError(f"the run {run} has one final improver: expected --runs 1")
    return _pair(summary)


def _pair(run: RunSummary) -> Pair:
    return Pair(run.iterations[0].improver, run.iterations[-1].improver)


def _with_trials(found: Found, names: Sequence[str], team: Team) -> Found:
    trials = tuple(tried(found.pair, found.experiment, name, team) for name in names)
    return replace(found, trials=trials)


def _notes(settings: Settings, found: Sequence[Found]) -> tuple[str, ...]:
    unchanged = [each.run for each in found if each.pair.seed == each.pair.improved]
    preset, lacking = settings.experiment.preset, ", ".join(without_preset(settings))
    return (
        f"Trained on {', '.join(_trained_on(settings))}. Every run is shown, none is selected.",
        *([f"Not tried, as they have no preset {preset!r}: {lacking}."] if lacking else []),
        *(f"{run} ends with the seed improver: it is compared with itself." for run in unchanged),
        f"{' and '.join(each.heading for each in MATCHED)} may ask for as many samples a session "
        "as the improved improver used on the task, rounded up to whole calls of equal size.",
        legend(estimates_in(found)),
    )


def cost(settings: Settings) -> Cost:
    """Returns what the study takes at most.

    Raises:
        UsageError: A task or the run does not exist.
    """
    if settings.origin is not None:
        _recorded(settings.origin, settings)
    names, experiment = unseen(settings), settings.experiment
    found = [] if settings.origin else [of_recursion(each) for each in settings.experiments()]
    first = of_sessions(experiment, 3 * experiment.test_repeats)
    second = of_sessions(experiment, len(MATCHED) * experiment.test_repeats)
    # Each is a run of its own, which scores the seed solution, too.
    each = (
        within_limits(first, experiment) + within_limits(second, experiment) + Cost(evaluations=2)
    )
    return sum([*found, *[each] * (settings.runs * len(names))], Cost())


def parts(settings: Settings) -> int:
    """Returns how many runs the study consists of: of the recursion, and two a task for each."""
    recursions = 0 if settings.origin else settings.runs
    return recursions + 2 * settings.runs * len(unseen(settings))


STUDY = Study(
    name="transfer",
    summary="does an improved improver work on tasks that it never saw? (table 1)",
    runs=1,
    conduct=conduct,
    defaults={"protocol": "paper", "iterations": paper.CURVE_ITERATIONS},
    cost=cost,
    parts=parts,
    choices=OF_RUNS | {Choice.FIGURE, Choice.UNSEEN, Choice.ORIGIN},
    choices_with_origin=OF_SESSIONS | {*(Choice.FIGURE, Choice.UNSEEN, Choice.ORIGIN, Choice.RUNS)},
)
