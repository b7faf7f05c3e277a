"""What every task must do: a suite to subclass, and to give the fixtures that it asks for.

Example::

    @pytest.fixture(scope="module")
    def sandbox():
        with LocalSandbox() as sandbox:
            yield sandbox

    class TestMyTask(TaskConformance):
        @pytest.fixture
        def task(self):
            return load_task(Path("my_task"))
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from selftaught.budget import Budget
from selftaught.client import Reply, Request
from selftaught.description import Detail
from selftaught.errors import ProviderError, shown
from selftaught.events import Event
from selftaught.host import Host
from selftaught.instances import Split
from selftaught.place import Place
from selftaught.sandbox import Outcome, Program, Sandbox, Status
from selftaught.solution import Solution
from selftaught.task import Task
from selftaught.task_utility import TaskUtility, judge
from selftaught.utility import Score

_INSTANCES = 6
"""Enough to tell a strong program from the seed, few enough to be quick."""
_DESTROYING = """{program}

import numpy

solve = {entry}


def destroy(value):
    if isinstance(value, numpy.ndarray) and value.flags.writeable:
        value[...] = 0
    elif isinstance(value, list):
        for item in value:
            destroy(item)
        value[:] = value[:1]
    elif isinstance(value, dict):
        value.clear()


def {entry}(*arguments):
    answer = solve(*arguments)
    for argument in arguments:
        destroy(argument)
    return answer
