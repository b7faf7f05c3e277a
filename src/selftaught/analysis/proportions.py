"""Rates with a denominator: how often something happened in n trials, and whether two rates differ.

Everything is exact or a closed form of the standard library.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from selftaught.analysis.intervals import CONFIDENCE, wilson

_FEWEST_EXPECTED = 5
"""Expected counts below which the score test's normal curve is not to be trusted (Cochran 1954)."""
_TIES = 1 + 1e-7
"""Tables that are as likely as the observed one differ from it by rounding."""


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share of n trials and the interval that covers the true one with the stated confidence."""

    successes: int
    n: int
    low: float
    """Wilson's score interval; 0 where nothing was seen."""
    high: float
    """Of no successes the one-sided upper bound: the interval has no other side."""

    @property
    def share(self) -> float:
        """The observed share."""
        return self.successes / self.n


def proportion(successes: int, n: int, *, confidence: float = CONFIDENCE) -> Proportion:
    """Returns a share of n trials with its interval.

    Raises:
        ValueError: There are no trials, or the successes are not among them.

    Example:
        >>> in_words(proportion(42, 10_000))
        '0.42 % (0.31-0.57), 42 of 10,000'
        >>> in_words(proportion(0, 300))
        'none of 300: below 1.00 %'
    """
    _check(successes, n)
    if successes == 0:
        return Proportion(0, n, 0.0, none_seen(n, confidence=confidence))
    low, high = wilson(successes, n, confidence=confidence)
    return Proportion(successes, n, max(low, 0.0), min(high, 1.0))


def none_seen(n: int, *, confidence: float = CONFIDENCE) -> float:
    """Returns the largest rate with which n trials without success are not a surprise.

    ``1 - (1 - confidence)^(1 / n)``, about 3 / n at 95 % (exact, one-sided). A larger rate would
    have shown itself with more than that confidence.

    Raises:
        ValueError: There are no trials.
    """
    _check(0, n)
    return -math.expm1(math.log1p(-confidence) / n)


def in_words(value: Proportion) -> str:
    """Returns a share as tables print it, with its count and its denominator."""
    if not value.successes:
        return f"none of {value.n:,}: below {_up(100 * value.high):.2f} %"
    interval = f"{100 * value.low:.2f}-{100 * value.high:.2f}"
    return f"{100 * value.share:.2f} % ({interval}), {value.successes:,} of {value.n:,}"


class Method(StrEnum):
    """How two proportions are compared."""

    SCORE = "score test, pooled"
    EXACT = "Fisher's exact test"


@dataclass(frozen=True, slots=True)
class ProportionTest:
    """Whether two shares differ by more than chance."""

    difference: float
    """The first share minus the second."""
    low: float
    """95 % interval of the difference (Newcombe 1998, his method 10)."""
    high: float
    p: float
    """Two-sided."""
    method: Method
    z: float | None = None
    """The test's statistic, where it has one."""


def score_test(first: tuple[int, int], second: tuple[int, int]) -> ProportionTest:
    """Compares two shares, each (successes, n), by the pooled two-proportion z-test.

    ``z = (a / n - b / m) / sqrt(q (1 - q) (1 / n + 1 / m))`` with the share q of both together.
    What the paper uses for table 2 (section 6.2).

    Raises:
        ValueError: A share has no trials, or its successes are not among them.

    Example:
        >>> round(score_test((42, 10_000), (46, 10_000)).p, 2)
        0.67
    """
    (a, n), (b, m) = first, second
    difference, low, high = _difference(first, second)
    pooled = (a + b) / (n + m)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    z = difference / error if error else 0.0
    return ProportionTest(difference, low, high, 2 * NormalDist().cdf(-abs(z)), Method.SCORE, z)


def fisher_exact(first: tuple[int, int], second: tuple[int, int]) -> ProportionTest:
    """Compares two shares, each (successes, n), by Fisher's exact test.

    Two-sided: the chance of all tables with the same margins that are at most as likely as the
    observed one. Takes a step per possible count, so at most a second for a million trials.

    Raises:
        ValueError: A share has no trials, or its successes are not among them.

    Example:
        >>> round(fisher_exact((3, 4), (1, 4)).p, 4)  # the lady tasting tea
        0.4857
    """
    (a, n), (b, m) = first, second
    difference, low, high = _difference(first, second)
    observed = _log_weight(a, n, a + b, m)
    weights = [math.exp(each - observed) for each in _log_weights(n, a + b, m)]
    unlikely = math.fsum(weight for weight in weights if weight <= _TIES)
    return ProportionTest(
        difference, low, high, min(1.0, unlikely / math.fsum(weights)), Method.EXACT
    )


def compare_proportions(first: tuple[int, int], second: tuple[int, int]) -> ProportionTest:
    """Compares two shares by the score test, or by the exact one where counts are small.

    Small means that some cell of the two-by-two table is expected to hold fewer than 5.

    Raises:
        ValueError: A share has no trials, or its successes are not among them.
    """
    _check(*first)
    _check(*second)
    (a, n), (b, m) = first, second
    rarer = min(a + b, n + m - a - b)
    small = rarer * min(n, m) / (n + m) < _FEWEST_EXPECTED
    return fisher_exact(first, second) if small else score_test(first, second)


def _difference(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float, float]:
    _check(*first)
    _check(*second)
    p, q = first[0] / first[1], second[0] / second[1]
    (p_low, p_high), (q_low, q_high) = wilson(*first), wilson(*second)
    below, above = math.hypot(p - p_low, q_high - q), math.hypot(p_high - p, q - q_low)
    return p - q, max(p - q - below, -1.0), min(p - q + above, 1.0)


def _log_weights(n: int, successes: int, m: int) -> Iterator[float]:
    for count in range(max(0, successes - m), min(n, successes) + 1):
        yield _log_weight(count, n, successes, m)


def _log_weight(count: int, n: int, successes: int, m: int) -> float:
    """Logarithm of the number of ways to draw so many of the successes into the first group."""
    return _log_choose(n, count) + _log_choose(m, successes - count)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _up(percent: float) -> float:
    """Rounds up to two digits: an upper bound must not fall by being printed."""
    return math.ceil(percent * 100 - 1e-9) / 100


def _check(successes: int, n: int) -> None:
    # A share that is no count, such as 0.5, would pass for one.
    if not (isinstance(successes, int) and isinstance(n, int)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError(f"expected whole numbers, got {successes!r} of {n!r}")  # noqa: TRY004 - as below
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"expected 0 to n successes of n >= 1 trials, got {successes} of {n}")
