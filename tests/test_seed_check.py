"""Seed solutions that cannot be judged, and whose fault that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from selftaught.errors import UsageError
from selftaught.sandbox import Status
from selftaught.seed_check import check_draws, check_seed_scores
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
        f"{file}, line 8: score can judge no answer of the seed solution ({file}, line 12): "
        "cannot be scored: NameError"
    )


def test_a_seed_that_runs_for_ever_is_named_with_its_line_and_its_time(file: Path) -> None:
    score = Score(0.0, (0.0, 0.0), {Status.TIMED_OUT: 2}, "used its 2 s of CPU time")

    message = message_of(file, score)

    assert message.startswith(f"{file}, line 12: the seed solution fails on every instance")
    assert message.endswith("; expected an answer within 2 seconds of CPU time for each instance")


DRAWS = {
    "random.Random().random(),), 0": "its arguments",
    "seed,), numpy.random.random(3)": "what its answer is judged by",
    "{'n': [numpy.random.random(3)]},), 0": "its arguments",
}
"""What does not follow from the seed, and what is said of it."""


@pytest.mark.parametrize("drawn", DRAWS)
def test_an_instance_that_ignores_its_seed_is_named_with_its_line(file: Path, drawn: str) -> None:
    text = FILE.replace("seed,), seed", drawn)
    file.write_text(f"import random\nimport numpy\n{text}")

    with pytest.raises(UsageError) as caught:
        check_draws(load_task(file), 3)

    assert str(caught.value) == (
        f"{file}, line 6: the same seed must draw the same instance, but instance(3), called "
        f"twice, differs in {DRAWS[drawn]}: expected that everything random in it comes from "
        "random.Random(seed)"
    )


@pytest.mark.parametrize(
    "drawn",
    [
        "seed, random.Random(seed).random()), numpy.random.default_rng(seed).random(9)",
        "float('nan'), {1, 'a', (2,)}, {'a': b'c'}, 10**5000), object()",
        "),(lambda here: here.append(here) or here)([])",
    ],
)
def test_an_instance_that_follows_from_its_seed_is_well(file: Path, drawn: str) -> None:
    text = FILE.replace("seed,), seed", drawn)
    file.write_text(f"import random\nimport numpy\n{text}")

    check_draws(load_task(file), 3)


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
