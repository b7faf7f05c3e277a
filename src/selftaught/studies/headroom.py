"""Whether building on what was found pays: an improver against as many independent samples.

The comparison that section 5.2 of the paper lacks. Where independent sampling does as well, there
is nothing for self-improvement to find but to ask more often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import fmean

from selftaught import tasks
from selftaught.acceptance import Rule
from selftaught.analysis.comparison import Comparison, compare
from selftaught.analysis.intervals import Estimate, Measured, Range, in_words, legend, number
from selftaught.analysis.summary_json import interval_json
from selftaught.errors import UsageError
from selftaught.experiment import Experiment, SessionLimits
from selftaught.parts import find_improver, find_task, known_improver
from selftaught.running.measuring import Sessions
from selftaught.studies.costs import Cost, of_sessions, within_limits
from selftaught.studies.side_by_side import side_by_side
from selftaught.studies.study import (
    OF_SESSIONS,
    Choice,
    Report,
    Settings,
    Study,
    Table,
    Team,
    in_runs,
)

CONTROL = "best_of_n"
"""As many samples as the budget holds, and nothing built on what they find."""
LARGER = 3
"""The second budget: so many times the calls."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Sessions of the improver and the control on a task, within one budget."""

    task: str
    session: SessionLimits
    control: tuple[Sessions, ...]
    """Run by run."""
    improver: tuple[Sessions, ...]
    runs: tuple[str, ...]
    within: Range
    """Where scores can lie."""

    @property
    def comparison(self) -> Comparison:
        """The two, session by session, over all runs."""
        return self._compared(_scores(self.control), _scores(self.improver))

    @property
    def by_run(self) -> list[Comparison]:
        """The two in every run."""
        pairs = zip(self.control, self.improver, strict=True)
        return [self._compared(control.scores, improver.scores) for control, improver in pairs]

    def _compared(self, control: Sequence[float], improver: Sequence[float]) -> Comparison:
        return compare(control, improver, of=Measured.SESSIONS, within=self.within)

    @property
    def samples(self) -> tuple[float, float]:
        """What a session of the control, and one of the improver, asked for on average."""
        control, improver = (
            fmean(chain.from_iterable(run.samples for run in who))
            for who in (self.control, self.improver)
        )
        return control, improver


def _scores(runs: Sequence[Sessions]) -> list[float]:
    return list(chain.from_iterable(run.scores for run in runs))


def budgets(session: SessionLimits) -> tuple[SessionLimits, SessionLimits]:
    """Returns the budget of a session and one with more calls; both can score all samples.

    Example:
        >>> [(each.calls, each.evaluations) for each in budgets(SessionLimits())]
        [(4, 25), (12, 73)]
    """
    few, many = (
        session.model_copy(
            update={
                "calls": session.calls * times,
                "evaluations": session.calls * times * session.samples_per_call + 1,
            }
        )
        for times in (1, LARGER)
    )
    return few, many


def conduct(settings: Settings, team: Team) -> Report:
    """Measures the improver and the control on every task, within both budgets."""
    trials = [
        _tried(settings, task, session, team)
        for session in budgets(settings.experiment.session)
        for task in settings.experiment.tasks
    ]
    return Report(
        study=STUDY.name,
        tables=(_table(settings.experiment, trials), _every_run(trials)),
        notes=(
            f"An improver's sessions and the control's ({CONTROL}) draw the same instances; both "
            "may ask for equally many samples, and score all of them. p is one-sided, by flipping "
            "signs.",
            f"{len(trials)} comparisons were made: by chance alone, one in 40 gains has an "
            "interval above 0.",
            legend([value for each in trials for value in _values(each)]),
            "The paper has no such column: in its table 1 the improved improver asks for 18 "
            "samples, the seed improver for 6.",
        ),
        document={
            "improver": settings.experiment.improver,
            "control": CONTROL,
            "trials": [_document(trial) for trial in trials],
        },
        runs=tuple(run for trial in trials for run in trial.runs),
    )


def _tried(settings: Settings, task: str, session: SessionLimits, team: Team) -> Trial:
    improvers = {
        "control": known_improver(CONTROL),
        "improver": find_improver(settings.experiment.improver),
    }
    found = [
        side_by_side(improvers, experiment, task, team)
        for experiment in _experiments(settings, session)
    ]
    return Trial(
        task,
        session,
        *(tuple(sessions[who] for _, sessions in found) for who in improvers),
        runs=tuple(run for run, _ in found),
        within=find_task(task, settings.experiment.preset).range,
    )


