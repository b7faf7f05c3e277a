"""Live progress on stderr, from the events of a run."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import fmean
from types import TracebackType
from typing import Any, Self

from rich.live import Live
from rich.markup import escape
from rich.table import Table

from selftaught.acceptance import fate
from selftaught.analysis.intervals import number
from selftaught.cli.output import new_console, printable, tasks_in_words
from selftaught.client import AttemptFailed
from selftaught.events import (
    Event,
    GenerationEnded,
    PhaseStarted,
    ReplyReceived,
    RunResumed,
    RunStarted,
    SeedSolutionScored,
    SessionScored,
    SolutionScored,
)
from selftaught.experiment import Experiment
from selftaught.improver import ENTRY

_PHASES = {
    "propose": "the improver rewrites itself",
    "search": "measuring on the search split",
    "gate": "incumbent against challenger on the gate split",
    "test": "measuring on the test split",
    "improve": "the improver improves the seed solution",
    "measure": "measuring an improver on the test split",
    "compare": "comparing the two on test instances",
    "replies": "asking for replies, none of which is run",
}


_ALWAYS_SAID = (AttemptFailed, GenerationEnded, RunResumed)
"""What is left on the screen when the display is gone."""
_DAY_SECONDS = 86_400


class Progress:
    """A listener that shows where a run stands; one line of text a step where nobody watches live.

    Args:
        experiment: What is run.
        what: The same in a line.
        sessions: How many improver sessions there will be in all runs, about; 0: there are none,
            or it is not known.
        replies: The same of replies of the model; counts where there are no sessions.
        runs: How many runs there will be, one after the other.
    """

    def __init__(
        self,
        experiment: Experiment,
        what: str,
        *,
        sessions: int = 0,
        replies: int = 0,
        runs: int = 1,
    ) -> None:
        self.console = new_console(stderr=True)
        self._experiment = experiment
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._counts: Counter[str] = Counter()
        self._spent: dict[str, float] = {"samples": 0, "tokens": 0, "dollars": 0}
        self._what = what
        self._sessions = sessions
        self._replies = replies
        self._runs = runs
        self._run = 0
        self._done_before = 0.0
        self._t: int | None = None
        self._phase = "starting"
        self._best: dict[str, float] = {}
        self._notes: dict[type[Event | AttemptFailed], Callable[[Any], str | None]] = {
            AttemptFailed: attempt_in_words,
            RunStarted: self._note_start,
            RunResumed: self._note_resumption,
            SeedSolutionScored: self._note_seed_solution,
            PhaseStarted: self._note_phase,
            ReplyReceived: self._note_reply,
            SolutionScored: self._note_score,
            SessionScored: self._note_session,
            GenerationEnded: self._note_generation,
        }
        self._live = Live(
            get_renderable=self._table, console=self.console, refresh_per_second=4, transient=True
        )

    def __enter__(self) -> Self:
        """Starts the display."""
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the display."""
        self._live.stop()

    def __call__(self, event: Event | AttemptFailed) -> None:
        """Takes note of an event."""
        with self._lock:
            note = self._notes.get(type(event))
            line = note(event) if note else None
        if line and (not self.console.is_terminal or isinstance(event, _ALWAYS_SAID)):
            self.console.print(
                f"[dim]{self._clock()}[/dim]  {escape(printable(line))}", soft_wrap=True
            )

    def begins_run(self) -> None:
        """Takes note that the next of several runs begins."""
        with self._lock:
            self._run += 1
            self._done_before = self._done()

    def _note_start(self, event: RunStarted) -> str:
        return f"{self._which()}{event.run}: {self._what}"

    def _which(self) -> str:
        """Says which of several runs it is, and how long they take, where it can be told."""
        if self._runs == 1 or not self._run:
            return ""
        left = f", {self._left()}" if self._done() else ""
        return f"run {self._run} of {self._runs}{left}: "

    def _note_resumption(self, event: RunResumed) -> str:
        return (
            f"{self._which()}{event.run}: taken up again where it was interrupted; so far "
            f"{event.spent['samples']:g} samples, {event.spent['evaluations']:g} evaluations"
        )

    def _note_seed_solution(self, event: SeedSolutionScored) -> str:
        return f"the seed solution of {event.task} scores {event.score:.3f}"

    def _note_phase(self, event: PhaseStarted) -> str:
        self._t, self._phase = event.t, _PHASES[event.phase]
        return self._phase if event.t is None else f"generation {event.t}: {self._phase}"

    def _note_reply(self, event: ReplyReceived) -> None:
        self._spent["samples"] += 1
        self._spent["tokens"] += event.tokens or 0
        self._spent["dollars"] += event.dollars or 0

    def _note_session(self, _: SessionScored) -> None:
        self._counts["sessions"] += 1

    def _note_score(self, event: SolutionScored) -> None:
        is_improver = event.solution.defines(ENTRY)
        kind = "candidate improvers" if is_improver else "solutions"
        self._counts[kind] += 1
        self._best[kind] = max(self._best.get(kind, event.score), event.score)

    def _note_generation(self, event: GenerationEnded) -> str:
        verdict = fate(event.challenger, accepted=event.accepted)
        line = f"generation {event.t}: {verdict} ({event.reason}); improver {event.improver.id}"
        return f"{line}, {_on_search(event.search)}" if event.search else line

    def _clock(self) -> str:
        return clock(time.monotonic() - self._started)

    def _table(self) -> Table:
        with self._lock:
            table = Table.grid(padding=(0, 2))
            counts = ", ".join(f"{count} {what}" for what, count in sorted(self._counts.items()))
            spent = ", ".join(self._amount(unit, amount) for unit, amount in self._spent.items())
            of = (
                ""
                if self._t is None
                else f"generation {self._t} of {self._experiment.iterations}: "
            )
            if self._runs > 1:
                table.add_row("run", f"{max(self._run, 1)} of {self._runs}")
            table.add_row("now", of + self._phase)
            table.add_row("scored", counts or "nothing yet")
            table.add_row("spent", spent)
            best = ", ".join(f"{score:.3f} among {kind}" for kind, score in self._best.items())
            table.add_row("best", best or "-")
            table.add_row("time", f"{self._clock()} gone, {self._left()}")
        return table

    def _amount(self, unit: str, amount: float) -> str:
        limit = getattr(self._experiment.limits, unit)
        return f"{amount:g} {unit}" + (f" of {limit:g}" if limit else "")

    def _left(self) -> str:
        """Estimates from the pace so far; runs that were done before took none of the time."""
        done, gone = self._done(), time.monotonic() - self._started
        if done < self._experiment.repeats or not self._total():
            return "time left not known"
        runs_left = self._runs - max(self._run, 1) + 1
        rest = self._total() * runs_left / self._runs - (done - self._done_before)
        return f"about {clock(max(rest, 1) * gone / done)} left"

    def _total(self) -> int:
        return self._sessions or self._replies

    def _done(self) -> float:
        return self._counts["sessions"] if self._sessions else self._spent["samples"]


