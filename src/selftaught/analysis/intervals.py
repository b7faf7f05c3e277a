"""Means of few measurements, with intervals that say no more than the measurements do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist, fmean, variance

CONFIDENCE = 0.95
Range = tuple[float, float]
"""The least and the largest value that there can be."""
FRACTIONS: Range = (0.0, 1.0)
ANYTHING: Range = (-math.inf, math.inf)
_SAME = 1e-9
"""Equal measurements differ by rounding, relative to their size."""


class Measured(StrEnum):
    """What n counts: what one measurement comes from."""

    INSTANCES = "instances"
    """One answer of one program; a pass or a fail where the task judges so."""
    SESSIONS = "sessions"
    """One application of an improver: a mean over instances."""
    RUNS = "runs"
    """One run: a mean over sessions."""


class Method(StrEnum):
    """Which interval stands beside a mean, or why there is none."""

    STUDENT = "Student's t"
    WILSON = "Wilson's"
    SINGLE = "none: a single measurement"
    EQUAL = "none: all measurements are equal"
    WHOLE = "none: the value is no mean of the measurements"

    @property
    def has_interval(self) -> bool:
        """Tells whether there is one."""
        return self in {Method.STUDENT, Method.WILSON}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and the interval that covers the true one with 95 % confidence, where there is one."""

    mean: float
    low: float | None
    """None where the measurements allow no interval; `method` says why."""
    high: float | None
    n: int
    """How many measurements."""
    of: Measured
    """What they are."""
    method: Method = Method.STUDENT

    @property
    def is_above_0(self) -> bool:
        """Tells whether no part of the interval lies at 0 or below."""
        return self.mean > 0 if self.low is None else self.low > 0

    @property
    def is_below_0(self) -> bool:
        """Tells whether no part of the interval lies at 0 or above."""
        return self.mean < 0 if self.high is None else self.high < 0


