"""The suite for tasks finds what is wrong with a task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from selftaught.instances import Split
from selftaught.parts import find_task
from selftaught.sandboxes.local import LocalSandbox
from selftaught.solution import Solution
from selftaught.task import Task
from selftaught.testing.tasks import TaskConformance

SEED = "def algorithm(numbers):\n    return numbers"
GOOD = "def algorithm(numbers):\n    return sorted(numbers)"
SUITE = TaskConformance()


def instance(seed: int) -> tuple[tuple[object, ...], object]:
    """Draw numbers."""
    numbers = np.random.default_rng(seed).permutation(8).tolist()
    return (numbers,), sorted(numbers)


def score(answer: object, expected: object) -> float:
    """Tell whether the numbers are sorted."""
    return float(answer == expected)


TASK = replace(
    Task.from_functions(instance, score, seed=SEED, id="sorting", title="Sort numbers."),
    reference=Solution(GOOD),
)


class TestATaskOfTwoFunctions(TaskConformance):
    @pytest.fixture
    def task(self) -> Task:
        return TASK

    @pytest.fixture
    def sandbox(self, real_sandbox: LocalSandbox) -> LocalSandbox:
        return real_sandbox


def test_a_seed_solution_that_always_fails_is_found(real_sandbox: LocalSandbox) -> None:
    broken = replace(TASK, seed=Solution("def algorithm(): pass"))

    with pytest.raises(AssertionError, match="takes 0 positional arguments"):
        SUITE.test_the_seed_solution_can_be_judged(broken, real_sandbox)


def test_a_reference_that_is_missing_is_asked_for(real_sandbox: LocalSandbox) -> None:
    with pytest.raises(AssertionError, match="expected a program that is known to be good"):
        SUITE.test_a_known_good_program_beats_the_seed_solution(
            replace(TASK, reference=None), real_sandbox
        )


def test_a_reference_that_is_no_better_is_found(real_sandbox: LocalSandbox) -> None:
    with pytest.raises(AssertionError):
        SUITE.test_a_known_good_program_beats_the_seed_solution(
            replace(TASK, reference=TASK.seed), real_sandbox
        )


def test_a_score_that_pays_for_garbage_is_found() -> None:
    with pytest.raises(AssertionError):
        SUITE.test_garbage_scores_the_floor(replace(TASK, score=lambda *_: 0.1))


def test_a_score_that_compares_arrays_of_any_shape_is_found(real_sandbox: LocalSandbox) -> None:
    with pytest.raises(AssertionError):
        SUITE.test_answers_of_a_wrong_shape_or_of_nan_score_the_floor(
            find_task("parity", "paper"), real_sandbox
        )


def test_a_score_that_pays_for_nan_is_found(real_sandbox: LocalSandbox) -> None:
    def pays(answer: object, expected: object) -> float:
        differences = np.asarray(answer) - np.asarray(expected)
        return float(not (differences > 0).any()) if differences.ndim == 1 else 0.0

    with pytest.raises(AssertionError):
        SUITE.test_answers_of_a_wrong_shape_or_of_nan_score_the_floor(
            replace(TASK, score=pays), real_sandbox
        )


def test_a_formula_judged_as_the_program_left_it_is_found(real_sandbox: LocalSandbox) -> None:
    with pytest.raises(AssertionError):
        SUITE.test_a_program_that_rewrites_its_arguments_gains_nothing(
            find_task("three_sat", "paper"), real_sandbox
        )


def test_a_score_that_does_not_repeat_is_found(real_sandbox: LocalSandbox) -> None:
    numbers = count()
    task = replace(TASK, score=lambda *_: next(numbers) % 7 / 7)

    with pytest.raises(AssertionError):
        SUITE.test_the_score_repeats_under_a_seed(task, real_sandbox)


def test_instances_that_do_not_repeat_or_are_all_the_same_are_found() -> None:
    numbers = count()
    draws: Sequence[Callable[[int], tuple[tuple[object, ...], object]]] = (
        lambda _: ((next(numbers),), 0),
        lambda _: ((1,), 0),
    )

    for draw in draws:
        with pytest.raises(AssertionError):
            SUITE.test_a_seed_draws_one_instance_and_other_seeds_draw_others(
                replace(TASK, instance=draw)
            )


def test_splits_that_share_an_instance_are_found() -> None:
    task = replace(TASK, draw_seeds=lambda _run, split, _stream, n: [*range(n - 1), hash(split)])

    assert len(Split) == 3
    with pytest.raises(AssertionError):
        SUITE.test_the_splits_share_no_instance(task)


def test_splits_that_draw_from_seven_instances_are_found() -> None:
    few = replace(TASK, instance=lambda seed: instance(seed % 7))

    with pytest.raises(AssertionError, match="instances of the split search are drawn for another"):
        SUITE.test_the_splits_share_no_instance(few)


def test_as_many_shared_instances_as_the_suite_allows_pass() -> None:
    class Lenient(TaskConformance):
        most_shared = 0.5

    def draw(seed: int) -> tuple[tuple[object, ...], object]:
        return instance(0 if seed % 3 == 0 else seed)

    some = replace(TASK, instance=draw)

    Lenient().test_the_splits_share_no_instance(some)
    with pytest.raises(AssertionError, match="set most_shared"):
        SUITE.test_the_splits_share_no_instance(some)


def test_long_arrays_in_a_dict_that_differ_in_the_middle_are_other_instances() -> None:
    def draw(seed: int) -> tuple[tuple[object, ...], object]:
        numbers = np.zeros(3000, dtype=np.int64)
        numbers[1500] = seed
        return ({"numbers": numbers},), 0

    SUITE.test_the_splits_share_no_instance(replace(TASK, instance=draw))


def test_a_black_box_that_tells_of_the_task_is_found() -> None:
    class Talkative(Task):
        def describe(self, *_: object) -> str:
            return f"{self.entry} {self.title}"

    task = Talkative("a", "Sort.", Solution(SEED), "x = 1", instance, score)

    with pytest.raises(AssertionError):
        SUITE.test_a_black_box_tells_nothing_of_the_task(task)
