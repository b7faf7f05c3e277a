"""An experiment under way: begun or taken up again, recorded, stopped when asked, and ended.

Whatever is executed this way can be interrupted at any moment and goes on when it is started again.
"""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from importlib import metadata
from typing import Any, cast

from selftaught.analysis.ledger import Ledger
from selftaught.analysis.result_hash import RESULT_EVENTS, result_hash
from selftaught.analysis.summary import RunSummary, summary_of
from selftaught.budget import Budget
from selftaught.client import AttemptFailed, Client, Watcher
from selftaught.errors import (
    BudgetExceeded,
    RunCutShort,
    SelftaughtError,
    StoreError,
    UsageError,
)
from selftaught.events import (
    Event,
    Listener,
    RunEnded,
    RunForked,
    RunResumed,
    RunStarted,
)
from selftaught.experiment import Experiment
from selftaught.history import NO_HISTORY, History
from selftaught.host import Host
from selftaught.improver import LIMITS
from selftaught.language_models.servers.exchange import Tell
from selftaught.language_models.servers.pricing import Price
from selftaught.language_models.servers.served import addresses, as_recorded, prices_of
from selftaught.parts import find_executor, find_model
from selftaught.running.record import Record
from selftaught.running.resumption import begun_as, difference, forks_of, newest_unfinished
from selftaught.running.stopping import check_not_stopped, stopped_when_asked
from selftaught.sandboxes.local import LocalSandbox
from selftaught.store import Journal, RunWriter, default_store

Work = Callable[[Host, Sequence[RunForked]], None]
"""What an execution does with its host, knowing where the run parted from others."""

_SESSIONS = 16
"""Sessions of one measurement in flight."""
_MOST_WAITING = 64
"""The same where they wait for a server."""


def no_listener(event: Event | AttemptFailed) -> None:
    """Hears nothing."""


@dataclass(frozen=True, slots=True)
class Execution:
    """Something to be executed once, however often it is interrupted.

    Args:
        experiment: What to do.
        parts: What the experiment's names stood for: plain data, and programs.
        budget: The run's.
        watch: Told of all events, after the journal.
    """

    experiment: Experiment
    parts: Mapping[str, object]
    budget: Budget
    watch: Watcher

    def __call__(self, work: Work) -> RunSummary:
        """Does the work, or what is left of it, and returns what came of it.

        Work that is stopped or reaches a limit ends with the status ``cut short``; it can be taken
        up again. Work that is done is not repeated.

        Raises:
            UsageError: The name is another run's, or another process writes this one.
            SelftaughtError: The work failed; the journal has what came before.
        """
        store = store_of(self.experiment)
        with ExitStack() as stack:
            journal = stack.enter_context(closing(Journal(store)))
            if self._is_done(journal):
                return summary_of(journal, str(self.experiment.name))
            journal.check_writable()
            check_not_stopped(store)
            writer = self._taken_up(journal)
            if writer is not None:
                stack.callback(writer.close)
            prices = {} if writer is None else _prices(journal, writer.run)
            soon = _soon_in_flight(self.experiment) if self.parts.get("kind") == "run" else 1
            host = stack.enter_context(
                opened(
                    self.experiment,
                    self.budget,
                    prices=prices,
                    sessions=soon,
                    tell=self.watch,
                )
            )
            if writer is None:
                writer = journal.begin(self._started(host))
                stack.callback(writer.close)
            record = Record(writer, self.watch)
            self._announce(journal, writer.run, record, host)
            stack.enter_context(stopped_when_asked(journal, writer.run, store, self.budget))
            self._carry_out(work, journal, writer.run, host.recorded(record, record))
            return summary_of(journal, writer.run)

    def _is_done(self, journal: Journal) -> bool:
        """Tells whether the run of this name is done.

        Raises:
            UsageError: The run of this name does something else.
        """
        name = self.experiment.name
        if name is None or not journal.has(name):
            return False
        differs = difference(begun_as(journal, name), self.experiment, self.parts)
        if differs:
            raise UsageError(f"there is a run {name!r} already, and {differs}: give another --name")
        return journal.status(name) == "done"

    def _taken_up(self, journal: Journal) -> RunWriter | None:
        name = self.experiment.name
        if name is not None:
            return journal.resume(name) if journal.has(name) else None
        return newest_unfinished(journal, self.experiment, self.parts)

    def _started(self, host: Host) -> RunStarted:
        name = self.experiment.name or new_name()
        where = {"name": name, "store": store_of(self.experiment)}
        return RunStarted(
            run=name,
            experiment=self.experiment.model_copy(update=where).plain(),
            versions=versions(host.client),
            sandbox=host.sandbox.level,
            parts={**self.parts, "models": as_recorded(host.client)},
        )

    def _announce(self, journal: Journal, run: str, record: Record, host: Host) -> None:
        """Tells that the run begins; or that it goes on, charged with what it has spent."""
        book, last = Ledger(), None
        for row in journal.rows(run):
            book.add(row)
            last = row
        if last is None or last.kind == RunStarted.__name__:
            self.watch(journal.first(run))
            return
        self.budget.carry(book.spent)
        amounts = {str(unit): amount for unit, amount in book.spent.items()}
        resumed = RunResumed(run, versions(host.client), host.sandbox.level, amounts)
        # A fork that has just been made was not interrupted.
        announce = self.watch if last.kind == RunForked.__name__ else record
        announce(resumed)

    def _carry_out(self, work: Work, journal: Journal, run: str, host: Host) -> None:
        forks = forks_of(journal, run)
        status, reason = "done", ""
        try:
            with self._ended_ahead(host):
                work(host, forks)
        except (RunCutShort, BudgetExceeded) as error:
            status, reason = "cut short", str(error)
        except KeyboardInterrupt:
            status, reason = "cut short", "interrupted"
        except BaseException as error:
            reason = str(error) or type(error).__name__
            if isinstance(error, SelftaughtError):
                error.run = run
            with suppress(StoreError):
                host.listener(self._ended("failed", reason, None))
            raise
        is_done = status == "done"
        result = result_hash(journal.events(run, kinds=RESULT_EVENTS)) if is_done else None
        host.listener(self._ended(status, reason, result))

    @contextmanager
    def _ended_ahead(self, host: Host) -> Generator[None]:
        """Ends, after the block, what was begun ahead and nobody asked for."""
        try:
            yield
        finally:
            if host.ahead:
                self.budget.close("the run is over")
                host.ahead.shutdown(cancel_futures=True)

    def _ended(self, status: str, reason: str, result: str | None) -> RunEnded:
        spent = {str(unit): amount for unit, amount in self.budget.spent.items()}
        return RunEnded(status, reason, spent, result)


