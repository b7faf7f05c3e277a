"""3-SAT with a planted solution, in all its presets."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from selftaught.errors import UsageError
from selftaught.instances import Split
from selftaught.sandbox import Outcome, Status
from selftaught.seed_check import check_seed_scores
from selftaught.solution import Solution
from selftaught.task_utility import judge
from selftaught.tasks.three_sat import task
from selftaught.testing.defects import ALL_FALSE, REWRITING
from selftaught.utility import Score

Scorer = Callable[..., Score]


def research_draw(seed: int) -> list[list[int]]:
    """Draws in the research code's order, from the generator that all modules share."""
    random.seed(seed)
    n = random.randint(5, 50)
    planted = {0: False} | {variable: random.random() < 0.5 for variable in range(1, n + 1)}
    formula: list[list[int]] = []
    tries = 0
    while len(formula) < 4 * n and tries < (4 * n) ** 2:
        tries += 1
        variables = random.sample(range(1, n + 1), 3)
        clause = [each if random.random() < 0.5 else -each for each in variables]
        if any(planted[abs(literal)] == (literal > 0) for literal in clause):
            formula.append(clause)
    random.shuffle(formula)
    return formula


@pytest.mark.parametrize("seed", [4321, 4350, 5678, 5707])
def test_the_papers_instances_are_those_of_the_research_code(seed: int) -> None:
    assert task("paper").instance(seed)[0] == (research_draw(seed),)


def test_a_formula_rewritten_in_place_is_what_the_paper_judges_by(scored: Scorer) -> None:
    values = [
        scored(task(preset), REWRITING, count=5).value
        for preset in ("paper", "paper-without:rewritten_formula", "standard")
    ]

    assert values == [1.0, 0.01, 0.0]


def test_clauses_cannot_be_taken_away_even_in_the_paper(scored: Scorer) -> None:
    emptied = """
import sys

def algorithm(formula):
    frame = sys._getframe(1)
    frame.f_locals["formula"].clear()
    return [True] * 51
"""

    result = scored(task("paper"), emptied, count=2)

    assert result.instances == (0.0, 0.0)
    assert "another number of clauses" in result.message


def test_an_answer_of_none_costs_the_whole_utility_in_the_paper_alone(scored: Scorer) -> None:
    paper, mended = task("paper"), task("paper-without:one_failure")
    assert paper.reference
    gives_up = (
        paper.reference.text
        + """
solve, calls = algorithm, []

def algorithm(formula):
    calls.append(1)
    return None if len(calls) == 1 else solve(formula)
"""
    )

    assert scored(paper, gives_up, count=10).value == 0.01
    assert scored(mended, gives_up, count=10).value == pytest.approx(0.9)


def test_a_time_out_costs_itself_alone_even_in_the_paper(scored: Scorer) -> None:
    paper = task("paper")
    assert paper.reference
    hangs = (
        paper.reference.text
        + """
solve, calls = algorithm, []

def algorithm(formula):
    while len(formula) > 150:
        pass
    return solve(formula)
"""
    )

    result = scored(paper, hangs, count=10)

    assert set(result.failures) == {Status.TIMED_OUT}
    assert result.value == pytest.approx(1 - result.failures[Status.TIMED_OUT] / 10)


def test_a_formula_that_is_not_solved_scores_the_papers_floor(scored: Scorer) -> None:
    assert scored(task("paper"), ALL_FALSE, count=3).value == 0.01
    assert scored(task("paper-without:floor"), ALL_FALSE, count=3).value == 0.0


FORMULA = ((1, 2, 3), (-1, -2, -3))


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ([False, True, False, False], 1.0),
        (np.array([0, 0, 1, 0]), 1.0),
        ((0, 1, 0, 0), 1.0),
        ([False, True, True, True], 0.0),
        ([True, False, False], 0.0),
        ([False, True, False, False, False], 0.0),
        ({0: 0, 1: 1, 2: 0, 3: 0}, 0.0),
        ([0.0, 1.0, 0.0, 0.0], 0.0),
        ("0100", 0.0),
        (None, 0.0),
    ],
)
def test_an_assignment_solves_a_formula_or_not(answer: object, value: float) -> None:
    assert judge(task("standard"), Outcome(Status.OK, answer), FORMULA).score == value


def test_the_papers_text_asks_for_more_than_the_paper_scores() -> None:
    told = " ".join(task("paper").describe().split())

    assert "100 instances" in told
    assert "0.01 s of CPU time" in told
    assert "FEWEST_VARIABLES = 50" in told
    assert task("paper").counts[Split.SEARCH] == 30


def test_a_seed_that_cannot_be_judged_is_told_its_own_answer_only(scored: Scorer) -> None:
    broken = replace(task("paper"), seed=Solution("def algorithm(formula): return 'no idea'"))

    result = scored(broken, broken.seed.text, count=2)

    with pytest.raises(UsageError, match="the answer 'no idea' cannot be scored") as caught:
        check_seed_scores(broken, result)
    assert "'no idea', [[" not in str(caught.value)