def _experiments(settings: Settings, session: SessionLimits) -> list[Experiment]:
    """Returns one experiment a run; what they do not use does not make them others."""
    used = {"session": session, "improver": "seed", "protocol": Rule.GATED, "iterations": 1}
    return [
        settings.experiment.model_copy(update={**used, "seed": settings.experiment.seed + number})
        for number in range(settings.runs)
    ]


def _budget_cell(session: SessionLimits) -> str:
    return f"{session.calls} x {session.samples_per_call}"


def _table(experiment: Experiment, trials: Sequence[Trial]) -> Table:
    n = trials[0].comparison.gain.n
    return Table(
        f"Test utility of what {experiment.improver} and {CONTROL} return, "
        f"n = {n} sessions each, 95 % intervals",
        ("task", "calls x samples", CONTROL, experiment.improver, "gain", "p", "samples used"),
        tuple(_row(trial, trial.comparison) for trial in trials),
    )


def _values(trial: Trial) -> list[Estimate]:
    found = trial.comparison
    return [found.seed, found.champion, found.gain]


def _row(trial: Trial, found: Comparison) -> tuple[str, ...]:
    return (
        trial.task,
        _budget_cell(trial.session),
        in_words(found.seed),
        in_words(found.champion),
        in_words(found.gain, sign=True),
        f"{found.p:.2g}",
        " / ".join(f"{samples:.1f}" for samples in trial.samples),
    )


def _every_run(trials: Sequence[Trial]) -> Table:
    runs = len(trials[0].runs)
    sessions = len(trials[0].control[0].scores)
    return Table(
        f"The gain in every run, n = {sessions} sessions each, {in_runs(runs)}",
        ("task", "calls x samples", *(f"run {number}" for number in range(1, runs + 1))),
        tuple(
            (
                trial.task,
                _budget_cell(trial.session),
                *(number(each.gain.mean, sign=True) for each in trial.by_run),
            )
            for trial in trials
        ),
    )


def _document(trial: Trial) -> Mapping[str, object]:
    found = trial.comparison
    control, improver = trial.samples
    return {
        "task": trial.task,
        "calls": trial.session.calls,
        "samples_per_call": trial.session.samples_per_call,
        "test": {"control": interval_json(found.seed), "improver": interval_json(found.champion)},
        "gain": {**(interval_json(found.gain) or {}), "p": found.p},
        "gain_by_run": {
            run: interval_json(each.gain)
            for run, each in zip(trial.runs, trial.by_run, strict=True)
        },
        "samples": {
            "control": control,
            "improver": improver,
            "n": found.gain.n,
        },
    }


def cost(settings: Settings) -> Cost:
    """Returns what the study takes at most.

    Raises:
        UsageError: A task or the improver does not exist.
    """
    experiment = settings.experiment
    if find_improver(experiment.improver) == known_improver(CONTROL):
        raise UsageError(f"expected another improver than the control {CONTROL}: give --improver")
    for name in experiment.tasks:
        find_task(name, experiment.preset)  # now, not after hours with the tasks before it
    total = Cost()
    for session in budgets(experiment.session):
        of_budget = experiment.model_copy(update={"session": session})
        each = of_sessions(of_budget, 2 * experiment.test_repeats) + Cost(evaluations=1)
        total = sum([within_limits(each, experiment)] * _runs_of_a_budget(settings), total)
    return total


def parts(settings: Settings) -> int:
    """Returns how many runs the study consists of."""
    return len(budgets(settings.experiment.session)) * _runs_of_a_budget(settings)


def _runs_of_a_budget(settings: Settings) -> int:
    return settings.runs * len(settings.experiment.tasks)


STUDY = Study(
    name="headroom",
    summary="does building on what was found beat as many independent samples?",
    runs=10,
    conduct=conduct,
    defaults={
        "tasks": tuple(sorted(tasks.KNOWN)),
        "improver": "greedy_iterative",
        "test_repeats": 2,
    },
    cost=cost,
    parts=parts,
    choices=OF_SESSIONS | {Choice.RUNS, Choice.TASKS, Choice.IMPROVER},
)
