"""What a study is: settings, runs that are carried out once, and a report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from typing import Protocol

from selftaught.analysis.summary import RunSummary
from selftaught.client import Watcher
from selftaught.errors import RunCutShort, UsageError
from selftaught.experiment import Experiment, parse
from selftaught.running.resumption import CHANGEABLE
from selftaught.running.runner import Run
from selftaught.studies.costs import Cost, of_recursion
from selftaught.studies.figure import Chart, Figure


@dataclass(frozen=True, slots=True)
class Settings:
    """What a study is asked to do."""

    experiment: Experiment
    """What each run does; run number i has the seed of the experiment plus i."""
    runs: int
    """How many; of a sample of replies, how many of these."""
    unseen: tuple[str, ...] = ()
    """Tasks that an improver is tried on after it was found; none: the study's choice."""
    origin: str | None = None
    """The run whose final improver is used; None: the study makes runs of its own."""

    def experiments(self) -> list[Experiment]:
        """Returns one experiment a run, each with a name that says what it does."""
        seed = self.experiment.seed
        return [named(self.experiment, seed + number) for number in range(self.runs)]


def named(
    experiment: Experiment, seed: int, *, prefix: str = "study", also: Sequence[str] = ()
) -> Experiment:
    """Returns an experiment with a seed, and a name that follows from all that decides results.

    Args:
        experiment: What will be done.
        seed: Its seed.
        prefix: How the name begins.
        also: What else decides results, such as the digests of programs.
    """
    plain = experiment.plain()
    deciding = {name: plain[name] for name in plain.keys() - CHANGEABLE - {"seed"}}
    text = json.dumps([deciding, *also], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return experiment.model_copy(update={"seed": seed, "name": f"{prefix}-{digest}-seed{seed}"})


def in_runs(count: int) -> str:
    """Returns a number of runs in words.

    Example:
        >>> in_runs(1), in_runs(5)
        ('1 run', '5 runs')
    """
    return f"{count} run" if count == 1 else f"{count} runs"


def tasks_in_words(experiment: Experiment) -> str:
    """Returns the tasks of an experiment as titles name them: of a file, its name alone.

    Example:
        >>> tasks_in_words(Experiment(tasks=("lpn", "folder/mine.py")))
        'lpn, mine.py (standard)'
    """
    names = ", ".join(PurePath(name).name for name in experiment.tasks)
    return f"{names} ({experiment.preset})"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are ready to be printed."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    otherwise: str = ""
    """What is said in its place where there are no rows."""


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
    figure: Figure | Chart | None = None


_GO_ON = "repeat the command to go on from here, with a higher limit where one was reached"


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
        begins: Told that the next run begins; of one that is done, too.
    """

    def __init__(self, watch: Watcher, begins: Callable[[], None] = lambda: None) -> None:
        self.watch = watch
        self._begins = begins
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
        self._begins()
        summary = work()
        if summary.status != "done":
            raise RunCutShort(f"{summary.reason}; {_GO_ON}", run=summary.run)
        return summary


def runs_asked_for(settings: Settings) -> int:
    """Returns how many runs a study consists of that makes nothing else."""
    return settings.runs


def cost_of_runs(settings: Settings) -> Cost:
    """Returns what a study takes that consists of runs of the recursion."""
    return sum(map(of_recursion, settings.experiments()), Cost())


class Choice(StrEnum):
    """What only some studies let one choose."""

    UNSEEN = "--on"
    ORIGIN = "--from"
    FIGURE = "--figure"
    RUNS = "--runs"
    TASKS = "--task"
    IMPROVER = "--improver"
    ITERATIONS = "--iterations"
    PROTOCOL = "--protocol"
    DETAIL = "--detail"
    WORKERS = "--workers"


OF_SESSIONS = frozenset({Choice.DETAIL, Choice.WORKERS})
"""What decides something where improvers are applied to tasks."""
OF_RUNS = OF_SESSIONS | {
    *(Choice.RUNS, Choice.TASKS, Choice.IMPROVER, Choice.ITERATIONS, Choice.PROTOCOL),
}
"""What decides something where runs of the recursion are made."""


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
    cost: Callable[[Settings], Cost] = cost_of_runs
    """The most that it takes; finds out, too, whether what is asked for exists."""
    parts: Callable[[Settings], int] = runs_asked_for
    """How many runs in the journal it consists of, for those who wait."""
    choices: frozenset[Choice] = OF_RUNS
    """What can be chosen; what would change nothing is refused."""
    choices_with_origin: frozenset[Choice] = frozenset()
    """The same, where the improvers come from a run that is named."""

    def completed(self, experiment: Experiment) -> Experiment:
        """Returns an experiment with the study's defaults in place of those of a plain run.

        Raises:
            UsageError: They do not go together with what it states.
        """
        stated = experiment.model_dump(exclude_unset=True)
        return parse({**self.defaults, **stated}, where=f"the study {self.name}")

    def check_takes(self, chosen: Collection[Choice]) -> None:
        """Makes sure that what was chosen changes something.

        Raises:
            UsageError: It does not.
        """
        for choice in chosen:
            if choice not in self.choices:
                raise UsageError(
                    f"the study {self.name} takes no {choice}: it would change nothing"
                )
        for choice in chosen if Choice.ORIGIN in chosen else ():
            if choice not in self.choices_with_origin:
                raise UsageError(
                    f"the study {self.name} takes no {choice} with {Choice.ORIGIN}, which names a "
                    "run that is done: it would change nothing"
                )
