"""A task tau = (u, s): a seed solution, a utility, and instances for three splits.

A task draws *instances*: arguments for the program, and what its answer is judged by.
"""

from __future__ import annotations

import hashlib
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from selftaught.description import (
    ENDLESS,
    Detail,
    Rules,
    Told,
    black_box,
    judging_source,
    with_source,
)
from selftaught.errors import UsageError
from selftaught.instances import (
    DrawInstance,
    DrawSeeds,
    ScoreAnswer,
    Split,
    Verdict,
    independent_seeds,
    mean,
    unchanged,
)
from selftaught.sandbox import Limits
from selftaught.solution import Solution


@dataclass(frozen=True, slots=True)
class Anchors:
    """Scores that give a task its scale."""

    seed: float
    """Of the seed solution."""
    reference: float
    """Of a strong solution; what lies between the two is the headroom."""


@dataclass(frozen=True)
class Task:
    """A problem whose solutions are programs."""

    id: str
    title: str
    """What is to be done, in a line."""
    seed: Solution
    source: str
    """What a language model reads: usually the text of `instance` and `score`."""
    instance: DrawInstance
    score: ScoreAnswer
    preset: str = "standard"
    entry: str = "algorithm"
    """The function that a solution defines."""
    counts: Mapping[Split, int] = field(default_factory=lambda: dict.fromkeys(Split, 20))
    """Instances per evaluation, by split."""
    limits: Limits = field(default_factory=Limits)
    floor: float = 0.0
    """Score of an instance whose call failed, or whose answer cannot be judged; not below 0."""
    highest: float = 1.0
    """Scores lie between 0 and this, infinity if they are of no scale; an answer that gets another
    one cannot be judged."""
    packages: Path | None = None
    """A folder of packages that solutions may import besides NumPy."""
    preload: tuple[str, ...] = ()
    """Modules that solutions find imported already."""
    note: str = ""
    """What else a language model is told, in a sentence."""
    patience: int = 2
    """After so many time-outs in a row the remaining instances count as failed, lest a program that
    hangs takes minutes; the description says so. The tasks of this package have no such end."""
    anchors: Anchors | None = None
    reference: Solution | None = None
    """A solution that is known to be strong."""
    draw_seeds: DrawSeeds = independent_seeds
    adjust: Callable[[Verdict], Verdict] = unchanged
    """What becomes of a verdict that depends on more than the answer, such as the time taken."""
    aggregate: Callable[[Sequence[Verdict]], float] = mean
    """From the verdicts on all instances to the utility."""
    caller: str = ""
    """Source of a module whose ``call(function, *arguments)`` calls a solution in its process; what
    it returns is judged. Empty: the solution's own answer is."""
    answer_in: Callable[[object], object] = lambda returned: returned
    """The solution's own answer in what is judged, for messages; see `caller`."""
    told: Told | None = None
    """What the description says wrongly; None: it tells what holds."""
    scoring_source: str = ""
    """The text that draws and scores, where `source` shows another; for the full description."""
    defects: Mapping[str, str] = field(default_factory=dict[str, str])
    """Known ways in which the preset pays for what is no solution, by name, and what they do."""
    seed_file: Path | None = None
    """Where the user wrote the seed solution, for messages about it."""
    imported: str = ""
    """Hash of the modules that the two functions have from the task's own folder."""

    def __post_init__(self) -> None:
        if not self.id or not self.id.isprintable() or "/" in self.id:
            raise UsageError(f"task id {self.id!r}: expected printable characters without '/'")

    @classmethod
    def from_functions(
        cls,
        instance: DrawInstance,
        score: ScoreAnswer,
        *,
        seed: str,
        id: str = "own",  # noqa: A002 - the field's name
        title: str = "",
        limits: Limits | None = None,
    ) -> Task:
        """Makes a task of two functions of one's own.

        Args:
            instance: Called with a seed; returns the tuple of arguments of one call of
                ``algorithm``, and what its answer is judged by.
            score: Called with an answer and what it is judged by; returns a fraction of 1.
            seed: Source of a program that defines ``algorithm``.
            id: Name of the task in reports.
            title: What is to be done, in a line.
            limits: What a solution may use.

        Raises:
            UsageError: The seed does not define ``algorithm``, or a function's source is not to be
                had (then construct `Task` with a `source`).
        """
        solution = Solution(seed)
        if not solution.defines("algorithm"):
            raise UsageError(f"task {id!r}: the seed must define a function 'algorithm'")
        try:
            texts = [inspect.getsource(function) for function in (instance, score)]
        except (OSError, TypeError) as error:
            raise UsageError(f"task {id!r}: no source of instance and score: {error}") from error
        return cls(
            id=id,
            title=title or id,
            seed=solution,
            source="\n\n".join(map(textwrap.dedent, texts)),
            instance=instance,
            score=score,
            limits=limits or Limits(),
        )

    @property
    def range(self) -> tuple[float, float]:
        """Where scores can lie; up to infinity where the task declares no scale."""
        return 0.0, self.highest

    @cached_property
    def digest(self) -> str:
        """Tells tasks apart that have the same name: SHA-256 of all that decides scores."""
        counts = [self.counts[split] for split in Split]
        parts = (self.preset, self.seed.text, self.source, self.entry, counts, self.limits)
        parts += (self.imported,) if self.imported else ()
        return hashlib.sha256(repr(parts).encode("utf-8", "replace")).hexdigest()

    def describe(self, detail: Detail = Detail.GREY_BOX) -> str:
        """Returns what a language model is told about the task."""
        true = Told(self.counts[Split.SEARCH], self.limits.cpu_seconds)
        match detail:
            case Detail.BLACK_BOX:
                return black_box(self.entry)
            case Detail.GREY_BOX:
                return with_source(self.title, self._rules(self.told or true), self.source)
            case Detail.FULL_SOURCE:
                source = self.scoring_source or self.source
                rules = replace(self._rules(true), utility="that of the function utility below")
                return with_source(self.title, rules, source, judging_source(self))

    def _rules(self, told: Told) -> Rules:
        return Rules(
            self.entry,
            told.instances,
            told.cpu_seconds,
            self.limits.memory_bytes,
            self.floor,
            told.note or self.note,
            # Where one failure decides the utility, it does not matter what is left.
            patience=self.patience if self.aggregate is mean else ENDLESS,
        )
