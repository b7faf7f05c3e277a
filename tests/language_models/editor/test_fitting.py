"""Learning numbers from examples: sums of terms of many kinds are found, and none is special."""

from __future__ import annotations

import ast
import contextlib
import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from tests.language_models.editor.conftest import (
    FITTER,
    FITTING,
    LEARNING,
    ask,
    function_of,
    programs,
)

from selftaught.language_models.editor.objective import measures_distance

Row = Sequence[float]
FORMULAS: dict[str, Callable[[Row], float]] = {
    "linear": lambda row: 2 * row[0] - row[2] + 1,
    "squares": lambda row: row[1] ** 2 - row[0],
    "product": lambda row: row[0] * row[2],
    "largest": max,
    "wave": lambda row: math.sin(2 * row[1]),
    "hinge": lambda row: 3 * max(row[0], 0),
}
ROUNDS = 12


def drawn(formula: Callable[[Row], float], seed: int) -> tuple[list[Row], list[float]]:
    rng = random.Random(seed)
    rows: list[Row] = [[rng.uniform(-3, 3) for _ in range(3)] for _ in range(90)]
    return rows, [formula(row) + rng.gauss(0, 0.05) for row in rows]


def error(program: str, rows: Sequence[Row], values: Sequence[float]) -> float:
    # Some replies are broken; they fit nothing.
    with contextlib.suppress(Exception):
        answers = function_of(program)(rows[:60], values[:60], rows[60:])
        return sum((a - b) ** 2 for a, b in zip(answers, values[60:], strict=True)) / 30
    return math.inf


@pytest.mark.parametrize("name", FORMULAS)
def test_going_on_from_the_best_fits_a_formula_of_any_kind(name: str) -> None:
    rows, values = drawn(FORMULAS[name], 1)
    best, smallest = FITTER, error(FITTER, rows, values)
    before = smallest

    for number in range(ROUNDS):
        for program in programs(ask(best, FITTING, f"Round {number}: better, please."), 6):
            if (found := error(program, rows, values)) < smallest:
                best, smallest = program, found

    assert smallest < 0.15 * before


def test_arrays_and_single_numbers_are_as_good_as_lists() -> None:
    rng = np.random.default_rng(0)
    numbers = rng.uniform(-2, 2, 90)
    table = rng.uniform(-2, 2, (90, 2))
    replies = programs(ask(FITTER, FITTING), 30)

    for rows, values in ((numbers, 3 * numbers - 1), (table, table @ [1.0, -2.0])):
        assert min(error(each, rows, values) for each in replies) < 0.01  # type: ignore[arg-type]


def test_examples_may_be_pairs() -> None:
    rows, values = drawn(FORMULAS["linear"], 2)
    pairs = list(zip(rows, values, strict=True))
    fitter = "def algorithm(examples, queries):\n    return [examples[0][1] for _ in queries]"

    smallest = math.inf
    for program in programs(ask(fitter, FITTING), 20):
        with contextlib.suppress(Exception):
            answers = function_of(program)(pairs[:60], rows[60:])
            off = max(abs(a - b) for a, b in zip(answers, values[60:], strict=True))
            smallest = min(smallest, off)

    assert smallest < 0.3


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return -abs(a - b)", True),
        ("return 1 / (1 + sum((x - y) ** 2 for x, y in zip(a, b)))", True),
        ("return -np.mean((np.asarray(a) - b) ** 2)", True),
        ("return float(np.allclose(a, b))", True),
        ("return -rmse(a, b)", True),
        ("return sum(x == y for x, y in zip(a, b)) / len(b)", False),
        ("return 1 - np.mean(np.asarray(a) != b)", False),
        ("return -abs(len(a) - len(b))", False),
        ("d = a - b\n    return -(d * d)", True),
        ("return min(a, b) / max(a, b)", True),
        ("right, wrong = 3, 1\n    return (right - wrong) / len(b)", False),
        ("return abs(a - 1)", False),
        ("return float(a == b)", False),
    ],
)
def test_scores_that_measure_distances_are_told_from_those_that_count(
    body: str, *, expected: bool
) -> None:
    scorer = f"def rmse(x, y):\n    return (x - y) ** 2\n\ndef score(a, b):\n    {body}"
    assert measures_distance(ast.parse(scorer)) is expected


def test_names_are_not_fitted() -> None:
    for program in programs(ask(FITTER, LEARNING), 30):
        assert "least_squares" not in program


@pytest.mark.parametrize(
    "signature",
    [
        "points, values, rows",
        "known_x, known_y, weights",
        "known_x, known_y, values",
        "query, train_x, train_y",
    ],
)
def test_no_parameter_is_hidden(signature: str) -> None:
    names = signature.split(", ")
    first = names[0] == "query"
    parts = ["rows[40:]", "rows[:40]", "values[:40]"]
    given = ", ".join(parts if first else [*parts[1:], parts[0]])
    utility = FITTING.replace("rows[:40], values[:40], rows[40:]", given)
    fitter = f"def algorithm({signature}):\n    return [0.0 for _ in {names[0 if first else 2]}]"
    scope: dict[str, Any] = {}
    exec(utility, scope)
    arguments, expected = scope["instance"](0)

    lengths: list[int] = []
    for program in programs(ask(fitter, utility), 40):
        # Small edits, which may be wrong, have parts in some replies.
        with contextlib.suppress(Exception):
            lengths.append(len(function_of(program)(*arguments)))

    assert len(lengths) > 30
    assert lengths.count(len(expected)) > 0.9 * len(lengths)


def test_columns_that_say_the_same_do_no_harm() -> None:
    rows = [[float(x), 2.0 * x, 0.0, 1e6 * x] for x in range(1, 91)]
    values = [3.0 * row[0] + 1 for row in rows]
    replies = programs(ask(FITTER, FITTING), 60)
    fits = [error(each, rows, values) for each in replies if "least_squares" in each]

    assert fits
    assert sum(each < 1 for each in fits) > 0.7 * len(fits)


def test_few_examples_are_enough_for_a_mean_of_many() -> None:
    rows, values = [[1.0], [2.0], [3.0]], [10.0] * 3
    for program in programs(ask(FITTER, FITTING), 60):
        if "near = " in program:
            with contextlib.suppress(Exception):
                assert function_of(program)(rows, values, [[1.5]]) == [pytest.approx(10.0)]
