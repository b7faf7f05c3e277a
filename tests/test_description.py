"""How much a description tells."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace

import pytest

from selftaught.bound_source import bound_sources, literal
from selftaught.budget import Budget
from selftaught.description import Detail
from selftaught.host import Host
from selftaught.instances import Split, Verdict
from selftaught.language_models.scripted import Scripted
from selftaught.sandboxes.local import LocalSandbox
from selftaught.task import Task
from selftaught.task_utility import TaskUtility


def instance(seed: int) -> tuple[tuple[object, ...], object]:
    """Draw numbers."""
    return (seed,), seed


def score(answer: object, expected: object) -> float:
    """Tell whether the answer is right."""
    return float(answer == expected)


def worst(verdicts: Sequence[Verdict]) -> float:
    """Return the lowest score."""
    return min(verdict.score for verdict in verdicts)


TASK = Task.from_functions(
    instance, score, seed="def algorithm(x):\n    return x", title="Repeat a number."
)


def test_a_black_box_tells_how_a_solution_is_called_and_nothing_of_the_task() -> None:
    told = TASK.describe(Detail.BLACK_BOX)

    assert "defines algorithm" in told
    for secret in ("number.", "instance", "score", "expected"):
        assert secret not in told


def test_a_grey_box_tells_the_essential_source_and_is_the_default() -> None:
    told = TASK.describe()

    assert told == TASK.describe(Detail.GREY_BOX)
    assert "def score(answer" in told
    assert "def judge(" not in told


def test_the_full_source_holds_all_that_decides_the_utility() -> None:
    told = replace(TASK, aggregate=worst).describe(Detail.FULL_SOURCE)

    functions = {node.name for node in ast.parse(told).body if isinstance(node, ast.FunctionDef)}
    assert functions == {"instance", "score", "worst", "judge", "utility"}


def test_a_function_without_source_is_named() -> None:
    assert bound_sources([math.dist]) == ["# dist: its source is not to be had\n"]


SHARE = 0.5


def shared(verdicts: Sequence[Verdict]) -> float:
    return SHARE * worst(verdicts)  # noqa: RUF100 - for tools, not for readers


def test_a_function_comes_after_all_that_it_names_and_without_annotations() -> None:
    constant, *functions = bound_sources([shared, worst])

    assert constant == "SHARE = 0.5"
    assert [each.splitlines()[0] for each in functions] == [
        "def worst(verdicts):",
        "def shared(verdicts):",
    ]
    assert "noqa" not in functions[1]


def test_members_of_enumerations_and_infinity_are_written_as_values() -> None:
    def patient(verdicts: Sequence[Verdict]) -> float:
        return math.inf if verdicts[0].failure == Split.TEST else 0.0

    imported, function = bound_sources([patient])

    assert imported == "import math"
    assert 'failure == "test"' in function
    assert literal(math.inf) == 'float("inf")'


def test_a_note_that_is_empty_leaves_no_gap() -> None:
    assert "scores 0. The program runs" in " ".join(TASK.describe().split("\n"))


@pytest.mark.parametrize("detail", Detail)
def test_a_utility_tells_what_its_detail_allows(
    real_sandbox: LocalSandbox, executor: Executor, detail: Detail
) -> None:
    host = Host(Scripted([]), real_sandbox, executor, [].append, Budget("run", {}))

    utility = TaskUtility(TASK, host, split=Split.SEARCH, stream="a", detail=detail)

    assert utility.description == TASK.describe(detail)
