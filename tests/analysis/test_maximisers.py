"""Maximisers and improvers are each other; the recursive objective and its cost."""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Callable
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.analysis.maximisers import (
    Objective,
    as_improver,
    as_maximiser,
    encode_prior,
    expected_calls,
    extract_prior,
    meta_objective,
    recursive_utility,
)


def climb(objective: Objective[int], initial: int) -> int:
    """An improver: one step to the better neighbour."""
    return max((initial, initial - 1, initial + 1), key=objective)


def sweep(objective: Objective[int]) -> int:
    """A maximiser that needs no start."""
    return max(range(-5, 6), key=objective)


def peak(at: int, initial: int = 0) -> Objective[int]:
    return Objective(lambda x: -abs(x - at), initial)


@given(st.integers(-5, 5), st.integers())
def test_a_maximiser_as_improver_ignores_the_start_and_comes_back_unchanged(
    at: int, start: int
) -> None:
    improver = as_improver(sweep)

    assert improver(peak(at), start) == sweep(peak(at)) == at
    assert as_maximiser(improver, prior=start)(peak(at)) == at


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-50, 50))
def test_an_improver_as_maximiser_starts_from_its_prior_else_from_the_objective(
    at: int, start: int, prior: int
) -> None:
    objective = peak(at, start)

    assert as_maximiser(climb)(objective) == climb(objective, start)
    assert as_maximiser(climb, prior=prior)(objective) == climb(objective, prior)
    assert as_improver(as_maximiser(climb, prior=prior))(objective, start) == climb(
        objective, prior
    )


PROGRAMS = st.sampled_from(
    ["x = 1", "x = '''\n# prior solution: \"no\"\n'''", "def f():\n    pass\n"]
)


@given(PROGRAMS, st.text(), st.text())
def test_a_program_carries_a_prior_and_does_the_same(program: str, prior: str, later: str) -> None:
    carrying = encode_prior(program, prior)

    assert extract_prior(carrying) == prior
    assert extract_prior(encode_prior(carrying, later)) == later
    assert ast.dump(ast.parse(carrying)) == ast.dump(ast.parse(program))


@pytest.mark.parametrize(
    "program",
    [
        "",
        "x = 1",
        "# prior solution: 3\nx",
        "x\n# prior solution: 3",
        "x\n# prior solution: [",
        "\n# prior solution: " + "[" * 100_000,
    ],
)
def test_a_program_without_prior_carries_none(program: str) -> None:
    assert extract_prior(program) is None


def test_the_meta_objective_is_the_mean_over_objectives() -> None:
    def reach(steps: int, objective: Objective[int]) -> int:
        return min(steps, -int(objective(0)))

    value = meta_objective([peak(1), peak(4)], reach)

    assert value(2) == fmean([0, -2])


def test_self_applications_come_as_often_as_the_expansion_says() -> None:
    rate, rng = 0.3, random.Random(5)
    utility = recursive_utility(float, lambda made, _: made + 1, rate=rate, rng=rng)

    depths = [utility(0) for _ in range(20_000)]

    for k in range(4):
        assert depths.count(k) / len(depths) == pytest.approx(rate * (1 - rate) ** k, abs=0.01)
    assert fmean(depths) + 1 == pytest.approx(expected_calls(rate), rel=0.03)


@pytest.mark.parametrize(("rate", "evaluations"), [(0.9, 0), (0.9, 2), (0.8, 1)])
def test_maximisers_that_evaluate_the_objective_multiply_its_cost(
    rate: float, evaluations: int
) -> None:
    calls = 0

    def base(maximiser: float) -> float:
        nonlocal calls
        calls += 1
        return maximiser

    def apply(maximiser: float, utility: Callable[[float], float]) -> float:
        nonlocal calls
        calls += 1
        return max([maximiser, *(utility(maximiser) for _ in range(evaluations))])

    utility = recursive_utility(base, apply, rate=rate, rng=random.Random(2))
    for _ in range(10_000):
        utility(1.0)

    assert calls / 10_000 == pytest.approx(expected_calls(rate, evaluations=evaluations), rel=0.03)


def test_a_rate_of_1_is_the_plain_objective() -> None:
    utility = recursive_utility(float, lambda made, _: made + 1, rate=1, rng=random.Random(0))

    assert {utility(7) for _ in range(50)} == {7.0}


def test_a_maximiser_that_returns_itself_is_a_fixed_point_even_if_it_minimises() -> None:
    scores = {"quine": 0.0, "better": 1.0}
    utility = recursive_utility(
        scores.__getitem__, lambda made, _: made, rate=0.2, rng=random.Random(0)
    )

    assert [utility("quine") for _ in range(20)] == [0.0] * 20


def test_too_many_evaluations_never_end() -> None:
    assert expected_calls(0.5, evaluations=1) == math.inf
    assert expected_calls(0.4, evaluations=3) == math.inf


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.01, math.nan])
def test_a_rate_that_is_no_probability_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="expected a rate"):
        expected_calls(rate)
    with pytest.raises(ValueError, match="expected a rate"):
        recursive_utility(float, lambda made, _: made, rate=rate, rng=random.Random(0))
