"""What of a gain is recursion, what is only more samples, and what of it holds elsewhere.

Every run has a chain, in which I_t is made by I_{t-1}, and a control by the protocol
``independent``, in which the seed improver proposes as often and the same gate decides. Until the
first challenger is accepted the two are the same, and the control is forked there: nothing is paid
twice. The improver that the chain ends with is then tried, as it is, on tasks that it never saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from selftaught import journals, keeping
from selftaught.acceptance import Rule
from selftaught.analysis import paper
from selftaught.analysis.comparison import compare
from selftaught.analysis.intervals import (
    ANYTHING,
    Estimate,
    Measured,
    Method,
    estimate,
    in_words,
    legend,
    number,
)
from selftaught.analysis.proportions import Proportion, proportion
from selftaught.analysis.proportions import in_words as share_in_words
from selftaught.analysis.summary import RunSummary
from selftaught.analysis.summary_json import interval_json
from selftaught.errors import UsageError
from selftaught.experiment import Experiment
from selftaught.parts import find_task
from selftaught.studies.cells import share_json
from selftaught.studies.costs import Cost, of_recursion, of_sessions, within_limits
from selftaught.studies.meta_utility_curve import gain_of
from selftaught.studies.side_by_side import side_by_side
from selftaught.studies.study import OF_RUNS, Choice, Report, Settings, Study, Table, Team, in_runs
from selftaught.studies.transfer import unseen


@dataclass(frozen=True, slots=True)
class Twins:
    """A chain, its control, and what the chain's last improver gains on tasks that it never saw."""

    chain: RunSummary
    control: RunSummary
    elsewhere: Mapping[str, Estimate]
    """By task."""
    runs: tuple[str, ...]
    """Names of all runs behind it."""

    @property
    def gain(self) -> Estimate:
        """Of the chain's last improver over the seed improver, on the test split."""
        return gain_of(self.chain)

    @property
    def control_gain(self) -> Estimate:
        """The same of the control."""
        return gain_of(self.control)


def conduct(settings: Settings, team: Team) -> Report:
    """Makes every run as a chain and as its control, and tries the chain's improver elsewhere."""
    names = unseen(settings)
    twins = [_twins(experiment, names, team) for experiment in settings.experiments()]
    found = Found(tuple(twins))
    trained_on = ", ".join(settings.experiment.tasks)
    return Report(
        study=STUDY.name,
        tables=(_runs_table(twins, trained_on), _summary_table(found, trained_on)),
        notes=(
            "Recursion is worth what the chain gains beyond the control: both come before the gate "
            "as often. Until a first challenger is accepted the two are the same.",
            legend([found.gain(), *(gain for each in twins for gain in _gains(each))]),
            "A run that accepts nothing ends with the seed improver, and its gain is 0. Every run "
            "is shown, none is selected.",
            "The paper has no such control. Its improvers, made on noisy parity with GPT-4, score "
            "higher on five tasks that they never saw (table 1, one improver).",
        ),
        document={
            "trained_on": list(settings.experiment.tasks),
            "runs": [_document(each) for each in twins],
            **found.document(),
        },
        runs=tuple(run for each in twins for run in each.runs),
    )


def _twins(experiment: Experiment, names: Sequence[str], team: Team) -> Twins:
    chain = team.run(experiment)
    control = _control(experiment, chain, team)
    pair = {t: chain.iterations[t].improver for t in (0, -1)}
    there = _elsewhere(experiment)
    tried = {name: side_by_side(pair, there, name, team) for name in names if pair[0] != pair[-1]}
    elsewhere = {
        name: compare(
            sessions[0].scores,
            sessions[-1].scores,
            of=Measured.SESSIONS,
            within=find_task(name, experiment.preset).range,
        ).gain
        for name, (_, sessions) in tried.items()
    }
    unchanged = Estimate(0.0, None, None, there.test_repeats, Measured.SESSIONS, Method.EQUAL)
    return Twins(
        chain,
        control,
        {name: elsewhere.get(name, unchanged) for name in names},
        (*dict.fromkeys((chain.run, control.run)), *(run for run, _ in tried.values())),
    )


