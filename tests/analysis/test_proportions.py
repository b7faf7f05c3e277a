"""Rates with a denominator."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.analysis.proportions import (
    Method,
    compare_proportions,
    fisher_exact,
    in_words,
    none_seen,
    proportion,
    score_test,
)

N = 10_000
PAPER = [
    (42, "0.42 % (0.31-0.57), 42 of 10,000"),
    (46, "0.46 % (0.35-0.61), 46 of 10,000"),
    (12, "0.12 % (0.07-0.21), 12 of 10,000"),
    (17, "0.17 % (0.11-0.27), 17 of 10,000"),
]

counts = st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(("successes", "printed"), PAPER)
def test_intervals_are_those_of_the_papers_table_2(successes: int, printed: str) -> None:
    assert in_words(proportion(successes, N)) == printed


@pytest.mark.parametrize(
    ("first", "second", "z", "p"),
    [(42, 46, -0.43, 0.67), (12, 17, -0.93, 0.35), (42, 12, 4.09, 4.3e-5)],
)
def test_the_score_test_gives_the_values_of_the_papers_table_2(
    first: int, second: int, z: float, p: float
) -> None:
    result = score_test((first, N), (second, N))

    assert result.z == pytest.approx(z, abs=0.01)
    assert result.p == pytest.approx(p, rel=0.02)
    assert compare_proportions((first, N), (second, N)) == result


@pytest.mark.parametrize("counts", [(0.5, 10), (1, 2.5), ("1", 10)])
def test_what_is_no_count_is_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="expected whole numbers"):
        proportion(*counts)


def test_no_success_gives_an_upper_bound() -> None:
    nothing = proportion(0, 300)

    assert nothing.low == 0
    assert (1 - nothing.high) ** 300 == pytest.approx(0.05)
    assert nothing.high == pytest.approx(3 / 300, rel=0.01)
    assert in_words(nothing) == "none of 300: below 1.00 %"


def test_a_printed_upper_bound_is_rounded_up() -> None:
    assert none_seen(10_000) == pytest.approx(0.000299528, rel=1e-5)
    assert in_words(proportion(0, 10_000)) == "none of 10,000: below 0.03 %"
    assert in_words(proportion(0, 1_000_000)) == "none of 1,000,000: below 0.01 %"


def test_a_higher_rate_than_the_upper_bound_shows_itself() -> None:
    rng, n = random.Random(4), 50
    rate = none_seen(n) * 1.1

    silent = sum(all(rng.random() >= rate for _ in range(n)) for _ in range(2000))

    assert silent / 2000 < 0.05


def exact_p(first: tuple[int, int], second: tuple[int, int]) -> Fraction:
    """Fisher's test by whole numbers alone."""
    (a, n), (b, m) = first, second
    weights = [
        math.comb(n, x) * math.comb(m, a + b - x)
        for x in range(max(0, a + b - m), min(n, a + b) + 1)
    ]
    observed = math.comb(n, a) * math.comb(m, b)
    return Fraction(sum(each for each in weights if each <= observed), sum(weights))


@given(counts, counts)
def test_the_exact_test_agrees_with_whole_numbers(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    assert fisher_exact(first, second).p == pytest.approx(float(exact_p(first, second)), rel=1e-9)


def test_the_exact_test_agrees_with_whole_numbers_for_large_counts() -> None:
    first, second = (42, N), (12, N)

    assert fisher_exact(first, second).p == pytest.approx(float(exact_p(first, second)), rel=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [((3, 4), (1, 4), 0.485714), ((1, 10), (11, 14), 0.002759), ((8, 10), (1, 6), 0.034965)],
)
def test_the_exact_test_gives_textbook_values(
    first: tuple[int, int], second: tuple[int, int], p: float
) -> None:
    assert fisher_exact(first, second).p == pytest.approx(p, abs=1e-6)


@given(counts, counts)
def test_tests_do_not_depend_on_the_order_or_on_what_counts_as_success(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    failures = [(n - a, n) for a, n in (first, second)]

    for test in (score_test, fisher_exact, compare_proportions):
        result, swapped, turned = test(first, second), test(second, first), test(*failures)
        assert result.p == pytest.approx(swapped.p) == pytest.approx(turned.p)
        assert result.difference == pytest.approx(-swapped.difference)
        assert -1 <= result.low <= result.difference + 1e-12
        assert result.difference - 1e-12 <= result.high <= 1


def test_small_counts_are_compared_exactly() -> None:
    assert compare_proportions((4, 100), (5, 100)).method is Method.EXACT
    assert compare_proportions((5, 100), (5, 100)).method is Method.SCORE
    assert compare_proportions((95, 100), (96, 100)).method is Method.EXACT


@pytest.mark.parametrize("successes", [0, 20])
def test_equal_extremes_do_not_differ(successes: int) -> None:
    assert score_test((successes, 20), (successes, 20)).p == 1
    assert fisher_exact((successes, 20), (successes, 20)).p == 1


def test_the_exact_test_rejects_equal_rates_at_most_as_often_as_it_says() -> None:
    rng, n = random.Random(6), 20

    def draw() -> tuple[int, int]:
        return sum(rng.random() < 0.2 for _ in range(n)), n

    rejected = sum(fisher_exact(draw(), draw()).p <= 0.05 for _ in range(1000))

    assert rejected / 1000 <= 0.05


def test_the_interval_of_the_difference_covers_it() -> None:
    rng, n = random.Random(7), 100

    def draw(rate: float) -> tuple[int, int]:
        return sum(rng.random() < rate for _ in range(n)), n

    results = [score_test(draw(0.3), draw(0.1)) for _ in range(500)]

    covered = sum(each.low <= 0.2 <= each.high for each in results) / 500
    assert covered == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_counts_that_cannot_be_are_refused(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="successes of n >= 1 trials"):
        proportion(successes, n)
    with pytest.raises(ValueError, match="successes of n >= 1 trials"):
        compare_proportions((1, 2), (successes, n))
    with pytest.raises(ValueError, match="successes of n >= 1 trials"):
        score_test((1, 2), (successes, n))
