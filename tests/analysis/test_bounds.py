"""How many tasks a claim about all improvers needs."""

from __future__ import annotations

import itertools
import math
import random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.analysis.bounds import Bound, chosen_beforehand, hoeffding, iterated, lemma_1
from selftaught.errors import UsageError

lengths = st.integers(2, 100_000)
alphabets = st.integers(2, 200_000)
deltas = st.floats(1e-12, 1)
tasks = st.integers(1, 10**9)


@pytest.mark.parametrize(("n", "epsilon"), [(5, 44.06), (100_000, 0.3116)])
def test_the_lemma_is_vacuous_at_the_scale_of_the_papers_experiments(
    n: int, epsilon: float
) -> None:
    bound = lemma_1(n, length=2000, alphabet=128, delta=0.05)

    assert bound.epsilon == pytest.approx(epsilon, rel=1e-3)
    assert bound.is_vacuous == (n == 5)


def test_a_vacuous_bound_warns_and_names_the_fewest_tasks_that_mend_it() -> None:
    bound = lemma_1(5, length=2000, alphabet=128, delta=0.05)

    assert bound.warning
    assert f"{bound.least_tasks:,}" in bound.warning
    assert Bound(bound.least_tasks, bound.complexity).warning is None
    assert Bound(bound.least_tasks - 1, bound.complexity).is_vacuous


def test_an_epsilon_of_exactly_1_is_vacuous() -> None:
    assert Bound(7, 7.0).is_vacuous
    assert Bound(7, 7.0).least_tasks == 8


@given(lengths, alphabets, deltas, st.floats(1e-9, 1))
def test_the_sample_size_is_the_fewest_that_give_the_epsilon(
    length: int, alphabet: int, delta: float, epsilon: float
) -> None:
    bound = lemma_1(1, length=length, alphabet=alphabet, delta=delta)

    n = bound.tasks_needed(epsilon)

    assert Bound(n, bound.complexity).epsilon <= epsilon * (1 + 1e-12)
    assert n == 1 or Bound(n - 1, bound.complexity).epsilon > epsilon * (1 - 1e-12)


@given(tasks, lengths, alphabets, deltas)
def test_the_sharper_bound_is_never_larger(
    n: int, length: int, alphabet: int, delta: float
) -> None:
    paper = lemma_1(n, length=length, alphabet=alphabet, delta=delta)
    sharper = hoeffding(n, length=length, alphabet=alphabet, delta=delta)

    assert sharper.epsilon <= paper.epsilon
    assert sharper.epsilon > 0.7 * paper.epsilon


@pytest.mark.parametrize(("length", "alphabet"), [(2, 2), (3, 4), (10, 3)])
def test_the_sharper_bound_counts_the_strings_exactly(length: int, alphabet: int) -> None:
    strings = sum(alphabet**k for k in range(length + 1))

    bound = hoeffding(17, length=length, alphabet=alphabet, delta=0.1)

    assert bound.epsilon == pytest.approx(math.sqrt(math.log(2 * strings / 0.1) / 34), rel=1e-12)
    assert bound.epsilon == pytest.approx(
        chosen_beforehand(17, delta=0.1, improvers=strings).epsilon, rel=1e-12
    )


@pytest.mark.parametrize("delta", [0.05, 0.5])
def test_improvers_leave_the_sharper_bound_less_often_than_delta(delta: float) -> None:
    # All strings of at most 2 letters out of 2, each with a success rate of its own.
    rates = [
        sum(letters) / 3 + 0.1 for k in range(3) for letters in itertools.product((0, 1), repeat=k)
    ]
    bound = hoeffding(40, length=2, alphabet=2, delta=delta)
    rng = random.Random(1)

    failures = 0
    for _ in range(300):
        draws = [rng.random() for _ in range(bound.tasks)]
        gaps = [abs(fmean(draw < rate for draw in draws) - rate) for rate in rates]
        failures += max(gaps) >= bound.epsilon

    assert failures / 300 <= delta


def test_one_improver_on_fresh_tasks_needs_few() -> None:
    # Hoeffding: ln(2 / 0.05) / (2 * 0.1^2) = 184.4.
    assert chosen_beforehand(1, delta=0.05).tasks_needed(0.1) == 185


@given(tasks, st.integers(1, 10**6), lengths, alphabets)
def test_rounds_leave_the_bound_of_their_mean_as_it_is(
    n: int, rounds: int, length: int, alphabet: int
) -> None:
    asked = {"length": length, "alphabet": alphabet, "delta": 0.05}

    result = iterated(n, rounds=rounds, **asked)

    shared = lemma_1(n, length=length, alphabet=alphabet, delta=0.05 / rounds)
    assert result.mean == lemma_1(n, **asked)
    assert result.each.epsilon == pytest.approx(shared.epsilon)
    assert result.each.epsilon >= result.mean.epsilon


WRONG = [
    ({"tasks": 0}, "number of tasks"),
    ({"tasks": 10**5000}, "number of tasks"),
    ({"length": 1}, "length"),
    ({"alphabet": 1}, "alphabet"),
    ({"delta": 0.0}, "delta"),
    ({"delta": 1.1}, "delta"),
    ({"delta": math.nan}, "delta"),
    ({"rounds": 0}, "rounds"),
    ({"tasks": 2.5}, "number of tasks, a whole number, got 2.5"),
    ({"tasks": "5"}, "number of tasks, a whole number, got '5'"),
    ({"tasks": True}, "number of tasks"),
    ({"length": 2000.0}, "length in characters, a whole number"),
    ({"alphabet": None}, "alphabet of characters, a whole number"),
    ({"rounds": "2"}, "number of rounds, a whole number"),
    ({"delta": "0.05"}, "delta above 0 and at most 1, got '0.05'"),
    ({"delta": True}, "delta"),
]


@pytest.mark.parametrize(("wrong", "named"), WRONG)
def test_values_outside_the_lemma_are_refused_by_name(wrong: dict[str, object], named: str) -> None:
    asked = {"tasks": 5, "length": 2000, "alphabet": 128, "delta": 0.05, "rounds": 2}

    with pytest.raises(UsageError, match=named):
        iterated(**(asked | wrong))  # type: ignore[arg-type]


def test_a_loss_of_1_or_more_by_choosing_says_nothing() -> None:
    assert not Bound(100, 16.0).is_vacuous
    assert Bound(100, 25.0).selection_is_vacuous  # epsilon 0.5, so 2 epsilon is 1
    assert not Bound(100, 16.0).selection_is_vacuous


@pytest.mark.parametrize("epsilon", [0.0, -1.0, 1.5, math.nan, 1e-300, "0.1", True, None])
def test_a_wanted_epsilon_that_makes_no_sense_is_refused(epsilon: float) -> None:
    with pytest.raises(UsageError, match="expected an epsilon"):
        chosen_beforehand(5, delta=0.05).tasks_needed(epsilon)
