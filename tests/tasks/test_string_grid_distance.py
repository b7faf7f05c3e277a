"""String grid distance, in all its presets."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import pytest

from selftaught.instances import Split
from selftaught.sandbox import Outcome, Status
from selftaught.task_utility import judge
from selftaught.tasks.string_grid_distance import task
from selftaught.utility import Score

Scorer = Callable[..., Score]


def research_draw(seed: int) -> tuple[str, int]:
    """Draws in the research code's order, from the generator that all modules share."""
    random.seed(seed)
    length = random.randint(1, 30)
    t = "".join(random.choice("AB") for _ in range(length))
    s = "".join(random.choice("AB") for _ in range(length))
    distance = sum(a != b for a, b in zip(s, t, strict=True))
    for text in (s, t):
        distance += sum(a != b for a, b in itertools.pairwise(text))
    return t, distance


@pytest.mark.parametrize("seed", [4321, 4370, 5678, 5727])
def test_the_papers_instances_are_those_of_the_research_code(seed: int) -> None:
    assert task("paper").instance(seed)[0] == research_draw(seed)


@pytest.mark.parametrize(("split", "percent"), [(Split.SEARCH, 48.3), (Split.TEST, 43.89)])
def test_returning_the_text_itself_gives_the_papers_figure(
    scored: Scorer, split: Split, percent: float
) -> None:
    paper = task("paper")

    result = scored(paper, paper.seed, split=split)

    assert len(result.instances) == 50
    assert 100 * result.value == pytest.approx(percent, abs=0.05 if split == "search" else 0.005)


@pytest.mark.parametrize("failing", ["raise ValueError", "while True: pass"])
def test_a_call_that_fails_costs_only_itself_however_it_fails(scored: Scorer, failing: str) -> None:
    program = f"""
def algorithm(t, distance):
    if t[0] == "A":
        {failing}
    return t
"""
    standard = task("standard")

    result = scored(standard, program)

    every = scored(standard, standard.seed)
    failed = [number for number, score in enumerate(result.instances) if not score]
    assert 5 < sum(result.failures.values()) < 15
    assert all(
        score == (0 if number in failed else every.instances[number])
        for number, score in enumerate(result.instances)
    )
    assert sum(result.instances) > 3


def test_every_distance_that_is_asked_for_is_found(scored: Scorer) -> None:
    standard = task("standard")

    assert scored(standard, standard.reference, count=60).value == 1.0


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("ABAB", 1.0),
        ("AAAA", 0.5 - 5 / 24),
        ("AAA", 0.0),
        ("AAAAA", 0.0),
        ("aaaa", 0.0),
        (["A", "A", "A", "A"], 0.0),
        (None, 0.0),
        (b"AAAA", 0.0),
    ],
)
def test_a_text_is_scored_by_how_close_its_distance_comes(answer: object, value: float) -> None:
    # AAAA and ABAB differ in two places, and ABAB changes three times.
    verdict = judge(task("standard"), Outcome(Status.OK, answer), ("AAAA", 5))

    assert verdict.score == pytest.approx(value)


def test_the_papers_text_shows_another_count_than_the_one_that_scores() -> None:
    told = {name: " ".join(task(name).describe().split()) for name in ("paper", "standard")}

    assert "10 instances" in told["paper"]
    assert "20 instances" in told["standard"]
