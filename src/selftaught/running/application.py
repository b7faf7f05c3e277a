"""One application of an improver to a task, and the score of one program.

What most people come for: a better program for a task of one's own, and proof that it is better.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from selftaught.analysis.comparison import Comparison, compare
from selftaught.analysis.intervals import Estimate, Measured, number
from selftaught.analysis.replies import Replies
from selftaught.analysis.summary import RunSummary, utility_estimate
from selftaught.budget import Budget
from selftaught.errors import RunCutShort
from selftaught.events import ApplicationEnded, Listener, PhaseStarted
from selftaught.experiment import Experiment
from selftaught.host import Host
from selftaught.improver import improve as apply
from selftaught.meta_utility import open_session
from selftaught.parts import find_improver, find_task
from selftaught.place import Place
from selftaught.running.execution import Execution, no_listener, opened
from selftaught.running.recorded_parts import parts_as_recorded
from selftaught.running.runner import score_seed
from selftaught.sandbox import Status
from selftaught.solution import Solution
from selftaught.task import Split, Task
from selftaught.task_utility import TaskUtility
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
    seed: Solution
    """The seed solution."""
    solution: Solution
    """The better program; the seed solution where there is none."""
    status: str
    """``improved``: better on gate instances; ``not improved``: not shown to be; ``failed``."""
    message: str
    comparison: Comparison | None
    """Seed solution and result on test instances, pair by pair; None where there is no result."""
    spent: Mapping[str, float]
    """By unit; what nobody counts is NaN."""
    replies: Replies
    """What became of the replies of a model on a server."""


@dataclass(frozen=True, slots=True)
class ProgramScore:
    """The utility of a program."""

    task: str
    preset: str
    split: Split
    score: Estimate
    outcome: str
    """``ok``, or the kind of the first failure."""
    message: str
    """The first failure, in words."""
    failures: Mapping[str, int]
    """How many instances failed, by kind of failure; the most frequent kind first."""
    seed: int
    """Seed of the instances: with it, the same are drawn again."""


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
        self.budget = Budget("run", experiment.limits.amounts())
        self._experiment = experiment
        self._watch = watch
        self._task = task

    def stop(self, reason: str) -> None:
        """Ends the application at the next reply or score."""
        self.budget.close(reason)

    def __call__(self) -> Improved:
        """Applies the improver once, and compares what it returned with the seed solution.

        An application that was interrupted goes on where it stood.

        Raises:
            UsageError: The experiment names something that does not exist.
            SelftaughtError: The application failed or was stopped.
        """
        experiment = self._experiment
        task = self._task or find_task(experiment.tasks[0], experiment.preset)
        improver = find_improver(experiment.improver)
        recorded = parts_as_recorded("improve", improver, [task], detail=experiment.detail)
        execute = Execution(experiment, recorded, self.budget, self._watch)
        summary = execute(lambda host, _: apply_once(improver, task, experiment, host))
        if summary.status != "done":
            raise RunCutShort(summary.reason)
        return _improved(summary, task.seed)


def apply_once(improver: Solution, task: Task, experiment: Experiment, host: Host) -> None:
    """Applies an improver and compares; events tell what comes of it."""
    host.listener(score_seed(task, host))
    place = Place(("improve", task.id))
    host.listener(PhaseStarted(place, "improve", None))
    utility = TaskUtility(
        task, host, split=Split.SEARCH, stream="improve", detail=experiment.detail
    )
    budget = experiment.session.budget()
    session = open_session(task.seed, utility, budget, host, place, "improve")
    improvement = apply(improver, session, host=host)
    ended = partial(ApplicationEnded, task.id, improver)
    if improvement.solution is None:
        message = improvement.outcome.message
        host.listener(ended(task.seed, "failed", message, None, None))
        return
    host.listener(PhaseStarted(place, "compare", None))
    gate = _compare(task, improvement.solution, Split.GATE, host)
    test = _compare(task, improvement.solution, Split.TEST, host)
    scores = (test.seed_scores, test.champion_scores)
    if gate.gain.mean > 0 and gate.p <= ALPHA:
        host.listener(ended(improvement.solution, "improved", "", *scores))
        return
    message = _not_better(gate, improvement.solution, task.seed)
    host.listener(ended(task.seed, "not improved", message, *scores))


def _not_better(gate: Comparison, returned: Solution, seed: Solution) -> str:
    if returned.digest == seed.digest:
        return "the improver found nothing better than the seed solution, and returned it"
    return (
        f"on {gate.gain.n} gate instances what the improver returned (program {returned.id}) is "
        "not shown to be better than the seed solution "
        f"(gain {number(gate.gain.mean, sign=True)}, p = {gate.p:.2g})"
    )


def _improved(summary: RunSummary, seed: Solution) -> Improved:
    ended = summary.application
    assert ended is not None, "an application that is done has ended"
    return Improved(
        run=summary.run,
        seed=seed,
        solution=ended.solution,
        status=ended.status,
        message=ended.message,
        comparison=summary.comparison,
        spent=summary.spent,
        replies=summary.replies,
    )


def _compare(task: Task, solution: Solution, split: Split, host: Host) -> Comparison:
    """Compares a solution with the seed solution, instance by instance."""
    pairs: list[tuple[float, float]] = []
    for utility in _utilities(task, split, host):
        before, after = (
            evaluate(
                utility,
                program,
                budget=host.budget,
                place=Place(("compare", task.id, split, utility.stream)),
                listener=host.listener,
                history=host.history,
            )
            for program in (task.seed, solution)
        )
        pairs += zip(before.instances, after.instances, strict=True)
    scores = [old for old, _ in pairs], [new for _, new in pairs]
    return compare(*scores, of=Measured.INSTANCES, within=task.range)


def _utilities(task: Task, split: Split, host: Host) -> list[TaskUtility]:
    """Returns utilities of enough instances for a comparison; of one, where all would be equal."""
    count = task.counts[split]
    names = [f"improve/{number}" for number in range(math.ceil(_INSTANCES / count))]
    draws = {tuple(task.draw_seeds(host.seed, split, name, count)): name for name in names}
    return [TaskUtility(task, host, split=split, stream=name) for name in draws.values()]


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
    with opened(experiment, Budget("run", {})) as host:
        utility = TaskUtility(task, host, split=split, stream="score")
        result = utility.score(solution, Place(("score",)))
    # They stand in the order of their first instances, as the message does.
    kinds = {str(kind): count for kind, count in result.failures.items()}
    return ProgramScore(
        task=task.id,
        preset=task.preset,
        split=split,
        score=utility_estimate(result.value, result.instances, within=task.range),
        outcome=next(iter(kinds), str(Status.OK)),
        message=result.message,
        failures=dict(Counter(kinds).most_common()),
        seed=experiment.seed,
    )