def estimate(
    values: Sequence[float],
    *,
    of: Measured,
    within: Range = ANYTHING,
    strata: int = 1,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Returns the mean of independent measurements and the interval that fits them.

    Instances that all scored 0 or 1, of a task whose scores lie between these, get Wilson's. Others
    get Student's: it takes the spread from the measurements, so there is none where they are equal
    or where there is one only.

    Args:
        values: The measurements, stratum by stratum.
        of: What they are.
        within: Where such measurements can lie; the interval is cut to it.
        strata: How many groups of the same size, such as tasks, they consist of; differences
            between groups are no noise.
        confidence: How often such an interval covers the true mean.

    Raises:
        ValueError: There are no values, or they do not fall into groups.

    Example:
        >>> in_words(estimate([0.4, 0.5, 0.6], of=Measured.SESSIONS))
        '0.500 (0.252 to 0.748)'
        >>> in_words(estimate([1, 1, 1, 1], of=Measured.INSTANCES, within=FRACTIONS))
        '1.000 (0.510 to 1.000)'
        >>> in_words(estimate([1, 1, 1, 1], of=Measured.SESSIONS, within=FRACTIONS))
        '1.000 (all equal)'
    """
    if not values or len(values) % strata:
        raise ValueError(f"expected {strata} groups of measurements, got {len(values)} of them")
    mean, n, size = fmean(values), len(values), len(values) // strata
    groups = [values[start : start + size] for start in range(0, n, size)]
    method = _method(values, groups, of, within)
    if not method.has_interval:
        return Estimate(round(mean, 6), None, None, n, of, method)
    if method is Method.WILSON:
        low, high = wilson(sum(values), n, confidence=confidence)
    else:
        margin = _margin(groups, confidence)
        low, high = mean - margin, mean + margin
    # Rounding must not put the mean outside of its interval.
    low, high = min(mean, max(low, within[0])), max(mean, min(high, within[1]))
    return Estimate(round(mean, 6), round(low, 6), round(high, 6), n, of, method)


def _method(
    values: Sequence[float], groups: Sequence[Sequence[float]], of: Measured, within: Range
) -> Method:
    if len(groups[0]) == 1:
        return Method.SINGLE
    # A session or a run that scored 1 is still a mean: only of instances is it a share of passes.
    if (
        of is Measured.INSTANCES
        and within == FRACTIONS
        and len(groups) == 1
        and set(values) <= {0, 1}
    ):
        return Method.WILSON
    if all(max(group) - min(group) <= _SAME * max(map(abs, group)) for group in groups):
        return Method.EQUAL
    return Method.STUDENT


def _margin(groups: Sequence[Sequence[float]], confidence: float) -> float:
    size, strata = len(groups[0]), len(groups)
    error = math.sqrt(sum(variance(group) for group in groups) / size) / strata
    return t_quantile((1 + confidence) / 2, strata * (size - 1)) * error


def gain_within(scores: Range) -> Range:
    """Returns where differences of scores can lie.

    Example:
        >>> gain_within(FRACTIONS), gain_within((0.0, math.inf))
        ((-1.0, 1.0), (-inf, inf))
    """
    width = scores[1] - scores[0]
    return -width, width


def in_words(value: Estimate | None, *, sign: bool = False) -> str:
    """Returns a mean with its interval, the way all tables and sentences print it.

    Args:
        value: None where nothing was measured.
        sign: Whether it is a difference, which has a sign.

    Example:
        >>> in_words(Estimate(0.5, 0.4, 0.6, 5, Measured.RUNS))
        '0.500 (0.400 to 0.600)'
        >>> in_words(Estimate(0.1, None, None, 1, Measured.RUNS, Method.SINGLE), sign=True)
        '+0.100 (-)'
    """
    if value is None:
        return "-"
    return f"{number(value.mean, sign=sign)} ({bounds(value, sign=sign)})"


def in_full(value: Estimate) -> str:
    """Returns a mean where it stands alone: with what the interval is, and of how many.

    Example:
        >>> in_full(Estimate(0.5, 0.4, 0.6, 20, Measured.INSTANCES))
        "0.500, 95 % interval 0.400 to 0.600 (Student's t, n = 20 instances)"
        >>> in_full(Estimate(0.01, None, None, 20, Measured.INSTANCES, Method.WHOLE))
        '0.010, no interval: the value is no mean of the measurements (n = 20 instances)'
    """
    n = f"n = {value.n} {value.of if value.n > 1 else value.of.removesuffix('s')}"
    if not value.method.has_interval:
        return f"{number(value.mean)}, no interval: {value.method.removeprefix('none: ')} ({n})"
    percent = f"{100 * CONFIDENCE:g} %"
    return f"{number(value.mean)}, {percent} interval {bounds(value)} ({value.method}, {n})"


def bounds(value: Estimate, *, sign: bool = False) -> str:
    """Returns the interval alone."""
    if value.low is None or value.high is None:
        return "all equal" if value.method is Method.EQUAL else "-"
    return f"{number(value.low, sign=sign)} to {number(value.high, sign=sign)}"


def number(value: float, *, sign: bool = False) -> str:
    """Returns a number with the digits that its size asks for.

    Example:
        >>> number(0.25), number(1171.25), number(-0.0001, sign=True)
        ('0.250', '1171.2', '+0.000')
    """
    digits = 3 if abs(value) < _MANY else 1
    return f"{round(value, digits) + 0.0:{'+' if sign else ''}.{digits}f}"


_MANY = 10


def legend(values: Sequence[Estimate | None]) -> str:
    """Returns what the intervals are that stand in a table, and what n counts there.

    Example:
        >>> legend([Estimate(0.5, 0.4, 0.6, 5, Measured.RUNS)])
        "95 % intervals, Student's t; n counts runs."
    """
    there = [value for value in values if value is not None]
    kinds = [method for method in Method if any(value.method is method for value in there)]
    named = " or ".join(kind for kind in kinds if kind.has_interval)
    words = [f"{100 * CONFIDENCE:g} % intervals, {named}" if named else "no intervals"]
    words += [_WHY[kind] for kind in kinds if kind in _WHY]
    units = " or ".join(unit for unit in Measured if any(value.of is unit for value in there))
    return "; ".join([*words, f"n counts {units}"]) + "."


_WHY = {
    Method.SINGLE: "(-): one measurement has none",
    Method.EQUAL: "(all equal): measurements without spread, which does not make the mean certain",
    Method.WHOLE: "(-): a failure decides the whole value, which is no mean",
}


def wilson(successes: float, n: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Returns Wilson's score interval (1927) for a share of n trials.

    Example:
        >>> low, high = wilson(42, 10_000)
        >>> f"{low:.2%} {high:.2%}"
        '0.31% 0.57%'
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / n
    center = (share + z * z / (2 * n)) / (1 + z * z / n)
    spread = math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    half = z / (1 + z * z / n) * spread
    return center - half, center + half


def t_quantile(p: float, degrees: int) -> float:
    """Returns the value below which a share p >= 0.5 of Student's t distribution lies.

    By bisection on the distribution function; exact to 1e-9.

    Example:
        >>> round(t_quantile(0.975, 4), 3)
        2.776
    """
    low, high = 0.0, 2.0
    while t_cdf(high, degrees) < p:
        high *= 2
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if t_cdf(middle, degrees) < p else (low, middle)
    return (low + high) / 2


def t_cdf(t: float, degrees: int) -> float:
    """Returns the distribution function of Student's t for t >= 0 (Abramowitz and Stegun, 26.7).

    A finite sum for whole degrees of freedom, which is what measurements have.
    """
    if degrees > 1000:
        return NormalDist().cdf(t)
    angle = math.atan(t / math.sqrt(degrees))
    cosine, sine = math.cos(angle), math.sin(angle)
    term = cosine if degrees % 2 else 1.0
    total = 0.0
    for k in range(1 if degrees % 2 else 0, degrees - 1, 2):
        total += term
        term *= cosine * cosine * (k + 1) / (k + 2)
    inner = 2 / math.pi * (angle + sine * total) if degrees % 2 else sine * total
    return 0.5 + inner / 2
