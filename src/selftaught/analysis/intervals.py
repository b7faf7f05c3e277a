"""Means of few measurements, with Student's t intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

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
    confidence: float = CONFIDENCE,
    within: tuple[float, float] = FRACTIONS,
) -> Estimate:
    """Returns the mean of independent measurements and its t interval.

    Equal measurements give an interval of no width: the t interval knows only the spread that it
    sees.

    Args:
        values: The measurements.
        confidence: How often such an interval covers the true mean.
        within: Where measurements can lie; the interval is cut to it, unless one lies outside.

    Raises:
        ValueError: There are no values.

    Example:
        >>> estimate([0.4, 0.5, 0.6])
        Estimate(mean=0.5, low=0.251586, high=0.748414, n=3)
    """
    if not values:
        raise ValueError("no measurements")
    mean, n = fmean(values), len(values)
    if n == 1:
        margin = math.inf
    else:
        margin = t_quantile((1 + confidence) / 2, n - 1) * stdev(values) / math.sqrt(n)
    low, high = mean - margin, mean + margin
    least, most = within
    if all(least <= value <= most for value in values):
        low, high = max(low, least), min(high, most)
    return Estimate(round(mean, 6), round(low, 6), round(high, 6), n)


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
