"""A run of an experiment: where the parts are built and connected.

Everything else receives its collaborators as arguments; only here are they chosen.
"""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing, contextmanager
from importlib import metadata

from selftaught.acceptance import RULES, Rule
from selftaught.analysis.summary import SUMMARY_EVENTS, RunSummary, result_hash, summarise
from selftaught.budget import Budget
from selftaught.errors import BudgetExceeded, RunCutShort, UsageError
from selftaught.events import Event, Listener, RunEnded, RunStarted, SeedSolutionScored
from selftaught.experiment import Experiment
from selftaught.host import Host
from selftaught.meta_utility import Measurement, MetaUtility
from selftaught.parts import find_executor, find_improver, find_model, find_task
from selftaught.place import Place
from selftaught.recursion import Plan, recursion
from selftaught.sandboxes.local import LocalSandbox
from selftaught.store import Journal, default_store
from selftaught.task import Split, Task, TaskUtility, check_seed_scores
from selftaught.utility import evaluate


def no_listener(event: Event) -> None:
    """Hears nothing."""


class Run:
    """One run of an experiment.

    Args:
        experiment: What to do.
        watch: Told of all events, besides the journal.
    """

    def __init__(self, experiment: Experiment, watch: Listener = no_listener) -> None:
        self.name = experiment.name or new_name()
        self.experiment = experiment.model_copy(
            update={"name": self.name, "store": store_of(experiment)}
        )
        self.budget = Budget("run", experiment.limits.amounts())
        self._watch = watch

    def stop(self, reason: str) -> None:
        """Ends the run at the next reply or score; what it has so far stands."""
        self.budget.close(reason)

    def __call__(self) -> RunSummary:
        """Runs to the end, and returns what came of it.

        A run that is stopped or reaches a limit ends with the status ``cut short``.

        Raises:
            UsageError: The experiment names something that does not exist.
            SelftaughtError: The run failed; the journal has what came before.
        """
        with ExitStack() as stack:
            parts = Parts(self.experiment)
            journal = stack.enter_context(closing(Journal(store_of(self.experiment))))
            recorder = Recorder(self.name, journal, self._watch)
            host = stack.enter_context(opened(self.experiment, self.budget, recorder))
            recorder.start(self._started(host))
            status, reason = "failed", "it was killed"
            try:
                status, reason = self._run(parts, host)
            except KeyboardInterrupt:
                status, reason = "cut short", "interrupted"
            except Exception as error:
                reason = str(error) or type(error).__name__
                raise
            finally:
                recorder(self._ended(recorder, status, reason))
            return summarise(recorder.events)

    def _run(self, parts: Parts, host: Host) -> tuple[str, str]:
        generations = recursion(
            parts.improver,
            parts.meta_utility(host),
            parts.plan,
            host,
            iterations=self.experiment.iterations,
        )
        try:
            for task in parts.tasks:
                host.listener(score_seed(task, host))
            for _ in generations:
                pass
        except (RunCutShort, BudgetExceeded) as error:
            return "cut short", str(error)
        return "done", ""

    def _started(self, host: Host) -> RunStarted:
        return RunStarted(
            run=self.name,
            experiment=self.experiment.plain(),
            versions=versions(),
            sandbox=host.sandbox.level,
        )

    def _ended(self, recorder: Recorder, status: str, reason: str) -> RunEnded:
        return RunEnded(
            status=status,
            reason=reason,
            spent={str(unit): amount for unit, amount in self.budget.spent.items()},
            result_hash=result_hash(recorder.events) if status == "done" else None,
        )


def score_seed(task: Task, host: Host) -> SeedSolutionScored:
    """Scores the seed solution of a task: the first number of a run.

    Raises:
        UsageError: The task's own score function cannot judge it.
        BudgetExceeded: No evaluation is left.
    """
    utility = TaskUtility(task, host, split=Split.SEARCH, stream="seed solution")
    place = Place(("seed solution", task.id))
    score = evaluate(utility, task.seed, budget=host.budget, place=place, listener=host.listener)
    check_seed_scores(task, score)
    return SeedSolutionScored(task.id, score.value, score.instances)


class Recorder:
    """Writes events to the journal before anybody else learns of them; keeps what sums a run up."""

    def __init__(self, run: str, journal: Journal, watch: Listener) -> None:
        self.events: list[Event] = []
        self._run = run
        self._journal = journal
        self._watch = watch

    def start(self, started: RunStarted) -> None:
        """Opens the record.

        Raises:
            UsageError: There is a run of that name.
        """
        self._journal.start(started)
        self.events.append(started)
        self._watch(started)

    def __call__(self, event: Event) -> None:
        """Records an event.

        Raises:
            StoreError: The journal cannot be written: the run cannot go on.
        """
        self._journal.append(self._run, event)
        if isinstance(event, SUMMARY_EVENTS):
            self.events.append(event)
        self._watch(event)


class Parts:
    """What an experiment names, found.

    Raises:
        UsageError: Something does not exist; the message lists what does.
    """

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self.tasks = tuple(find_task(name, experiment.preset) for name in experiment.tasks)
        _check_distinct(self.tasks)
        self.improver = find_improver(experiment.improver)
        self.search = Measurement(Split.SEARCH, "all", experiment.repeats)
        self.plan = Plan(
            acceptance=RULES[experiment.protocol](),
            session=experiment.self_session.budget(),
            search=self.search,
            gate_repeats=experiment.gate_repeats,
            test_repeats=experiment.test_repeats,
            tests_every_generation=experiment.protocol is not Rule.GATED,
        )

    def meta_utility(self, host: Host) -> MetaUtility:
        """Returns u-hat over the experiment's tasks."""
        return MetaUtility(
            self.tasks,
            search=self.search,
            session=self._experiment.session.budget(),
            evaluations=self._experiment.self_session.evaluations,
            host=host,
        )


def _check_distinct(tasks: Sequence[Task]) -> None:
    # The same task twice would turn one observation into two, and noise into evidence.
    for number, task in enumerate(tasks):
        for other in tasks[:number]:
            if task.id == other.id or task.digest == other.digest:
                raise UsageError(
                    f"the tasks {other.id!r} and {task.id!r} have the same name or are the same: "
                    "expected different ones"
                )


@contextmanager
def opened(experiment: Experiment, budget: Budget, listener: Listener) -> Generator[Host]:
    """Opens what an experiment needs to run programs; closes it at the end of the block.

    Raises:
        UsageError: The model or the executor does not exist.
        SandboxUnavailable: The isolation asked for cannot be had.
    """
    client = find_model(experiment.model, experiment.seed)
    with (
        LocalSandbox(at_least=experiment.isolation, workers=experiment.workers or None) as sandbox,
        find_executor(experiment.executor, experiment.workers) as executor,
    ):
        yield Host(client, sandbox, executor, listener, budget, experiment.seed)


def store_of(experiment: Experiment) -> str:
    """Returns where the experiment's journal is."""
    return experiment.store or default_store()


def new_name() -> str:
    """Returns a name for a run: when it began, and two random bytes against collisions."""
    return time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(2)


def versions() -> dict[str, str]:
    """Returns the versions of what decides results."""
    packages: Sequence[str] = ("selftaught", "numpy", "msgpack")
    return {
        **{package: metadata.version(package) for package in packages},
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
    }