def _elsewhere(experiment: Experiment) -> Experiment:
    """Halves the sessions of a final measurement: there are many tasks, and each run counts once.

    How well the mean over runs is known depends on how many runs there are, more than on sessions.
    """
    return experiment.model_copy(update={"test_repeats": (experiment.test_repeats + 1) // 2})


def _control(experiment: Experiment, chain: RunSummary, team: Team) -> RunSummary:
    """Goes on from a chain's first acceptance as if it had been no chain."""
    accepted = (row.t for row in chain.iterations[1:] if row.accepted)
    first = next(accepted, experiment.iterations)
    if first == experiment.iterations:
        return chain  # the seed improver made every challenger
    rule, name = Rule.INDEPENDENT, f"{chain.run}-control"
    control = experiment.model_copy(update={"protocol": rule, "name": name})
    with journals.opened_journal(experiment.store) as journal:
        is_forked = journal.has(name)
    if not is_forked:
        keeping.fork(chain.run, at=first, name=name, store=experiment.store, protocol=rule)
    return team.run(control)


@dataclass(frozen=True, slots=True)
class Found:
    """What all runs say together; each run counts as one measurement."""

    twins: tuple[Twins, ...]

    def gain(self) -> Estimate:
        """Returns the mean gain of chains."""
        return _over_runs([each.gain.mean for each in self.twins])

    def control_gain(self) -> Estimate:
        """Returns the mean gain of controls."""
        return _over_runs([each.control_gain.mean for each in self.twins])

    def recursion_gain(self) -> Estimate:
        """Returns what chains gain beyond their controls, on average."""
        return _over_runs([each.gain.mean - each.control_gain.mean for each in self.twins])

    def elsewhere(self) -> dict[str, Estimate]:
        """Returns mean gains on tasks that were never seen, by task."""
        names = self.twins[0].elsewhere
        return {
            name: _over_runs([each.elsewhere[name].mean for each in self.twins]) for name in names
        }

    def elsewhere_overall(self) -> Estimate:
        """Returns the mean gain over these tasks."""
        return _over_runs([_mean_elsewhere(each) for each in self.twins])

    def document(self) -> dict[str, object]:
        """Returns all of it as plain data."""
        return {
            "gain": interval_json(self.gain()),
            "up": share_json(_share_up([each.gain for each in self.twins])),
            "control_gain": interval_json(self.control_gain()),
            "control_up": share_json(_share_up([each.control_gain for each in self.twins])),
            "recursion_gain": interval_json(self.recursion_gain()),
            "unseen": {name: interval_json(gain) for name, gain in self.elsewhere().items()},
            "unseen_overall": interval_json(self.elsewhere_overall()),
        }


def _over_runs(gains: Sequence[float]) -> Estimate:
    return estimate(gains, of=Measured.RUNS, within=ANYTHING)


def _mean_elsewhere(twins: Twins) -> float:
    return fmean(gain.mean for gain in twins.elsewhere.values())


def _share_up(gains: Sequence[Estimate]) -> Proportion:
    return proportion(sum(gain.mean > 0 for gain in gains), len(gains))


def _gains(twins: Twins) -> list[Estimate]:
    return [twins.gain, twins.control_gain, *twins.elsewhere.values()]


def _runs_table(twins: Sequence[Twins], trained_on: str) -> Table:
    n = max(each.gain.n for each in twins)
    return Table(
        f"Gain of the last improver over the seed improver on {trained_on}, test split, "
        f"n = {n} sessions a run, 95 % intervals",
        ("run", "accepted", "chain", "accepted", "control", "unseen tasks"),
        tuple(
            (
                each.chain.run,
                _accepted(each.chain),
                in_words(each.gain, sign=True),
                _accepted(each.control),
                in_words(each.control_gain, sign=True),
                number(_mean_elsewhere(each), sign=True),
            )
            for each in twins
        ),
    )


def _accepted(run: RunSummary) -> str:
    later = run.iterations[1:]
    return f"{sum(row.accepted for row in later)} of {len(later)}"


def _summary_table(found: Found, trained_on: str) -> Table:
    ups = (
        _share_up([each.gain for each in found.twins]),
        _share_up([each.control_gain for each in found.twins]),
    )
    chain, control = (share_in_words(each) for each in ups)
    rows = [
        (f"chain, on {trained_on}", in_words(found.gain(), sign=True), chain),
        (f"control, on {trained_on}", in_words(found.control_gain(), sign=True), control),
        ("chain beyond control", in_words(found.recursion_gain(), sign=True), "-"),
        *(
            (f"chain, on {name} (unseen)", in_words(gain, sign=True), _up_elsewhere(found, name))
            for name, gain in found.elsewhere().items()
        ),
        ("chain, mean of unseen tasks", in_words(found.elsewhere_overall(), sign=True), "-"),
    ]
    n = in_runs(len(found.twins))
    return Table(f"Over runs: n = {n}, 95 % intervals", ("", "gain", "runs that gain"), tuple(rows))


def _up_elsewhere(found: Found, name: str) -> str:
    return share_in_words(_share_up([each.elsewhere[name] for each in found.twins]))


def _document(twins: Twins) -> dict[str, object]:
    return {
        "run": twins.chain.run,
        "control": twins.control.run,
        "gain": interval_json(twins.gain),
        "control_gain": interval_json(twins.control_gain),
        "accepted": sum(row.accepted for row in twins.chain.iterations[1:]),
        "control_accepted": sum(row.accepted for row in twins.control.iterations[1:]),
        "unseen": {name: interval_json(gain) for name, gain in twins.elsewhere.items()},
    }


def cost(settings: Settings) -> Cost:
    """Returns what the study takes at most.

    Raises:
        UsageError: A task does not exist, or was trained on.
    """
    experiment, names = settings.experiment, unseen(settings)
    if experiment.protocol != Rule.GATED:
        raise UsageError("the control goes by the same gate: expected the protocol gated")
    control = experiment.model_copy(update={"protocol": Rule.INDEPENDENT})
    there = _elsewhere(experiment)
    tried = of_sessions(there, 2 * there.test_repeats) + Cost(evaluations=1)
    once = [of_recursion(experiment), of_recursion(control)]
    each = sum([*once, *[within_limits(tried, experiment)] * len(names)], Cost())
    return sum([each] * settings.runs, Cost())


def parts(settings: Settings) -> int:
    """Returns how many runs the study consists of, if every chain parts from its control."""
    return settings.runs * (2 + len(unseen(settings)))


STUDY = Study(
    name="recursion",
    summary="what of the gain is recursion, and what is only more samples?",
    runs=10,
    conduct=conduct,
    defaults={"protocol": "gated", "iterations": paper.CURVE_ITERATIONS},
    cost=cost,
    parts=parts,
    choices=OF_RUNS - {Choice.PROTOCOL} | {Choice.UNSEEN},
)
