"""Instances of a task: how they are drawn, judged, and kept apart by split.

The three splits are drawn from disjoint streams of seeds: ``search`` is what improvers' utility
calls see, ``gate`` decides who becomes the next improver, ``test`` is touched once, at the end.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

from selftaught.errors import UsageError, shown
from selftaught.faults import USERS_FAILURES, definition, fault


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


def drawn(draw: DrawInstance, seed: int) -> tuple[Arguments, object]:
    """Draws an instance.

    Raises:
        UsageError: The function failed, or returned something else than a pair with a tuple.
    """
    try:
        pair: object = draw(seed)
    except USERS_FAILURES as error:
        raise fault(error, f"{definition(draw)}: instance({seed})") from error
    match pair:
        case tuple() as arguments, expected:  # pyright: ignore[reportUnknownVariableType] - a user's
            return arguments, expected  # pyright: ignore[reportUnknownVariableType]
        case _:
            raise UsageError(
                f"{definition(draw)}: instance must return two things, the arguments of one call "
                "as a tuple and what its answer is judged by, as in: return (numbers,), expected; "
                f"not {shown(pair)}"
            )


@runtime_checkable
class _Numbers(Protocol):
    """An array or a number of NumPy."""

    @property
    def dtype(self) -> object: ...

    def tolist(self) -> object: ...


def written(value: object, *, levels: int = 100) -> str:
    """Returns plain data as a text, the same for the same data; for comparing, not for reading.

    What is no plain data gives its type: most objects equal nothing but themselves. Nothing is
    told of what lies deeper than `levels`, as in a list that holds itself.

    Example:
        >>> written([1, float("nan")]) == written([1, float("nan")])
        True
        >>> written((1, {"a"})), written((1.0, {"a"}))
        ("tuple(int(1),set(str('a')))", "tuple(float(1.0),set(str('a')))")
    """
    kind = type(value)
    parts: Iterable[str] = ()
    match value:
        case _ if not levels:
            pass
        case _Numbers():
            parts = [str(value.dtype), written(value.tolist(), levels=levels - 1)]
        case list() | tuple():
            parts = _written(value, levels)  # pyright: ignore[reportUnknownArgumentType] - a user's
        case set() | frozenset():
            parts = sorted(_written(value, levels))  # pyright: ignore[reportUnknownArgumentType]
        case dict():
            parts = _written(_pairs(value), levels)  # pyright: ignore[reportUnknownArgumentType]
        case int():
            parts = [f"{value:x}"]  # Python writes no decimal of more than 4,300 digits
        case _ if kind in _PLAIN:
            parts = [repr(value)]
        case _:
            pass
    return f"{kind.__name__}({','.join(parts)})"


def _written(values: Iterable[object], levels: int) -> list[str]:
    return [written(value, levels=levels - 1) for value in values]


def _pairs(mapping: Mapping[object, object]) -> Iterable[object]:
    return mapping.items()


@contextmanager
def plain_arguments(draw: DrawInstance, arguments: Arguments) -> Generator[None]:
    """Lays it at the door of a function that it drew arguments which no sandbox takes.

    Raises:
        UsageError: Something in the arguments is not plain data.
    """
    try:
        yield
    except TypeError as error:
        found = next(_strangers(arguments, "arguments"), None)
        if found is None:
            raise
        raise UsageError(
            f"{definition(draw)}: a program takes plain data only: None, numbers, texts, bytes, "
            f"lists, tuples, sets, dicts and arrays of numbers; in what instance drew, {found}"
        ) from error


_LONGEST_WHERE = 500
_PLAIN = {type(None), bool, int, float, complex, str, bytes}


def _strangers(value: object, where: str) -> Generator[str]:
    """Yields what in a value is not plain data, and where."""
    if len(where) > _LONGEST_WHERE:
        yield "values are nested too deeply"
        return
    items: Iterable[tuple[object, object]] = ()
    match value:
        case list() | tuple() | set() | frozenset():
            items = _numbered(value)  # pyright: ignore[reportUnknownArgumentType] - a user's
        case dict():
            items = _items(value)  # pyright: ignore[reportUnknownArgumentType] - a user's
        case _ if type(value) not in _PLAIN and type(value).__module__ != "numpy":
            yield f"{where} is a {type(value).__name__}"
        case _:
            pass
    for name, item in items:
        yield from _strangers(item, f"{where}[{name}]")


def _numbered(values: Iterable[object]) -> Iterable[tuple[object, object]]:
    return enumerate(values)


def _items(mapping: Mapping[object, object]) -> list[tuple[object, object]]:
    return [(shown(key), item) for key, item in mapping.items()]
