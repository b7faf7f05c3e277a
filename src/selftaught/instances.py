"""Instances of a task: how they are drawn, judged, and kept apart by split.

The three splits are drawn from disjoint streams of seeds: ``search`` is what improvers' utility
calls see, ``gate`` decides who becomes the next improver, ``test`` is touched once, at the end.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple


class Split(StrEnum):
    """Which instances a program is scored on."""

    SEARCH = "search"
    GATE = "gate"
    TEST = "test"


Arguments = tuple[object, ...]
DrawInstance = Callable[[int], tuple[Arguments, object]]
"""From a seed: the arguments of one call, and what `ScoreAnswer` judges the answer by."""
ScoreAnswer = Callable[[object, object], float]
"""From an answer and what it is judged by: a score, higher is better."""
DrawSeeds = Callable[[int, Split, str, int], list[int]]
"""From the run's seed, the split, a stream's name and a count: the seeds of the instances."""


def independent_seeds(run_seed: int, split: Split, stream: str, count: int) -> list[int]:
    """Draws seeds of 48 bits that differ between runs, splits and streams."""
    texts = (f"{run_seed}/{split}/{stream}/{number}" for number in range(count))
    return [int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) for text in texts]


def unrelated_seed(*parts: object) -> int:
    """Draws a seed of 32 bits from which the parts cannot be found.

    What a program gets must not lead to the seed of its instance: who knows that, draws the answer.
    """
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4])


class Verdict(NamedTuple):
    """The score of one answer."""

    score: float
    failure: str = ""
    """Kind of failure; empty where the answer was scored."""
    message: str = ""
    cpu_seconds: float = 0.0
    denied: tuple[str, ...] = ()
    while_loading: bool = False
    """Whether the program failed before any call."""


def unchanged(verdict: Verdict) -> Verdict:
    """Returns the verdict."""
    return verdict


def mean(verdicts: Sequence[Verdict]) -> float:
    """Returns the mean score."""
    return math.fsum(verdict.score for verdict in verdicts) / len(verdicts)
