"""Learning parity without noise, in all its presets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from selftaught.sandbox import Outcome, Status
from selftaught.task_utility import judge
from selftaught.tasks.parity import task
from selftaught.utility import Score

Scorer = Callable[..., Score]


def research_draw(seed: int) -> tuple[object, ...]:
    """Draws in the research code's order, from the generator that all modules share."""
    np.random.seed(seed)
    true_bits = np.random.binomial(1, 0.3, 10)
    samples = np.random.binomial(1, 0.5, (120, 10))
    parity = np.sum(samples * true_bits, axis=1) % 2
    return samples[:100], parity[:100], samples[100:], parity[100:]


@pytest.mark.parametrize("seed", [4321, 4340, 5678, 5697])
def test_the_papers_instances_are_those_of_the_research_code(seed: int) -> None:
    arguments, expected = task("paper").instance(seed)

    pairs = zip((*arguments, expected), research_draw(seed), strict=True)
    assert all(np.array_equal(ours, theirs) for ours, theirs in pairs)  # type: ignore[arg-type]


@pytest.mark.parametrize(("preset", "bits"), [("standard", 10), ("hard", 48), ("paper", 10)])
def test_labels_are_the_parity_of_some_of_the_bits(scored: Scorer, preset: str, bits: int) -> None:
    parity = task(preset)
    (samples, _, _), _ = parity.instance(1)

    assert np.shape(samples) == (100, bits)  # type: ignore[arg-type]
    assert scored(parity, parity.reference, count=6).value == 1.0


def test_a_column_scores_more_than_1000_percent_in_the_paper_alone() -> None:
    paper, mended = task("paper"), task("paper-without:shape")
    labels = paper.instance(5678)[1]
    column = np.reshape(labels, (-1, 1))  # type: ignore[call-overload]

    def value(preset: str, answer: object) -> float:
        found = {"paper": paper, "mended": mended, "standard": task("standard")}[preset]
        return judge(found, Outcome(Status.OK, answer), labels).score

    assert value("paper", column) > 9.9
    assert value("paper", np.tile(column, (20, 1))) > 190
    assert value("mended", column) == value("standard", column) == 1.0
    assert value("mended", np.tile(column, (20, 1))) == 0.0
    assert value("standard", np.tile(column, (20, 1))) == 0.0


def test_an_answer_larger_than_a_megabyte_is_none(scored: Scorer) -> None:
    flood = """
import numpy as np

def algorithm(*arguments):
    return np.zeros((2_000_000, 1), dtype=np.int8)
"""

    assert scored(task("paper"), flood, count=2).failures == {Status.BAD_ANSWER: 2}


def test_the_papers_text_shows_other_sizes_than_those_that_are_drawn() -> None:
    paper, honest = task("paper"), task("paper-without:misleading_text")

    assert "N_TRAIN = 80" in paper.describe()
    assert "3 instances" in " ".join(paper.describe().split())
    assert "N_TRAIN = 100" in honest.describe()
    assert "20 instances" in " ".join(honest.describe().split())
