"""Seed solutions that cannot be judged, and whose fault that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from selftaught.errors import UsageError
from selftaught.sandbox import Status
from selftaught.seed_check import check_seed_scores
from selftaught.task_files.loading import load_task
from selftaught.task_utility import OUT_OF_RANGE
from selftaught.utility import Score

FILE = '''"""Halve numbers."""


def instance(seed):
    return (seed,), seed


def score(answer, expected):
    return 1 - abs(answer - expected / 2) / expected


def algorithm(number):
    # the first idea
    return number // 0
'''


def message_of(path: Path, score: Score) -> str:
    with pytest.raises(UsageError) as caught:
        check_seed_scores(load_task(path), score)
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "halving.py"
    path.write_text(FILE)
    return path


def test_a_seed_that_fails_everywhere_is_named_with_its_line_in_the_file(file: Path) -> None:
    said = "ZeroDivisionError: division by zero (line 3: `return number // 0`)"
    score = Score(0.0, (0.0, 0.0), {Status.ERROR: 2}, said)

    message = message_of(file, score)

    assert message.startswith(f"{file}, line 14: the seed solution fails on every instance")
    assert message.endswith(said)


def test_answers_that_no_scorer_can_judge_are_the_users_to_mend(file: Path) -> None:
    score = Score(0.0, (0.0, 0.0), {Status.BAD_ANSWER: 2}, "cannot be scored: NameError")

    message = message_of(file, score)

    assert message == (
        f"{file}: no answer of the seed solution can be judged: cannot be scored: NameError"
    )


def test_a_score_out_of_range_is_the_scorers_fault_even_once(file: Path) -> None:
    score = Score(0.4, (0.0, 0.8), {OUT_OF_RANGE: 1}, "score() gave 102")

    message = message_of(file, score)

    assert message.startswith(f"{file}, line 8: score gave numbers outside 0 to 1 for 1 of 2 ans")
    assert "score() gave 102" in message


@pytest.mark.parametrize("failures", [{}, {Status.ERROR: 1}, {Status.BAD_ANSWER: 1}])
def test_a_seed_that_can_be_judged_somewhere_may_be_improved(
    file: Path, failures: dict[str, int]
) -> None:
    check_seed_scores(load_task(file), Score(0.4, (0.0, 0.8), failures, "message"))
