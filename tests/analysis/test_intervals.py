"""Means of few measurements and how sure one can be of them."""

from __future__ import annotations

import math
import random
from statistics import NormalDist, fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.analysis.intervals import ANYTHING, Estimate, estimate, t_cdf, t_quantile

TABLE = {
    0.95: {1: 6.314, 2: 2.920, 3: 2.353, 4: 2.132, 5: 2.015, 10: 1.812, 30: 1.697, 120: 1.658},
    0.975: {
        1: 12.706,
        2: 4.303,
        3: 3.182,
        4: 2.776,
        5: 2.571,
        6: 2.447,
        7: 2.365,
        8: 2.306,
        9: 2.262,
        10: 2.228,
        15: 2.131,
        19: 2.093,
        20: 2.086,
        30: 2.042,
        40: 2.021,
        60: 2.000,
        120: 1.980,
    },
    0.995: {1: 63.657, 2: 9.925, 5: 4.032, 10: 3.169, 30: 2.750},
    0.9995: {1: 636.619, 2: 31.599, 5: 6.869, 30: 3.646},
}
"""Quantiles of Student's t as textbooks print them."""


@pytest.mark.parametrize(
    ("p", "degrees", "expected"),
    [(p, degrees, t) for p, row in TABLE.items() for degrees, t in row.items()],
)
def test_quantiles_are_those_of_published_tables(p: float, degrees: int, expected: float) -> None:
    assert round(t_quantile(p, degrees), 3) == expected


def test_one_and_two_degrees_have_their_closed_forms() -> None:
    for t in (0.0, 0.1, 1.0, 3.0, 100.0):
        assert t_cdf(t, 1) == pytest.approx(0.5 + math.atan(t) / math.pi, abs=1e-12)
        assert t_cdf(t, 2) == pytest.approx(0.5 + t / (2 * math.sqrt(2 + t * t)), abs=1e-12)


@given(p=st.floats(0.5, 0.9999), degrees=st.integers(1, 1000))
def test_the_quantile_inverts_the_distribution(p: float, degrees: int) -> None:
    t = t_quantile(p, degrees)

    assert t_cdf(t, degrees) == pytest.approx(p, abs=1e-7)


@pytest.mark.parametrize("degrees", [900, 1000, 1001, 10**9])
def test_many_degrees_are_nearly_normal(degrees: int) -> None:
    assert t_quantile(0.975, degrees) == pytest.approx(NormalDist().inv_cdf(0.975), abs=3e-3)


def test_an_estimate_is_the_mean_and_its_t_interval() -> None:
    # Textbook: mean 5, s = 2, n = 4 gives 5 -+ 3.182 * 2 / 2.
    values = [5 - math.sqrt(6), 5.0, 5.0, 5 + math.sqrt(6)]

    result = estimate(values)

    assert result == Estimate(
        5.0, pytest.approx(1.818, abs=1e-3), pytest.approx(8.182, abs=1e-3), 4
    )


def test_more_confidence_is_a_wider_interval() -> None:
    narrow, wide = (estimate([4.0, 5.0, 6.0], confidence=level) for level in (0.8, 0.99))

    assert wide.low < narrow.low < narrow.mean == wide.mean < narrow.high < wide.high


def test_one_value_says_nothing_of_the_mean() -> None:
    assert estimate([5.0]) == Estimate(5.0, -math.inf, math.inf, 1)


def test_one_fraction_says_only_that_the_mean_is_a_fraction() -> None:
    assert estimate([0.3]) == Estimate(0.3, 0.0, 1.0, 1)


@pytest.mark.parametrize("value", [0.25, -3.0, 7.5])
def test_equal_values_have_an_interval_of_no_width(value: float) -> None:
    assert estimate([value] * 6) == Estimate(value, value, value, 6)


def test_the_interval_of_fractions_is_cut_to_fractions() -> None:
    result = estimate([0.0, 0.9, 1.0])

    assert (result.low, result.high) == (0.0, 1.0)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.95])
def test_intervals_of_zeros_and_ones_cover_their_share(share: float) -> None:
    rng = random.Random(1)
    covered = 0
    for _ in range(400):
        result = estimate([float(rng.random() < share) for _ in range(20)])
        covered += result.low <= share <= result.high

    assert covered / 400 > 0.9


def test_differences_between_groups_are_no_noise() -> None:
    apart = [0.1, 0.1, 0.1, 0.9, 0.9, 0.9]

    assert estimate(apart, strata=2) == Estimate(0.5, 0.5, 0.5, 6)
    assert estimate(apart).low < 0.2


def test_values_that_fall_into_no_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 2 groups"):
        estimate([0.1, 0.2, 0.3], strata=2)


def test_a_value_outside_means_that_nothing_is_cut() -> None:
    assert estimate([0.0, 1.0, 1.5]).low < 0


def test_differences_are_not_cut() -> None:
    assert estimate([0.0, 1.0, 1.0], within=ANYTHING).low < 0


def test_no_values_have_no_mean() -> None:
    with pytest.raises(ValueError, match="got 0 of them"):
        estimate([])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_interval_of_fractions_holds_their_mean(values: list[float]) -> None:
    result = estimate(values)

    assert result.mean == pytest.approx(fmean(values), abs=1e-6)
    assert 0 <= result.low <= result.mean <= result.high <= 1
    assert result.n == len(values)


@pytest.mark.parametrize(("n", "confidence"), [(2, 0.95), (5, 0.95), (12, 0.95), (5, 0.8)])
def test_the_interval_covers_the_true_mean_as_often_as_it_says(n: int, confidence: float) -> None:
    rng = random.Random(n + 1)
    rounds = 1500

    intervals = [
        estimate([rng.gauss(100, 15) for _ in range(n)], confidence=confidence)
        for _ in range(rounds)
    ]

    covered = sum(each.low <= 100 <= each.high for each in intervals) / rounds
    assert covered == pytest.approx(confidence, abs=0.03)
