"""Improvers side by side: measured in the same sessions of the same tasks, and nothing decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing

from selftaught.analysis.summary import RunSummary
from selftaught.budget import Budget
from selftaught.events import Listener, PhaseStarted, SessionScored
from selftaught.execution import Execution, no_listener, store_of
from selftaught.experiment import Experiment
from selftaught.host import Host
from selftaught.meta_utility import Measurement, MetaUtility
from selftaught.parts import find_task
from selftaught.place import Place
from selftaught.recorded_parts import parts_as_recorded
from selftaught.runner import score_seed
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
        watch: Listener = no_listener,
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
        place = Place(("measure", improver.id))
        host.listener(PhaseStarted(place, "measure", None))
        meta_utility.measure(improver, sessions, place)


Scores = Mapping[tuple[str, str], tuple[float, ...]]
"""From the digest of an improver and the id of a task to the scores of its sessions, which pair."""


def scores_of(experiment: Experiment) -> Scores:
    """Returns what measurements came to, from the journal.

    Raises:
        StoreError: The journal cannot be read.
    """
    found: dict[tuple[str, str], dict[int, float]] = {}
    with closing(Journal(store_of(experiment))) as journal:
        for event in journal.events(str(experiment.name), kinds=(SessionScored,)):
            assert isinstance(event, SessionScored)
            sessions = found.setdefault((event.improver.digest, event.task), {})
            sessions[event.repeat] = event.score
    return {
        key: tuple(score for _, score in sorted(sessions.items()))
        for key, sessions in found.items()
    }
