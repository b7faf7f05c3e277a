"""A task tau = (u, s): a seed solution, a utility, and instances for three splits.

A task draws *instances*: arguments for the program, and what its answer is judged by. The program
runs in a sandbox and sees the arguments of one instance at a time; the score is computed here, from
the plain data that it returned.
"""

from __future__ import annotations

import hashlib
import inspect
import math
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from selftaught.description import (
    Detail,
    Rules,
    Told,
    black_box,
    judging_source,
    with_source,
)
from selftaught.errors import UsageError, shown
from selftaught.events import SolutionScored
from selftaught.faults import USERS_FAILURES, in_words, way_in_words
from selftaught.host import Host
from selftaught.instances import (
    DrawInstance,
    DrawSeeds,
    ScoreAnswer,
    Split,
    Verdict,
    drawn,
    independent_seeds,
    mean,
    plain_arguments,
    unchanged,
    unrelated_seed,
)
from selftaught.place import Place, key_of
from selftaught.sandbox import Limits, Outcome, Program, RunningProgram, Status
from selftaught.solution import Solution
from selftaught.utility import Score


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
    """After so many time-outs in a row the remaining instances count as failed."""
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
        memory, note = self.limits.memory_bytes, told.note or self.note
        return Rules(self.entry, told.instances, told.cpu_seconds, memory, self.floor, note)


class TaskUtility:
    """u of a task for one stream of instances of one split; a `Utility`.

    Scores are remembered: the same program on the same instances has the same score.

    Args:
        task: The task.
        host: What the run shares.
        split: Which instances.
        stream: Name of the stream that the instances are drawn from.
        detail: How much the description tells.
    """

    def __init__(
        self,
        task: Task,
        host: Host,
        *,
        split: Split,
        stream: str,
        detail: Detail = Detail.GREY_BOX,
    ) -> None:
        self.description = task.describe(detail)
        self.stream = stream
        self._task = task
        self._host = host
        self._key = ("score", task.digest, split, stream)
        self._seeds = task.draw_seeds(host.seed, split, stream, task.counts[split])

    def score(self, solution: Solution, place: Place) -> Score:  # noqa: ARG002 - see `Utility`
        """Judges a program by its answers to the instances.

        Raises:
            SandboxLost: The sandbox broke; nothing is known of the program.
        """
        question = key_of(*self._key, solution.digest)

        def score() -> Score:
            if isinstance(known := self._host.history.answer(question), SolutionScored):
                return Score.of(known)
            return self._host.executor.submit(self._score, solution, question).result()

        return self._host.memory.once(question, score)

    def _score(self, solution: Solution, question: str) -> Score:
        verdicts: list[Verdict] = []
        task = self._task
        program = Program(
            solution.text,
            entry=task.entry,
            modules={"caller": task.caller} if task.caller else {},
            packages=task.packages,
            preload=task.preload,
            caller="caller" if task.caller else None,
        )
        with self._host.sandbox.run(program, task.limits) as running:
            for seed in self._seeds:
                verdicts.append(self._try(running, seed, verdicts))
        failed = [verdict for verdict in verdicts if verdict.failure]
        return Score(
            value=self._task.aggregate(verdicts),
            instances=tuple(verdict.score for verdict in verdicts),
            failures=Counter(verdict.failure for verdict in failed),
            message=failed[0].message if failed else "",
            cpu_seconds=math.fsum(verdict.cpu_seconds for verdict in verdicts),
            denied=tuple(dict.fromkeys(call for verdict in verdicts for call in verdict.denied)),
            question=question,
        )

    def _try(self, running: RunningProgram, seed: int, before: list[Verdict]) -> Verdict:
        task = self._task
        latest = before[-task.patience :]
        if len(latest) == task.patience and all(is_hopeless(verdict) for verdict in latest):
            return Verdict(task.floor, NOT_TRIED, f"not tried after {task.patience} time-outs")
        arguments, expected = drawn(task.instance, seed)
        own_seed = unrelated_seed("program", self._host.seed, seed)
        with plain_arguments(task.instance, arguments):
            outcome = running.call(arguments, seed=own_seed)
        verdict = judge(task, outcome, expected)
        return task.adjust(verdict._replace(cpu_seconds=outcome.cpu_seconds, denied=outcome.denied))


NOT_TRIED = "not tried"
"""Failure of the instances after too many time-outs in a row."""
OUT_OF_RANGE = "out of range"
"""Failure of the instances whose score is a number that no score may be."""


def is_hopeless(verdict: Verdict) -> bool:
    """Tells whether the program ran out of time, or was not even tried because it had before."""
    return verdict.failure in {Status.TIMED_OUT, NOT_TRIED}


def judge(task: Task, outcome: Outcome, expected: object) -> Verdict:
    """Returns the score of one answer, or how it failed.

    The score function is trusted, the answer is not: when the two don't fit, the answer is wrong.
    """
    if not outcome.is_ok:
        failure = Verdict(task.floor, outcome.status, outcome.message)
        return failure._replace(while_loading=outcome.while_loading)
    try:
        value = float(task.score(outcome.value, expected))
    except USERS_FAILURES as error:  # whatever a hostile answer provokes in the scorer
        where = f" ({way})" if (way := way_in_words(error)) else ""
        answer = shown(task.answer_in(outcome.value))
        reason = f"the answer {answer} cannot be scored: {in_words(error)[:200]}{where}"
        return Verdict(task.floor, Status.BAD_ANSWER, reason)
    if not 0 <= value <= task.highest:  # nor is it where the score is no number
        reason = f"score() gave {value:g}; scores lie between 0 and {task.highest:g}"
        return Verdict(
            task.floor, OUT_OF_RANGE if math.isfinite(value) else Status.BAD_ANSWER, reason
        )
    return Verdict(value)
