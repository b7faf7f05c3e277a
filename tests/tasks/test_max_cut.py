"""Maximum cut, in all its presets."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from selftaught.instances import Split
from selftaught.sandbox import Outcome, Status
from selftaught.task_utility import judge
from selftaught.tasks.max_cut import task
from selftaught.testing.defects import ALL_DIFFERENT, ALTERNATING
from selftaught.utility import Score

Scorer = Callable[..., Score]


LOCAL_SEARCH = """
import numpy as np

def algorithm(adjacency):
    side = np.where(np.arange(len(adjacency)) % 2, 1, -1)
    while True:
        gain = side * (adjacency @ side)
        node = gain.argmax()
        if gain[node] <= 0:
            return side
        side[node] = -side[node]
"""


def research_draw(seed: int) -> object:
    """Draws in the research code's order, from the generator that all modules share."""
    random.seed(seed)
    n = random.randint(50, 200)
    weights = np.zeros((n, n))
    for i, j in zip(*np.triu_indices(n, 1), strict=True):
        if random.random() < 0.4:
            weights[i, j] = random.randint(1, 10)
    return weights + weights.T


@pytest.mark.parametrize("seed", [4321, 5678, 5777])
def test_the_papers_instances_are_those_of_the_research_code(seed: int) -> None:
    (adjacency,), _ = task("paper").instance(seed)

    assert np.array_equal(adjacency, research_draw(seed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("program", "weight", "within"),
    [(ALL_DIFFERENT, 2008, 0.5), (LOCAL_SEARCH, 1171, 5), (ALTERNATING, 1004, 8)],
)
def test_a_label_for_each_node_scores_far_more_than_any_cut_in_the_paper(
    scored: Scorer, program: str, weight: float, within: float
) -> None:
    result = scored(task("paper"), program, split=Split.TEST)

    assert result.value == pytest.approx(weight, abs=within)


@pytest.mark.parametrize("preset", ["paper-without:many_labels,floor", "standard"])
def test_a_label_for_each_node_scores_nothing_elsewhere(scored: Scorer, preset: str) -> None:
    assert scored(task(preset), ALL_DIFFERENT, count=3).value == 0.0


def test_the_seed_solution_is_too_slow_for_the_paper(scored: Scorer) -> None:
    paper = task("paper")

    result = scored(paper, paper.seed, count=4)

    assert result.value == 0.01
    assert Status.TIMED_OUT in result.failures


def test_a_wrong_length_gives_0_and_an_exception_the_floor_in_the_paper(scored: Scorer) -> None:
    short, failing = "def algorithm(a): return [0, 1]", "def algorithm(a): 1 / 0"
    paper, mended = task("paper"), task("paper-without:one_failure,floor")

    assert [scored(paper, each, count=2).value for each in (short, failing)] == [0.0, 0.01]
    assert [scored(mended, each, count=2).value for each in (short, failing)] == [0.0, 0.0]


SQUARE = np.array([[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]])


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ([0, 1, 0, 1], 1.0),
        ((-1.0, 1.0, -1.0, 1.0), 1.0),
        ([True, False, True, False], 1.0),
        ([0, 0, 0, 1], 0.0),
        ([0, 0, 0, 0], 0.0),
        ([0, 1, 2, 3], 0.0),
        ([0, 1, 0], 0.0),
        ([0.0, float("nan"), 0.0, float("nan")], 0.0),
        (["A", "B", "A", "B"], 0.0),
        ([[0, 2], [1, 3]], 0.0),
        ({0: 0, 1: 1, 2: 0, 3: 1}, 0.0),
        (None, 0.0),
    ],
)
def test_labels_are_scored_by_what_they_cut_beyond_half(answer: object, value: float) -> None:
    assert judge(task("standard"), Outcome(Status.OK, answer), SQUARE).score == value


def test_the_papers_text_asks_for_two_labels_and_its_score_does_not() -> None:
    paper, strict = task("paper"), task("paper-without:many_labels")

    assert "len(set(labels)) != 2" in paper.describe()
    assert "len(set(labels)) != 2" not in paper.scoring_source
    assert "len(set(labels)) != 2" in strict.scoring_source
    assert "s of CPU time" not in paper.describe()
