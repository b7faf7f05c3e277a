"""One application of an improver to a task, and the score of one program.

What most people come for: a better program for a task of one's own, and proof that it is better.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass

from selftaught.analysis.intervals import Estimate, estimate
from selftaught.analysis.summary import Comparison, compare
from selftaught.budget import Budget
from selftaught.errors import RunCutShort
from selftaught.events import (
    Event,
    Listener,
    PhaseStarted,
    Place,
    ReplyReceived,
    RunEnded,
    RunStarted,
)
from selftaught.experiment import Experiment
from selftaught.host import Host
from selftaught.improver import improve as apply
from selftaught.meta_utility import open_session
from selftaught.parts import find_improver, find_task
from selftaught.runner import Recorder, new_name, no_listener, opened, store_of, versions
from selftaught.sandbox import Status
from selftaught.solution import Solution
from selftaught.store import Journal
from selftaught.task import Split, Task, TaskUtility


@dataclass(frozen=True, slots=True)
class Improved:
    """What an improver made of a task's seed solution."""

    run: str
    """Name of the record in the journal."""
    solution: Solution
    """The better program; the seed solution where there is none."""
    status: str
    """``improved``, ``not improved`` or ``failed``."""
    message: str
    comparison: Comparison | None
    """Seed solution and result on test instances, pair by pair; None where there is no result."""
    spent: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ProgramScore:
    """The utility of a program."""

    task: str
    preset: str
    split: Split
    score: Estimate
    outcome: str
    """``ok``, or the most frequent kind of failure."""
    message: str
    """The first failure, in words."""


class Application:
    """One application of an experiment's improver to its first task.

    Args:
        experiment: Names the task, the improver, the model and the limits.
        watch: Told of all events, besides the journal.
        task: The task itself, in place of the experiment's name for it.
    """

    def __init__(
        self, experiment: Experiment, watch: Listener = no_listener, *, task: Task | None = None
    ) -> None:
        self.name = experiment.name or new_name()
        self.budget = Budget("run", experiment.limits.amounts())
        self._experiment = experiment
        self._watch = watch
        self._task = task
        self._replies = 0
        self._programs = 0

    def stop(self, reason: str) -> None:
        """Ends the application at the next reply or score."""
        self.budget.close(reason)

    def __call__(self) -> Improved:
        """Applies the improver once, and compares what it returned with the seed solution.

        Raises:
            UsageError: The experiment names something that does not exist.
            SelftaughtError: The application failed or was stopped.
        """
        experiment = self._experiment
        task = self._task or find_task(experiment.tasks[0], experiment.preset)
        improver = find_improver(experiment.improver)
        with ExitStack() as stack:
            journal = stack.enter_context(closing(Journal(store_of(experiment))))
            recorder = Recorder(self.name, journal, self._note)
            host = stack.enter_context(opened(experiment, self.budget, recorder))
            level = host.sandbox.level
            recorder.start(RunStarted(self.name, experiment.plain(), versions(), level))
            status, reason = "failed", "it was killed"
            try:
                improved = self._improve(improver, task, host)
                status, reason = "done", ""
            except RunCutShort as error:
                status, reason = "cut short", str(error)
                raise
            except Exception as error:
                reason = str(error)
                raise
            finally:
                recorder(RunEnded(status, reason, self._spent(), None))
        return improved

    def _note(self, event: Event) -> None:
        if isinstance(event, ReplyReceived):
            self._replies += 1
            self._programs += event.solution is not None
        self._watch(event)

    def _improve(self, improver: Solution, task: Task, host: Host) -> Improved:
        place = Place(("improve", task.id))
        host.listener(PhaseStarted(place, "improve", None))
        utility = TaskUtility(task, host, split=Split.SEARCH, stream="improve")
        budget = self._experiment.session.budget()
        session = open_session(task.seed, utility, budget, host, place, "improve")
        improvement = apply(improver, session, host=host)
        if improvement.solution is None:
            message = improvement.outcome.message
            if not self._programs:
                message += f"; none of the {self._replies} replies held a program"
            return self._result(task.seed, "failed", message, None)
        host.listener(PhaseStarted(place, "compare", None))
        test = TaskUtility(task, host, split=Split.TEST, stream="improve")
        before = test.score(task.seed, place).instances
        after = test.score(improvement.solution, place).instances
        comparison = compare(before, after)
        if comparison.gain.mean > 0:
            return self._result(improvement.solution, "improved", "", comparison)
        message = "what the improver returned does not score higher on test instances"
        return self._result(task.seed, "not improved", message, comparison)

    def _result(
        self, solution: Solution, status: str, message: str, comparison: Comparison | None
    ) -> Improved:
        return Improved(self.name, solution, status, message, comparison, self._spent())

    def _spent(self) -> dict[str, float]:
        return {str(unit): amount for unit, amount in self.budget.spent.items()}


def score(
    task: Task, solution: Solution, *, split: Split = Split.SEARCH, experiment: Experiment
) -> ProgramScore:
    """Returns the utility of a program.

    Args:
        task: What it is to solve.
        solution: The program.
        split: Which instances it is tried on.
        experiment: Gives the seed, the isolation and the number of workers.

    Raises:
        SandboxUnavailable: Programs cannot be isolated here.
    """
    with opened(experiment, Budget("run", {}), no_listener) as host:
        utility = TaskUtility(task, host, split=split, stream="score")
        result = utility.score(solution, Place(("score",)))
    worst = max(result.failures, key=lambda kind: result.failures[kind], default=str(Status.OK))
    interval = estimate(result.instances)
    if abs(interval.mean - result.value) > 1e-9:
        # A task that fails as a whole for one instance has no mean to put an interval around.
        interval = Estimate(result.value, result.value, result.value, interval.n)
    return ProgramScore(task.id, task.preset, split, interval, str(worst), result.message)
