"""A run executed again from its journal alone: no network, no model.

Replies, scores and what improvers returned are served from the journal. Means, decisions and tables
are computed again, by the code that computed them first, and must come out the same, byte for byte.
With `programs` the improvers run again, too, in the sandbox, on the replies of the journal.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Any, cast

from selftaught.analysis.result_hash import RESULT_EVENTS, result_hash
from selftaught.analysis.summary import SUMMARY_EVENTS, RunSummary, summarise
from selftaught.budget import Budget
from selftaught.client import Reply, Request
from selftaught.errors import ProgramError, RunCutShort, UsageError
from selftaught.events import Event, RunEnded, SessionEnded, SessionScored
from selftaught.experiment import Experiment
from selftaught.history import History
from selftaught.host import Host
from selftaught.place import Place
from selftaught.running.application import apply_once
from selftaught.running.execution import Work
from selftaught.running.measuring import measure
from selftaught.running.record import DECISIONS, decision_key
from selftaught.running.recorded_parts import improver_of, tasks_of
from selftaught.running.resumption import begun_as, forks_of
from selftaught.running.runner import Parts
from selftaught.running.sampling import Question, sample
from selftaught.sandbox import Handler, Limits, Program, RunningProgram, Sandbox
from selftaught.sandboxes.local import LocalSandbox
from selftaught.solution import Solution
from selftaught.store import Journal, RunReader
from selftaught.store.codec import encode

_AT_ONCE = 16
"""Programs that run again at the same time."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of executing a run again."""

    summary: RunSummary
    """With every decision as it was taken this time."""
    decisions: int
    """How many were taken again."""
    sessions: int
    """How many improver programs ran again."""
    differences: tuple[str, ...]
    """What came out otherwise than the journal says, in words."""


def replay(journal: Journal, run: str, *, programs: bool = False) -> Replay:
    """Executes a run again from its journal.

    Args:
        journal: Where the run is.
        run: Its name.
        programs: Runs its improver programs again, too.

    Raises:
        UsageError: An older version wrote the run.
        StoreError: The journal cannot be read.
        SandboxUnavailable: Programs are to run, and cannot be isolated here.
    """
    work = _work(journal, run)
    with ExitStack() as stack:
        reader = journal.reader(run)
        comparison = _Comparison(reader, programs=programs)
        sandbox: Sandbox = stack.enter_context(LocalSandbox()) if programs else _NoSandbox()
        host = Host(
            client=_NoModel(),
            sandbox=sandbox,
            executor=stack.enter_context(ThreadPoolExecutor(_AT_ONCE)),
            listener=comparison,
            budget=Budget("run", {}),
            seed=int(str(begun_as(journal, run).experiment["seed"])),
            history=_WithoutSessions(reader) if programs else reader,
        )
        with suppress(RunCutShort):  # the journal ends where the run was interrupted
            work(host, forks_of(journal, run))
    return comparison.result(journal, run)


def _work(journal: Journal, run: str) -> Work:
    begun = begun_as(journal, run)
    if not begun.parts or not journal.is_chained(run):
        raise UsageError(
            f"the run {run} cannot be executed again: an older version of selftaught wrote it"
        )
    experiment = Experiment.model_validate(dict(begun.experiment))
    tasks, improver = tasks_of(begun.parts), improver_of(begun.parts)
    match begun.parts["kind"]:
        case "improve":
            return lambda host, _: apply_once(improver, tasks[0], experiment, host)
        case "measure":
            improvers = cast("Sequence[Solution]", begun.parts["improvers"])
            return lambda host, _: measure(improvers, tasks, experiment, host)
        case "replies":
            return _sampled_again(begun.parts, experiment)
        case _:
            return Parts(experiment, tasks, improver).run


