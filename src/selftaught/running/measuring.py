"""Improvers side by side: measured in the same sessions of the same tasks, and nothing decided."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from selftaught.analysis.summary import RunSummary
from selftaught.budget import Budget
from selftaught.client import Watcher
from selftaught.events import PhaseStarted, ReplyReceived, SessionScored, SolutionScored
from selftaught.experiment import Experiment
from selftaught.host import Host
from selftaught.meta_utility import Measurement, MetaUtility
from selftaught.parts import find_task
from selftaught.place import Place
from selftaught.running.execution import Execution, no_listener, store_of
from selftaught.running.recorded_parts import parts_as_recorded
from selftaught.running.runner import score_seed
from selftaught.solution import Solution
from selftaught.store import Journal
from selftaught.task import Split, Task


class Measuring:
    """Measures improvers on the test split of an experiment's tasks.

    Args:
        experiment: Names the tasks, the model and what a session may spend; `test_repeats` sessions
            a task and improver.
        improvers: The improvers.
        watch: Told of all events, besides the journal.
    """

    def __init__(
        self,
        experiment: Experiment,
        improvers: Sequence[Solution],
        watch: Watcher = no_listener,
    ) -> None:
        self.budget = Budget("run", experiment.limits.amounts())
        self._experiment = experiment
        self._improvers = tuple(improvers)
        self._watch = watch

    def stop(self, reason: str) -> None:
        """Ends the measurements at the next reply or score."""
        self.budget.close(reason)

    def __call__(self) -> RunSummary:
        """Measures, or goes on where it was interrupted.

        Raises:
            UsageError: The experiment names something that does not exist.
            SelftaughtError: A measurement failed; the journal has what came before.
        """
        experiment = self._experiment
        tasks = tuple(find_task(name, experiment.preset) for name in experiment.tasks)
        first, detail = self._improvers[0], experiment.detail
        recorded = parts_as_recorded("measure", first, tasks, detail=detail)
        recorded["improvers"] = list(self._improvers)
        execute = Execution(experiment, recorded, self.budget, self._watch)
        return execute(lambda host, _: measure(self._improvers, tasks, experiment, host))


def measure(
    improvers: Sequence[Solution], tasks: tuple[Task, ...], experiment: Experiment, host: Host
) -> None:
    """Measures improvers side by side; events tell what comes of it."""
    for task in tasks:
        host.listener(score_seed(task, host))
    meta_utility = MetaUtility(
        tasks,
        search=Measurement(Split.SEARCH, "all", experiment.repeats),
        session=experiment.session.budget(),
        evaluations=experiment.self_session.evaluations,
        host=host,
        detail=experiment.detail,
    )
    sessions = Measurement(Split.TEST, "side by side", experiment.test_repeats)
    for improver in improvers:
        host.listener(PhaseStarted(_place(improver), "measure", None))
        meta_utility.measure(improver, sessions, _place(improver))


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions of an improver on a task, repeat by repeat: they pair with those of others."""

    scores: tuple[float, ...]
    calls: tuple[float, ...]
    """Calls of the language model that each made."""
    samples: tuple[float, ...]
    evaluations: tuple[float, ...]
    """Programs that each scored; not the score of what it returned."""


def sessions_of(experiment: Experiment, improvers: Sequence[Solution], task: str) -> list[Sessions]:
    """Returns what measurements came to, and what they took, from the journal.

    Args:
        experiment: What was measured, with its name.
        improvers: The improvers; one entry each.
        task: The task's id.

    Raises:
        StoreError: The journal cannot be read.
    """
    scores: defaultdict[str, float] = defaultdict(float)
    calls: defaultdict[str, set[str]] = defaultdict(set)
    samples: Counter[str] = Counter()
    evaluations: Counter[str] = Counter()
    with closing(Journal(store_of(experiment))) as journal:
        kinds = (SessionScored, ReplyReceived, SolutionScored)
        for event in journal.events(str(experiment.name), kinds=kinds):
            match event:
                case SessionScored():
                    scores[str(event.place)] = event.score
                case ReplyReceived():
                    calls[str(event.place)].add(event.call)
                    samples[str(event.place)] += 1
                case SolutionScored():
                    evaluations[str(event.place)] += 1
                case _:
                    pass

    def sessions(improver: Solution) -> Sessions:
        # One that lacks its function has no sessions: it scores 0 and takes nothing.
        of_task = _place(improver) / task
        places = [str(of_task / repeat) for repeat in range(experiment.test_repeats)]
        return Sessions(
            scores=tuple(scores[place] for place in places),
            calls=tuple(len(calls[place]) for place in places),
            samples=tuple(samples[place] for place in places),
            evaluations=tuple(evaluations[place] for place in places),
        )

    return [sessions(improver) for improver in improvers]


def _place(improver: Solution) -> Place:
    return Place(("measure", improver.id))
