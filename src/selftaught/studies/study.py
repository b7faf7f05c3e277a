"""What a study is: settings, runs that are carried out once, and a report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from selftaught.analysis.summary import RunSummary
from selftaught.errors import RunCutShort
from selftaught.events import Listener
from selftaught.experiment import Experiment
from selftaught.resumption import CHANGEABLE
from selftaught.runner import Run


@dataclass(frozen=True, slots=True)
class Settings:
    """What a study is asked to do."""

    experiment: Experiment
    """What each run does; run number i has the seed of the experiment plus i."""
    runs: int

    def experiments(self) -> list[Experiment]:
        """Returns one experiment a run, each with a name that says what it does."""
        seed = self.experiment.seed
        return [named(self.experiment, seed + number) for number in range(self.runs)]


def named(experiment: Experiment, seed: int, *, prefix: str = "study") -> Experiment:
    """Returns an experiment with a seed, and a name that follows from all that decides results."""
    plain = experiment.plain()
    deciding = {name: plain[name] for name in plain.keys() - CHANGEABLE - {"seed"}}
    digest = hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:10]
    return experiment.model_copy(update={"seed": seed, "name": f"{prefix}-{digest}-seed{seed}"})


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are ready to be printed."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of a figure: a mean, and its interval where it has one."""

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """What a study draws."""

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a study."""

    study: str
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    """Sentences: what the numbers are, and what the paper has in their place."""
    document: Mapping[str, object]
    """All numbers, as plain data."""
    runs: tuple[str, ...] = ()
    """Names of the runs behind it, in the journal."""
    figure: Figure | None = None


class Stoppable(Protocol):
    """Something that is carried out as a run in the journal."""

    def stop(self, reason: str) -> None:
        """Ends it at the next reply or score."""
        ...

    def __call__(self) -> RunSummary:
        """Carries it out, or what is left of it."""
        ...


class Team:
    """Carries out the runs of a study, one after the other, until it is told to stop.

    Args:
        watch: Told of all events.
    """

    def __init__(self, watch: Listener) -> None:
        self.watch = watch
        self._current: Stoppable | None = None
        self._stopped: str | None = None

    def stop(self, reason: str) -> None:
        """Ends what is under way, and begins nothing more."""
        self._stopped = reason
        if self._current is not None:
            self._current.stop(reason)

    def run(self, experiment: Experiment) -> RunSummary:
        """Carries out a run of the recursion; see `carry_out`."""
        return self.carry_out(Run(experiment, self.watch))

    def carry_out(self, work: Stoppable) -> RunSummary:
        """Carries something out to its end; what is done already costs nothing.

        Raises:
            RunCutShort: It was stopped, or reached a limit; started again, the study goes on.
        """
        self._current = work
        if self._stopped is not None:
            raise RunCutShort(self._stopped)
        summary = work()
        if summary.status != "done":
            raise RunCutShort(summary.reason)
        return summary


@dataclass(frozen=True, slots=True)
class Study:
    """A question, and how it is answered."""

    name: str
    summary: str
    """The question in a line."""
    runs: int
    """How many, where it is not said; as in the paper, if it says."""
    conduct: Callable[[Settings, Team], Report]
    defaults: Mapping[str, object] = field(default_factory=dict[str, object])
    """Fields of the experiment in which the study differs from a plain run."""
    experiments: Callable[[Settings], Sequence[Experiment]] = Settings.experiments
    """What will be carried out, for an estimate of its cost."""
