"""Live progress on stderr, from the events of a run."""

from __future__ import annotations

import threading
import time
from collections import Counter
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from selftaught.events import (
    ChampionTested,
    Event,
    GenerationEnded,
    PhaseStarted,
    ReplyReceived,
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
    "test": "measuring on the test split, for the first time",
}


class Progress:
    """A listener that shows where a run stands; one line of text a step where nobody watches live.

    Args:
        experiment: What is run: how many generations and sessions there will be.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.console = Console(stderr=True, highlight=False)
        self._experiment = experiment
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._counts: Counter[str] = Counter()
        self._t = 0
        self._phase = "starting"
        self._best: float | None = None
        self._best_improver: float | None = None
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

    def __call__(self, event: Event) -> None:
        """Takes note of an event."""
        with self._lock:
            line = self._note(event)
        if line and (not self.console.is_terminal or isinstance(event, GenerationEnded)):
            self.console.print(f"[dim]{self._clock()}[/dim]  {line}", soft_wrap=True)

    def _note(self, event: Event) -> str:
        match event:
            case RunStarted():
                return f"run {event.run}: {describe(self._experiment)}"
            case PhaseStarted():
                return self._phase_started(event)
            case ReplyReceived():
                self._counts["samples"] += 1
            case SeedSolutionScored():
                return f"the seed solution of {event.task} scores {event.score:.3f}"
            case SolutionScored():
                return self._scored(event)
            case SessionScored():
                self._counts["sessions"] += 1
            case GenerationEnded():
                return self._generation_ended(event)
            case ChampionTested():
                self._phase = "done"
            case _:
                pass
        return ""

    def _phase_started(self, event: PhaseStarted) -> str:
        self._t = int(event.place.path[0].removeprefix("t"))
        self._phase = _PHASES[event.phase]
        return f"generation {self._t}: {self._phase}"

    def _scored(self, event: SolutionScored) -> str:
        is_improver = event.solution.defines(ENTRY)
        self._counts["candidate improvers" if is_improver else "solutions"] += 1
        if is_improver:
            self._best_improver = max(self._best_improver or 0.0, event.score)
            return ""
        self._best = max(self._best or 0.0, event.score)
        return ""

    def _generation_ended(self, event: GenerationEnded) -> str:
        scores = event.search or (0.0,)
        verdict = "accepted" if event.accepted else "rejected"
        return (
            f"generation {event.t}: {verdict} ({event.reason}); improver {event.improver.id}, "
            f"meta-utility {sum(scores) / len(scores):.3f} on search"
        )

    def _clock(self) -> str:
        return clock(time.monotonic() - self._started)

    def _table(self) -> Table:
        with self._lock:
            table = Table.grid(padding=(0, 2))
            counts = ", ".join(f"{count} {what}" for what, count in sorted(self._counts.items()))
            table.add_row(
                "generation", f"{self._t} of {self._experiment.iterations}: {self._phase}"
            )
            table.add_row("so far", counts or "nothing yet")
            table.add_row(
                "best", f"solution {_shown(self._best)}, improver {_shown(self._best_improver)}"
            )
            table.add_row("time", f"{self._clock()} gone, {self._left()}")
        return table

    def _left(self) -> str:
        """Estimates from the pace of sessions so far; candidates make up most of what is left."""
        done, gone = self._counts["sessions"], time.monotonic() - self._started
        if done < self._experiment.repeats:
            return "time left not known yet"
        left = expected_sessions(self._experiment) - done
        return f"about {clock(max(left, 1) * gone / done)} left"


def expected_sessions(experiment: Experiment) -> int:
    """Returns how many improver sessions a run has, if generations score one call's samples."""
    search = experiment.repeats * (
        1 + experiment.iterations * experiment.self_session.samples_per_call
    )
    gate = 2 * experiment.gate_repeats * experiment.iterations
    return (search + gate + 2 * experiment.test_repeats) * len(experiment.tasks)


def describe(experiment: Experiment) -> str:
    """Returns what an experiment does, in a line."""
    tasks = ", ".join(experiment.tasks)
    return (
        f"task {tasks} ({experiment.preset}), model {experiment.model}, "
        f"improver {experiment.improver}, protocol {experiment.protocol}, "
        f"{experiment.iterations} iterations, seed {experiment.seed}"
    )


def clock(seconds: float) -> str:
    """Returns a duration as minutes and seconds.

    Example:
        >>> clock(75)
        '1:15'
    """
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _shown(score: float | None) -> str:
    return "-" if score is None else f"{score:.3f}"