@contextmanager
def opened(  # noqa: PLR0913 - what there is to open, and for whom
    experiment: Experiment,
    budget: Budget,
    listener: Listener = no_listener,
    history: History = NO_HISTORY,
    *,
    prices: Mapping[str, Price] | None = None,
    sessions: int = 1,
    tell: Tell = no_listener,
) -> Generator[Host]:
    """Opens what an experiment needs to run programs; closes it at the end of the block.

    Args:
        experiment: What is needed.
        budget: The run's.
        listener: Told of all that happens.
        history: What has happened.
        prices: Of models by name, as the run began with them; they hold until it ends.
        sessions: How many will soon wait for a server together. Their zygotes are started now,
            while nothing else needs the cores.
        tell: Told when a server fails and is asked again; it is no part of the record.

    Raises:
        UsageError: The model or the executor does not exist.
        SandboxUnavailable: The isolation asked for cannot be had.
    """
    settings = replace(experiment.endpoint.settings(), prices=prices or {})
    client = find_model(experiment.model, experiment.seed, settings, wait=budget.wait, tell=tell)
    waiting = _MOST_WAITING if addresses(client) else _SESSIONS
    with (
        LocalSandbox(
            at_least=experiment.isolation, workers=experiment.workers or None, improvers=waiting
        ) as sandbox,
        find_executor(experiment.executor, experiment.workers) as executor,
    ):
        if addresses(client):
            sandbox.prepare(LIMITS, min(sessions, waiting))
        ahead = ThreadPoolExecutor(waiting, "ahead") if experiment.endpoint.ahead else None
        yield Host(
            client,
            sandbox,
            executor,
            listener,
            budget,
            experiment.seed,
            history,
            sessions=waiting,
            ahead=ahead,
        )


def _soon_in_flight(experiment: Experiment) -> int:
    """Returns how many sessions the candidates of one call lead to, if all are scored at once."""
    candidates = experiment.self_session.samples_per_call
    return candidates * len(experiment.tasks) * experiment.repeats


def _prices(journal: Journal, run: str) -> dict[str, Price]:
    models = begun_as(journal, run).parts.get("models", ())
    return prices_of(cast("Sequence[Mapping[str, Any]]", models))


def store_of(experiment: Experiment) -> str:
    """Returns where the experiment's journal is."""
    return experiment.store or default_store()


def new_name() -> str:
    """Returns a name for a run: when it began, and two random bytes against collisions."""
    return time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(2)


def versions(client: Client) -> dict[str, str]:
    """Returns the versions of what decides results, with this language model."""
    packages = ["selftaught", "numpy", "msgpack"]
    if addresses(client):
        packages += ["openai", "genai-prices"]
    return {
        **{package: metadata.version(package) for package in packages},
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
    }
