"""The planted task: levels are expected scores, and luck has a known variance."""

from __future__ import annotations

import statistics
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from selftaught.budget import Budget
from selftaught.host import Host
from selftaught.instances import Split
from selftaught.language_models.planted import level_of
from selftaught.language_models.scripted import Scripted
from selftaught.parts import find_task
from selftaught.place import Place
from selftaught.sandbox import Status
from selftaught.solution import Solution
from selftaught.task_files.loading import functions_of
from selftaught.task_utility import OUT_OF_RANGE, TaskUtility
from selftaught.testing.inline import InlineSandbox
from selftaught.testing.planted import SEED, SEED_LEVEL, TASK
from selftaught.utility import Score

N = 400


def score(program: str, count: int = N) -> Score:
    many = replace(TASK, counts=dict.fromkeys(Split, count))
    with ThreadPoolExecutor(1) as executor:
        host = Host(Scripted([]), InlineSandbox(), executor, lambda _: None, Budget("run", {}))
        utility = TaskUtility(many, host, split=Split.TEST, stream="test")
        return utility.score(Solution(program), Place(()))


def test_the_level_is_the_expected_score_and_the_noise_is_known() -> None:
    found = score(SEED)

    assert level_of(SEED) == SEED_LEVEL
    deviation = 0.2 / 3**0.5
    assert abs(found.value - SEED_LEVEL) < 4 * deviation / N**0.5
    assert statistics.pstdev(found.instances) == pytest.approx(deviation, rel=0.1)


def test_two_programs_of_one_level_have_luck_of_their_own() -> None:
    first, second = score(SEED), score(SEED.replace("PHASE = 0", "PHASE = 7"))

    differences = [a - b for a, b in zip(first.instances, second.instances, strict=True)]

    assert statistics.pvariance(differences) == pytest.approx(2 * 0.2**2 / 3, rel=0.2)


@pytest.mark.parametrize("answer", ["[1.0, 1.0]", "{'score': 1.0}", "float('nan')", "10.0", "'1'"])
def test_answers_of_another_form_score_nothing(answer: str) -> None:
    found = score(f"def algorithm(question):\n    return {answer}", 3)

    assert found.value == 0
    assert found.failures == {OUT_OF_RANGE if answer == "10.0" else Status.BAD_ANSWER: 3}


def test_what_models_are_shown_is_what_scores() -> None:
    instance, judge = functions_of(TASK.source, "source")

    assert instance(5) == TASK.instance(5)
    assert judge(0.25, None) == TASK.score(0.25, None) == 0.25
    for scorer in (judge, TASK.score):
        with pytest.raises(TypeError):
            scorer([0.25], None)


def test_it_is_found_by_the_name_that_it_tells() -> None:
    assert find_task("selftaught.testing.planted:TASK", "standard") is TASK
