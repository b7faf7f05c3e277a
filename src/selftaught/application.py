"""One application of an improver to a task, and the score of one program.

What most people come for: a better program for a task of one's own, and proof that it is better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass

from selftaught.analysis.intervals import Estimate, estimate
from selftaught.analysis.summary import Comparison, compare
from selftaught.budget import Budget
from selftaught.errors import BudgetExceeded, RunCutShort
from selftaught.events import (
    ApplicationEnded,
    Event,
    Listener,
    PhaseStarted,
    ReplyReceived,
    RunEnded,
    RunStarted,
)
from selftaught.experiment import Experiment
from selftaught.host import Host
from selftaught.improver import improve as apply
from selftaught.meta_utility import open_session
from selftaught.parts import find_improver, find_task
from selftaught.place import Place
from selftaught.runner import (
    Recorder,
    new_name,
    no_listener,
    opened,
    score_seed,
    store_of,
    versions,
)
from selftaught.sandbox import Status
from selftaught.solution import Solution
from selftaught.store import Journal
from selftaught.task import Split, Task, TaskUtility
from selftaught.utility import evaluate

ALPHA = 0.05
"""The chance that a result which is no better passes for improved."""
_INSTANCES = 24
"""Instances at least, where a task can draw them, behind a comparison."""


@dataclass(frozen=True, slots=True)
class Improved:
    """What an improver made of a task's seed solution."""

    run: str
    """Name of the record in the journal."""
    solution: Solution
    """The better program; the seed solution where there is none."""
    status: str
    """``improved``: better on gate instances; ``not improved``: not shown to be; ``failed``."""
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
        self._programs: list[bool] = []

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
                recorder(_ended(improved, task, improver))
                status, reason = "done", ""
            except (RunCutShort, BudgetExceeded) as error:
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
            self._programs.append(event.solution is not None)
        self._watch(event)

    def _improve(self, improver: Solution, task: Task, host: Host) -> Improved:
        score_seed(task, host)
        place = Place(("improve", task.id))
        host.listener(PhaseStarted(place, "improve", None))
        utility = TaskUtility(task, host, split=Split.SEARCH, stream="improve")
        budget = self._experiment.session.budget()
        session = open_session(task.seed, utility, budget, host, place, "improve")
        improvement = apply(improver, session, host=host)
        if improvement.solution is None:
            message = improvement.outcome.message
            if not any(self._programs):
                message += f"; none of the {len(self._programs)} replies held a program"
            return self._result(task.seed, "failed", message, None)
        host.listener(PhaseStarted(place, "compare", None))
        gate = _compare(task, improvement.solution, Split.GATE, host)
        test = _compare(task, improvement.solution, Split.TEST, host)
        if gate.gain.mean > 0 and gate.p <= ALPHA:
            return self._result(improvement.solution, "improved", "", test)
        message = (
            f"on {gate.gain.n} gate instances what the improver returned is not shown to be "
            f"better than the seed solution (gain {gate.gain.mean:+.3f}, p = {gate.p:.2g})"
        )
        return self._result(task.seed, "not improved", message, test)

    def _result(
        self, solution: Solution, status: str, message: str, comparison: Comparison | None
    ) -> Improved:
        return Improved(self.name, solution, status, message, comparison, self._spent())

    def _spent(self) -> dict[str, float]:
        return {str(unit): amount for unit, amount in self.budget.spent.items()}


def _compare(task: Task, solution: Solution, split: Split, host: Host) -> Comparison:
    """Compares a solution with the seed solution, instance by instance."""
    pairs: list[tuple[float, float]] = []
    for utility in _utilities(task, split, host):
        before, after = (
            evaluate(
                utility,
                program,
                budget=host.budget,
                place=Place(("compare", task.id, split)),
                listener=host.listener,
            )
            for program in (task.seed, solution)
        )
        pairs += zip(before.instances, after.instances, strict=True)
    return compare([old for old, _ in pairs], [new for _, new in pairs])


def _utilities(task: Task, split: Split, host: Host) -> list[TaskUtility]:
    """Returns utilities of enough instances for a comparison; of one, where all would be equal."""
    count = task.counts[split]
    names = [f"improve/{number}" for number in range(math.ceil(_INSTANCES / count))]
    draws = {tuple(task.draw_seeds(host.seed, split, name, count)): name for name in names}
    return [TaskUtility(task, host, split=split, stream=name) for name in draws.values()]


def _ended(improved: Improved, task: Task, improver: Solution) -> ApplicationEnded:
    comparison = improved.comparison
    return ApplicationEnded(
        task=task.id,
        improver=improver,
        solution=improved.solution,
        status=improved.status,
        message=improved.message,
        seed_scores=comparison.seed_scores if comparison else None,
        scores=comparison.champion_scores if comparison else None,
    )


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
