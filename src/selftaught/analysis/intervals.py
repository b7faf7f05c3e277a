"""Means of few measurements, with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance

CONFIDENCE = 0.95
FRACTIONS = (0.0, 1.0)
ANYTHING = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and the interval that covers the true one with the stated confidence."""

    mean: float
    low: float
    high: float
    n: int
    """How many measurements; of one alone the interval says nothing and is as wide as can be."""


def estimate(
    values: Sequence[float],
    *,
    strata: int = 1,
    confidence: float = CONFIDENCE,
    within: tuple[float, float] = FRACTIONS,
) -> Estimate:
    """Returns the mean of independent measurements and an interval for it.

    Measurements that are all 0 or 1 get Wilson's interval, others Student's. The latter knows only
    the spread that it sees: equal measurements give it no width.

    Args:
        values: The measurements, stratum by stratum.
        strata: How many groups of the same size, such as tasks, they consist of; differences
            between groups are no noise.
        confidence: How often such an interval covers the true mean.
        within: Where measurements can lie; the interval is cut to it, unless one lies outside.

    Raises:
        ValueError: There are no values, or they do not fall into groups.

    Example:
        >>> estimate([0.4, 0.5, 0.6])
        Estimate(mean=0.5, low=0.251586, high=0.748414, n=3)
        >>> estimate([1, 1, 1, 1])
        Estimate(mean=1.0, low=0.510109, high=1.0, n=4)
    """
    if not values or len(values) % strata:
        raise ValueError(f"expected {strata} groups of measurements, got {len(values)} of them")
    mean, n = fmean(values), len(values)
    if strata == 1 and within == FRACTIONS and set(values) <= {0, 1}:
        low, high = wilson(sum(values), n, confidence=confidence)
    else:
        margin = _margin(values, strata, confidence)
        low, high = mean - margin, mean + margin
    least, most = within
    if all(least <= value <= most for value in values):
        low, high = max(low, least), min(high, most)
    return Estimate(round(mean, 6), round(low, 6), round(high, 6), n)


def _margin(values: Sequence[float], strata: int, confidence: float) -> float:
    size = len(values) // strata
    if size == 1:
        return math.inf
    groups = [values[start : start + size] for start in range(0, len(values), size)]
    error = math.sqrt(sum(variance(group) for group in groups) / size) / strata
    return t_quantile((1 + confidence) / 2, len(values) - strata) * error


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