"""


class _NoModel:
    """Scoring asks no language model."""

    name = "none"

    def complete(self, requests: Sequence[Request]) -> Iterable[tuple[int, Reply]]:
        raise ProviderError(f"{len(requests)} requests while a task was scored")


def score(
    task: Task,
    program: Solution,
    sandbox: Sandbox,
    *,
    split: Split = Split.SEARCH,
    instances: int = _INSTANCES,
) -> Score:
    """Scores a program on a few instances."""
    small = replace(task, counts={each: min(instances, task.counts[each]) for each in Split})
    with ThreadPoolExecutor(1) as executor:
        host = Host(_NoModel(), sandbox, executor, list[Event]().append, Budget("run", {}))
        return TaskUtility(small, host, split=split, stream="suite").score(program, Place())


def first_instance(task: Task) -> tuple[tuple[object, ...], object]:
    """Draws an instance of the search split."""
    (seed,) = task.draw_seeds(0, Split.SEARCH, "suite", 1)
    return task.instance(seed)


def misshapen(answer: object) -> Iterator[object]:
    """Yields answers with more or fewer elements; nothing for an answer that has none."""
    match answer:
        case str() | list() | tuple():
            yield answer[:0]  # pyright: ignore[reportUnknownVariableType] - a program's
            yield answer[:-1]  # pyright: ignore[reportUnknownVariableType]
            yield answer + answer[:1]  # pyright: ignore[reportUnknownVariableType, reportOperatorIssue]
            yield answer + answer  # pyright: ignore[reportUnknownVariableType, reportOperatorIssue]
            yield [answer, answer]  # pyright: ignore[reportUnknownVariableType]
        case np.ndarray() if answer.ndim:
            yield answer[:0]
            yield answer[:-1]
            yield np.concatenate([answer, answer[:1]])
            yield np.concatenate([answer, answer])
            yield np.stack([answer, answer])
            yield np.stack([answer, answer], axis=-1)
        case _:
            return


class TaskConformance:
    """The contract of a task. Needs the fixtures ``task`` and ``sandbox``."""

    garbage: ClassVar[list[object]] = [
        None,
        math.nan,
        math.inf,
        -math.inf,
        10**5000,
        1j,
        "",
        "no answer",
        "\ud800",
        b"\x00\xff",
        [],
        (),
        {},
        set[int](),
        [[]],
        [None],
        ["no", "answer"],
        {"no": "answer"},
        [math.nan] * 20,
        np.zeros(0),
        np.zeros((0, 3)),
        np.full(20, math.nan),
        np.full((3, 3, 3), math.inf),
    ]
    """Answers that are right for no instance; replace those that could be in your task."""
    most_shared: ClassVar[float] = 0.0
    """Share of a split's instances that may be drawn for other splits too. Set it only for a task
    that has few instances: the gate and the test are to judge by what improvers have not seen."""

    def test_the_seed_solution_can_be_judged(self, task: Task, sandbox: Sandbox) -> None:
        result = score(task, task.seed, sandbox)

        assert sum(result.failures.values()) < len(result.instances), result.message

    def test_a_known_good_program_beats_the_seed_solution(
        self, task: Task, sandbox: Sandbox
    ) -> None:
        assert task.reference, (
            "expected a program that is known to be good, without which nobody knows whether the "
            "task can be solved: dataclasses.replace(task, reference=Solution(text))"
        )

        good = score(task, task.reference, sandbox)

        assert not good.failures, good.message
        assert good.value > score(task, task.seed, sandbox).value

    def test_garbage_scores_the_floor(self, task: Task) -> None:
        _, expected = first_instance(task)

        verdicts = [judge(task, Outcome(Status.OK, each), expected) for each in self.garbage]

        paid = [
            each
            for each, verdict in zip(self.garbage, verdicts, strict=True)
            if verdict.score > task.floor
        ]
        assert paid == [], f"score() pays for answers that are none: {shown(paid)}"

    def test_answers_of_a_wrong_shape_or_of_nan_score_the_floor(
        self, task: Task, sandbox: Sandbox
    ) -> None:
        arguments, expected = first_instance(task)
        with sandbox.run(_program(task, task.reference or task.seed), task.limits) as running:
            answer = running.call(arguments).value

        wrong = list(misshapen(answer))
        if isinstance(answer, list | tuple | np.ndarray):
            wrong.append(np.full(np.shape(answer), math.nan))  # pyright: ignore[reportUnknownArgumentType, reportArgumentType] - a program's
        scores = [judge(task, Outcome(Status.OK, each), expected).score for each in wrong]

        assert scores == [task.floor] * len(wrong), (
            f"score() pays for answers of a wrong length, shape or content: {shown(wrong)}"
        )

    @pytest.mark.parametrize(
        "text",
        [
            "def {entry}(*arguments): return None",
            "def {entry}(*arguments): raise ValueError",
            "def {entry}(*arguments): return {entry}",
            "def another(*arguments): return 0",
            "def {entry}(",
        ],
    )
    def test_a_program_that_answers_nothing_scores_the_floor(
        self, task: Task, sandbox: Sandbox, text: str
    ) -> None:
        result = score(task, Solution(text.format(entry=task.entry)), sandbox, instances=2)

        assert set(result.instances) == {task.floor}

    def test_a_program_that_rewrites_its_arguments_gains_nothing(
        self, task: Task, sandbox: Sandbox
    ) -> None:
        program = task.reference or task.seed
        text = _DESTROYING.format(program=program.text, entry=task.entry)

        destroying = score(task, Solution(text), sandbox, instances=3)

        assert destroying.instances == score(task, program, sandbox, instances=3).instances

    def test_the_score_repeats_under_a_seed(self, task: Task, sandbox: Sandbox) -> None:
        first, again = (score(task, task.seed, sandbox, instances=3) for _ in range(2))

        assert first.instances == again.instances
        assert first.value == again.value

    def test_a_seed_draws_one_instance_and_other_seeds_draw_others(self, task: Task) -> None:
        seeds = task.draw_seeds(0, Split.SEARCH, "suite", 5)

        first, again = ([_content(task.instance(seed)[0]) for seed in seeds] for _ in range(2))

        assert first == again
        assert len(set(first)) > 1

    def test_the_splits_share_no_instance(self, task: Task) -> None:
        seeds = {split: task.draw_seeds(0, split, "suite", task.counts[split]) for split in Split}
        every = [seed for each in seeds.values() for seed in each]
        assert len(set(every)) == len(every)

        draws = {of: [_content(task.instance(seed)[0]) for seed in seeds[of]] for of in Split}

        for split, own in draws.items():
            others = {each for other in Split if other is not split for each in draws[other]}
            shared = sum(each in others for each in own)
            assert shared <= self.most_shared * len(own), (
                f"{shared} of {len(own)} instances of the split {split} are drawn for another split"
                " too: draw from more of them, or set most_shared where there are no more"
            )

    def test_the_description_says_what_is_scored_and_within_which_limits(self, task: Task) -> None:
        told = replace(task, told=None).describe()

        ast.parse(told)
        assert task.source.strip() in told
        rules = " ".join((ast.get_docstring(ast.parse(told)) or "").split())
        for passage in (
            task.title,
            f"defines {task.entry}",
            f"{task.counts[Split.SEARCH]} instances",
            f"{task.limits.cpu_seconds:g} s of CPU time",
            f"{task.limits.memory_bytes >> 20} MB of memory",
            f"one that fails scores {task.floor:g}",
        ):
            assert " ".join(passage.split()) in rules

    @pytest.mark.parametrize("detail", Detail)
    def test_every_description_is_python(self, task: Task, detail: Detail) -> None:
        ast.parse(task.describe(detail))

    def test_a_black_box_tells_nothing_of_the_task(self, task: Task) -> None:
        told = task.describe(Detail.BLACK_BOX)

        assert task.entry in told
        assert told == replace(task, title="Another.", source="ANOTHER = 1").describe(
            Detail.BLACK_BOX
        )


def _program(task: Task, solution: Solution) -> Program:
    return Program(solution.text, entry=task.entry, packages=task.packages, preload=task.preload)


def _content(value: object) -> object:
    """Returns what can be compared and counted, for arrays too."""
    match value:
        case np.ndarray():
            return value.shape, str(value.dtype), value.tobytes()
        case list() | tuple():
            return tuple(_content(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - a task's
        case dict():
            return tuple((repr(key), _content(item)) for key, item in value.items())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case set() | frozenset():
            return frozenset(_content(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case _:
            return repr(value)