def _on_search(scores: Sequence[float]) -> str:
    sessions = "session" if len(scores) == 1 else "sessions"
    return f"meta-utility {number(fmean(scores))} on search, n = {len(scores)} {sessions}"


def describe(experiment: Experiment) -> str:
    """Returns what an experiment does, in a line."""
    tasks = tasks_in_words(experiment.tasks, experiment.preset)
    return (
        f"task {tasks}, model {experiment.model}, "
        f"improver {experiment.improver}, protocol {experiment.protocol}, "
        f"{experiment.iterations} iterations, seed {experiment.seed}"
    )


def attempt_in_words(failed: AttemptFailed) -> str:
    """Returns why a run stands still, when it goes on and when it gives up, in a line."""
    wait = failed.wait_seconds
    end = time.localtime(time.time() + failed.left_seconds)
    is_soon = failed.left_seconds < _DAY_SECONDS
    when = time.strftime("%H:%M" if is_soon else "%Y-%m-%d %H:%M", end)
    until = (
        f"at {when}" if failed.most_attempts is None else f"after {failed.most_attempts} attempts"
    )
    return f"{failed.message}; attempt {failed.attempt}, next in {wait:.1f} s, giving up {until}"


def clock(seconds: float) -> str:
    """Returns a duration as minutes and seconds.

    Example:
        >>> clock(75)
        '1:15'
    """
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