def _sampled_again(parts: Mapping[str, Any], experiment: Experiment) -> Work:
    asked = [parts[name] for name in ("expertise", "message", "temperature")]
    question = Question(improver_of(parts), *asked)
    first = parts.get("first", 0)
    replies = range(first, first + parts["count"])

    def work(host: Host, _: object) -> None:
        try:
            sample(question, replies, experiment, host)
        except ProgramError as error:
            # No program asked: a reply that the journal lacks had not come when the run stopped.
            raise RunCutShort("the journal ends here") from error

    return work


class _Comparison:
    """Listens to a run that is executed again, and compares it with its journal."""

    def __init__(self, reader: RunReader, *, programs: bool) -> None:
        self._reader = reader
        self._programs = programs
        self._lock = threading.Lock()
        self._decisions: dict[str, Event] = {}
        self._sessions = 0
        self._differences: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, DECISIONS):
            self._compare(event, decision_key(event), f"{type(event).__name__} differs")
        elif isinstance(event, SessionEnded):
            self._compare_session(event)
        elif isinstance(event, SessionScored):
            self._compare(event, event.key, f"the score of {event.place} differs")

    def _compare(self, event: Event, key: str, what: str) -> None:
        known = self._reader.at(key)
        if known is None:
            raise RunCutShort("the journal ends here")
        with self._lock:
            if isinstance(event, DECISIONS):
                self._decisions[key] = event
            if encode(known) != encode(event):
                self._differences.append(what)

    def _compare_session(self, event: SessionEnded) -> None:
        known = self._reader.at(event.key)
        if not isinstance(known, SessionEnded):
            raise RunCutShort("the journal ends here")
        with self._lock:
            self._sessions += self._programs
            if (known.returned, known.status) != (event.returned, event.status):
                self._differences.append(
                    f"the improver {event.improver.id} at {event.place} returned something else"
                )

    def result(self, journal: Journal, run: str) -> Replay:
        """Returns what came of it."""
        kinds = SUMMARY_EVENTS
        events = list(self._retaken(journal.events(run, kinds=kinds)))
        result = result_hash(event for event in events if isinstance(event, RESULT_EVENTS))
        last = [event for event in events if isinstance(event, RunEnded)][-1:]
        if last and last[0].result_hash not in (None, result):
            self._differences.append("the result_hash differs")
        events = [_with_hash(event, result) for event in events]
        return Replay(
            summary=summarise(events, run=run),
            decisions=len(self._decisions),
            sessions=self._sessions,
            differences=tuple(self._differences),
        )

    def _retaken(self, events: Iterable[Event]) -> Generator[Event]:
        """Yields events with every decision as it was taken again; others are missing."""
        for event in events:
            if not isinstance(event, DECISIONS):
                yield event
            elif again := self._decisions.get(decision_key(event)):
                yield again
            else:
                self._differences.append(f"{type(event).__name__} was not reached again")


def _with_hash(event: Event, result: str) -> Event:
    is_result = isinstance(event, RunEnded) and event.result_hash is not None
    return replace(event, result_hash=result) if is_result else event


class _WithoutSessions:
    """A history that does not tell what improvers returned: they have to run again."""

    def __init__(self, history: History) -> None:
        self._history = history

    def at(self, key: str) -> Event | None:
        event = self._history.at(key)
        return None if isinstance(event, SessionEnded | SessionScored) else event

    def answer(self, question: str) -> Event | None:
        return self._history.answer(question)

    def unclaimed(self, place: Place) -> int:
        return self._history.unclaimed(place)


class _NoModel:
    name = "none"

    def complete(self, requests: Sequence[Request]) -> Iterable[tuple[int, Reply]]:
        raise ProgramError(f"the journal has no such reply ({len(requests)} asked for)")


class _NoSandbox:
    level = "none"

    def run(
        self, program: Program, limits: Limits, handlers: Mapping[str, Handler] | None = None
    ) -> _NoProgram:
        del program, limits, handlers
        return _NoProgram()

    def close(self) -> None:
        pass


class _NoProgram:
    def __enter__(self) -> RunningProgram:
        raise RunCutShort("the journal ends here")

    def __exit__(self, *_: object) -> None:
        pass
