"""A run of an experiment: Algorithm 1 with the parts that the experiment names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selftaught.acceptance import Official, Rule, acceptance_of, rule_of
from selftaught.analysis.summary import RunSummary
from selftaught.budget import Budget
from selftaught.client import Watcher
from selftaught.errors import UsageError
from selftaught.events import RunForked, SeedSolutionScored
from selftaught.experiment import Experiment
from selftaught.host import Host
from selftaught.meta_utility import Measurement, MetaUtility
from selftaught.parts import find_improver, find_task
from selftaught.place import Place, score_key
from selftaught.recursion import Plan, recursion
from selftaught.running.execution import Execution, no_listener
from selftaught.running.recorded_parts import parts_as_recorded
from selftaught.seed_check import check_draws, check_seed_scores
from selftaught.solution import Solution
from selftaught.task import Split, Task
from selftaught.task_utility import TaskUtility
from selftaught.utility import evaluate


class Run:
    """One run of an experiment.

    Args:
        experiment: What to do.
        watch: Told of all events, besides the journal.
    """

    def __init__(self, experiment: Experiment, watch: Watcher = no_listener) -> None:
        self.budget = Budget("run", experiment.limits.amounts())
        self._experiment = experiment
        self._watch = watch

    def stop(self, reason: str) -> None:
        """Ends the run at the next reply or score; what it has so far stands."""
        self.budget.close(reason)

    def __call__(self) -> RunSummary:
        """Runs to the end, and returns what came of it.

        A run that was interrupted goes on where it stood. One that is stopped or reaches a limit
        ends with the status ``cut short``.

        Raises:
            UsageError: The experiment names something that does not exist.
            SelftaughtError: The run failed; the journal has what came before.
        """
        parts = Parts.found(self._experiment)
        execute = Execution(self._experiment, parts.recorded(), self.budget, self._watch)
        return execute(parts.run)


@dataclass(frozen=True, slots=True)
class Parts:
    """An experiment, and what it names."""

    experiment: Experiment
    tasks: tuple[Task, ...]
    improver: Solution

    @classmethod
    def found(cls, experiment: Experiment) -> Parts:
        """Finds what an experiment names.

        Raises:
            UsageError: Something does not exist; the message lists what does.
        """
        tasks = tuple(find_task(name, experiment.preset) for name in experiment.tasks)
        _check_distinct(tasks)
        return cls(experiment, tasks, find_improver(experiment.improver))

    def recorded(self) -> dict[str, object]:
        """Returns what the record of a run keeps of them."""
        detail = self.experiment.detail
        return parts_as_recorded("run", self.improver, self.tasks, detail=detail)

    def run(self, host: Host, forks: Sequence[RunForked]) -> None:
        """Runs the recursion to its end; events tell what comes of it.

        Args:
            host: What the run shares.
            forks: Where the run parted from others.
        """
        for task in self.tasks:
            host.listener(score_seed(task, host))
        experiment, plan = self.experiment, self._plan(forks)
        meta_utility = MetaUtility(
            self.tasks,
            search=plan.search,
            session=experiment.session.budget(),
            evaluations=experiment.self_session.evaluations,
            host=host,
            detail=experiment.detail,
            failure_is_zero=isinstance(rule := plan.acceptance, Official) and rule.failure_is_zero,
        )
        iterations = experiment.iterations
        for _ in recursion(self.improver, meta_utility, plan, host, iterations=iterations):
            pass

    def _plan(self, forks: Sequence[RunForked]) -> Plan:
        experiment, rule = self.experiment, rule_of(self.experiment.protocol)
        return Plan(
            acceptance=acceptance_of(experiment.protocol),
            session=experiment.self_session.budget(),
            search=Measurement(Split.SEARCH, "all", experiment.repeats),
            gate_repeats=experiment.gate_repeats,
            test_repeats=experiment.test_repeats,
            tests_every_generation=rule in {Rule.PAPER, Rule.OFFICIAL},
            is_chain=rule is not Rule.INDEPENDENT,
            branches=tuple((fork.t, fork.run) for fork in forks),
        )


def score_seed(task: Task, host: Host) -> SeedSolutionScored:
    """Scores the seed solution of a task: the first number of a run.

    Raises:
        UsageError: It fails everywhere, the task's own score function cannot judge it, or the same
            seed draws two different instances.
        BudgetExceeded: No evaluation is left.
    """
    utility = TaskUtility(task, host, split=Split.SEARCH, stream="seed solution")
    place = Place(("seed solution", task.id))
    if host.history.at(score_key(place, task.seed, 0)) is None:
        check_draws(task, task.draw_seeds(host.seed, Split.SEARCH, utility.stream, 1)[0])
    score = evaluate(
        utility,
        task.seed,
        budget=host.budget,
        place=place,
        listener=host.listener,
        history=host.history,
    )
    check_seed_scores(task, score)
    return SeedSolutionScored(task.id, score.value, score.instances)


def _check_distinct(tasks: Sequence[Task]) -> None:
    # The same task twice would turn one observation into two, and noise into evidence.
    for number, task in enumerate(tasks):
        for other in tasks[:number]:
            if task.id == other.id or task.digest == other.digest:
                raise UsageError(
                    f"the tasks {other.id!r} and {task.id!r} have the same name or are the same: "
                    "expected different ones"
                )
