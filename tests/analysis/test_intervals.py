"""Means of few measurements and how sure one can be of them."""

from __future__ import annotations

import math
import random
from statistics import NormalDist, fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.analysis.intervals import (
    FRACTIONS,
    Estimate,
    Measured,
    Method,
    estimate,
    gain_within,
    in_full,
    in_words,
    legend,
    t_cdf,
    t_quantile,
)

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

    result = estimate(values, of=Measured.RUNS)

    assert (result.mean, result.n, result.of, result.method) == (
        5.0,
        4,
        Measured.RUNS,
        Method.STUDENT,
    )
    assert (result.low, result.high) == pytest.approx((1.818, 8.182), abs=1e-3)


def bounds_of(value: Estimate) -> tuple[float, float]:
    assert value.low is not None
    assert value.high is not None
    return value.low, value.high


def test_more_confidence_is_a_wider_interval() -> None:
    narrow, wide = (
        bounds_of(estimate([4.0, 5.0, 6.0], of=Measured.RUNS, confidence=level))
        for level in (0.8, 0.99)
    )

    assert wide[0] < narrow[0] < 5 < narrow[1] < wide[1]


@pytest.mark.parametrize("unit", Measured)
@pytest.mark.parametrize("value", [0.0, 0.3, 1.0, 1171.25])
def test_one_measurement_has_no_interval(value: float, unit: Measured) -> None:
    result = estimate([value], of=unit, within=(0.0, 2000.0))

    assert result == Estimate(value, None, None, 1, unit, Method.SINGLE)
    assert in_words(result).endswith("(-)")


@pytest.mark.parametrize("value", [0.25, 1.0, -3.0, 7.5])
def test_equal_measurements_are_called_so_and_not_certain(value: float) -> None:
    result = estimate([value] * 6, of=Measured.SESSIONS)

    assert result == Estimate(value, None, None, 6, Measured.SESSIONS, Method.EQUAL)
    assert in_words(result).endswith("(all equal)")


def test_equal_differences_are_equal_whatever_their_rounding() -> None:
    pairs = [(0.1, 0.2), (0.5, 0.6), (0.9, 1.0)]

    assert estimate([b - a for a, b in pairs], of=Measured.SESSIONS).method is Method.EQUAL


@pytest.mark.parametrize("unit", [Measured.SESSIONS, Measured.RUNS])
def test_means_that_happen_to_be_0_or_1_are_no_outcomes(unit: Measured) -> None:
    assert estimate([0.0, 1.0, 1.0], of=unit, within=FRACTIONS).method is Method.STUDENT


def test_instances_of_a_task_without_scale_are_no_passes_and_fails() -> None:
    unscaled = (0.0, math.inf)

    assert (
        estimate([0.0, 1.0, 1.0], of=Measured.INSTANCES, within=unscaled).method is Method.STUDENT
    )
    assert (
        estimate([0.0, 1.0, 1.0], of=Measured.INSTANCES, within=FRACTIONS).method is Method.WILSON
    )


def test_an_interval_is_cut_to_the_range_that_is_declared() -> None:
    scores = [0.0, 0.9, 1.0]

    assert bounds_of(estimate(scores, of=Measured.RUNS, within=FRACTIONS)) == (0.0, 1.0)
    low, high = bounds_of(estimate(scores, of=Measured.RUNS, within=(0.0, math.inf)))
    assert low == 0.0
    assert high > 1.5


def test_unscaled_scores_are_cut_at_no_top() -> None:
    low, high = bounds_of(
        estimate([1150.0, 1171.0, 1190.0], of=Measured.RUNS, within=(0.0, math.inf))
    )

    assert 1050 < low < 1170 < high < 1250


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=8))
def test_no_gain_of_fractions_reaches_beyond_1(pairs: list[tuple[float, float]]) -> None:
    gains = [new - old for old, new in pairs]

    result = estimate(gains, of=Measured.SESSIONS, within=gain_within(FRACTIONS))

    assert -1 <= (result.low or 0) <= (result.high or 0) <= 1


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.95])
def test_intervals_of_zeros_and_ones_cover_their_share(share: float) -> None:
    rng = random.Random(1)
    covered = 0
    for _ in range(400):
        passed = [float(rng.random() < share) for _ in range(20)]
        low, high = bounds_of(estimate(passed, of=Measured.INSTANCES, within=FRACTIONS))
        covered += low <= share <= high

    assert covered / 400 > 0.9


def test_differences_between_groups_are_no_noise() -> None:
    apart = [0.1, 0.12, 0.1, 0.9, 0.92, 0.9]

    low, high = bounds_of(estimate(apart, of=Measured.SESSIONS, strata=2))

    assert 0.48 < low < high < 0.54
    assert bounds_of(estimate(apart, of=Measured.SESSIONS))[0] < 0.2
    assert estimate([0.1, 0.1, 0.9, 0.9], of=Measured.SESSIONS, strata=2).method is Method.EQUAL


def test_values_that_fall_into_no_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 2 groups"):
        estimate([0.1, 0.2, 0.3], of=Measured.SESSIONS, strata=2)


def test_no_values_have_no_mean() -> None:
    with pytest.raises(ValueError, match="got 0 of them"):
        estimate([], of=Measured.RUNS)


def test_a_legend_names_the_intervals_and_what_n_counts() -> None:
    passed = estimate([0.0, 1.0], of=Measured.INSTANCES, within=FRACTIONS)
    runs = estimate([0.1, 0.2], of=Measured.RUNS)
    single, equal = (estimate([0.5] * n, of=Measured.SESSIONS) for n in (1, 2))

    assert legend([runs, None]) == "95 % intervals, Student's t; n counts runs."
    assert legend([passed, runs]).startswith("95 % intervals, Student's t or Wilson's;")
    assert "(-): one measurement has none" in legend([single])
    assert "which does not make the mean certain" in legend([equal])


def test_a_number_that_stands_alone_says_all_there_is_to_say_of_it() -> None:
    passed = estimate([0.0, 1.0, 1.0, 1.0], of=Measured.INSTANCES, within=FRACTIONS)

    assert in_full(passed) == "0.750, 95 % interval 0.301 to 0.954 (Wilson's, n = 4 instances)"
    assert in_full(estimate([0.5], of=Measured.INSTANCES)) == (
        "0.500, no interval: a single measurement (n = 1 instance)"
    )


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_interval_of_fractions_holds_their_mean(values: list[float]) -> None:
    result = estimate(values, of=Measured.INSTANCES, within=FRACTIONS)

    assert result.mean == pytest.approx(fmean(values), abs=1e-6)
    low, high = bounds_of(result) if result.method.has_interval else (result.mean, result.mean)
    assert 0 <= low <= result.mean <= high <= 1
    assert result.n == len(values)


@pytest.mark.parametrize(("n", "confidence"), [(2, 0.95), (5, 0.95), (12, 0.95), (5, 0.8)])
def test_the_interval_covers_the_true_mean_as_often_as_it_says(n: int, confidence: float) -> None:
    rng = random.Random(n + 1)
    rounds = 1500

    intervals = [
        bounds_of(
            estimate(
                [rng.gauss(100, 15) for _ in range(n)], of=Measured.RUNS, confidence=confidence
            )
        )
        for _ in range(rounds)
    ]

    covered = sum(low <= 100 <= high for low, high in intervals) / rounds
    assert covered == pytest.approx(confidence, abs=0.03)
