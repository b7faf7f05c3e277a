"""Learning from examples: rules of many kinds are found, and none is special."""

from __future__ import annotations

import ast
import contextlib
import math
import operator
import random
import statistics
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from tests.language_models.editor.conftest import LEARNER, LEARNING, ask, function_of, programs

from selftaught.language_models.editor.grammar import KEYS, random_candidates, random_key
from selftaught.language_models.editor.predictors import random_predictor
from selftaught.language_models.editor.roles import roles_of
from selftaught.language_models.editor.syntax import body_of, functions_of

Row = Sequence[float]
RULES: dict[str, Callable[[Row], object]] = {
    "threshold": lambda row: int(row[1] + row[3] + row[4] >= 2),
    "disjunction": lambda row: "yes" if row[0] or row[5] else "no",
    "conjunction": lambda row: bool(row[2] and row[4]),
    "majority": lambda row: int(2 * sum(row) > len(row)),
    "remainder": lambda row: int(sum(row[1:4])) % 3,
    "parity": lambda row: int(row[0] + row[2]) % 2,
    "one column": lambda row: row[3],
}


def bits(rng: random.Random) -> list[float]:
    return [rng.randint(0, 1) for _ in range(6)]


def points(rng: random.Random) -> list[float]:
    return [rng.gauss(0, 1) for _ in range(4)]


POINT_RULES: dict[str, Callable[[Row], object]] = {
    "linear": lambda row: int(row[0] - 2 * row[1] + 0.5 * row[3] > 0.2),
    "nearest centre": lambda row: min("abc", key=lambda name: abs(row[0] - "abc".index(name) + 1)),
    "threshold of a number": lambda row: row[2] > 0.4,
}


def accuracy(
    program: str, rule: Callable[[Row], object], draw: Callable[[random.Random], Row]
) -> float:
    rng = random.Random(1)
    rows = [draw(rng) for _ in range(140)]
    labels = [rule(row) for row in rows]
    # Some replies are broken; they learn nothing.
    with contextlib.suppress(Exception):
        answers = function_of(program)(rows[:80], labels[:80], rows[80:])
        return statistics.mean(a == b for a, b in zip(answers, labels[80:], strict=True))
    return 0.0


@pytest.fixture(scope="module")
def learners() -> list[str]:
    """Programs that were made without a word about any of these rules."""
    return programs(ask(LEARNER, LEARNING), 30)


@pytest.mark.parametrize("name", RULES)
def test_some_reply_learns_a_rule_of_any_kind(name: str, learners: list[str]) -> None:
    best = max(accuracy(program, RULES[name], bits) for program in learners)

    assert best >= 0.9


@pytest.mark.parametrize("name", POINT_RULES)
def test_some_reply_learns_from_numbers(name: str, learners: list[str]) -> None:
    best = max(accuracy(program, POINT_RULES[name], points) for program in learners)

    assert best >= 0.8


def test_arrays_are_as_good_as_lists(learners: list[str]) -> None:
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 2, (60, 6))
    labels = rows[:, 2]

    best = 0.0
    for program in learners:
        with contextlib.suppress(Exception):
            answers = function_of(program)(rows[:40], labels[:40], rows[40:])
            best = max(best, float(np.mean(np.asarray(answers) == labels[40:])))

    assert best == 1.0


def test_examples_may_be_pairs() -> None:
    learner = "def algorithm(examples, queries):\n    return [examples[0][1] for _ in queries]"
    rng = random.Random(0)
    rows = [bits(rng) for _ in range(60)]
    pairs = [(row, row[1]) for row in rows]

    best = 0.0
    for program in programs(ask(learner, LEARNING), 15):
        with contextlib.suppress(Exception):
            answers = function_of(program)(pairs[:40], rows[40:])
            best = max(
                best,
                statistics.mean(a == row[1] for a, row in zip(answers, rows[40:], strict=True)),
            )

    assert best == 1.0


@pytest.mark.parametrize(
    ("signature", "learns"),
    [
        ("train_samples, train_labels, test_samples", True),
        ("known_rows, known_values, new_rows", True),
        ("examples, targets, queries", True),
        ("X_train, y_train, X_test", True),
        ("examples, queries", True),
        ("flow, distance, preference", False),
        ("formula, n, max_steps", False),
        ("items, capacity", False),
    ],
)
def test_learners_are_told_by_their_parameters(signature: str, *, learns: bool) -> None:
    function = functions_of(ast.parse(f"def f({signature}):\n    return 1"))[0]

    assert (roles_of(function) is not None) is learns


def test_the_grammar_holds_only_expressions_of_the_chosen_values() -> None:
    rng = random.Random(0)

    for key in {random_key(rng) for _ in range(500)}:
        function = eval(key, {"math": math, "operator": operator})
        for values in ((0, 1, 1), (1,), (0.5, -2.0)):
            hash(function(values))

    assert len({random_key(rng) for _ in range(500)}) > len(KEYS)


def test_candidates_choose_columns_that_exist() -> None:
    rng = random.Random(0)

    for _ in range(40):
        body = "\n".join(map(ast.unparse, body_of(random_candidates(rng, "random"))))
        lines = "\n".join(f"    {line}" for line in body.split("\n"))
        source = f"import itertools, random\ndef candidates(width):\n{lines}"
        for width in (1, 2, 5):
            for chosen in function_of(source, "candidates")(width):
                assert set(chosen) <= set(range(width))


def test_predictors_are_python() -> None:
    rng = random.Random(0)

    names = {name for name, source in (random_predictor(rng) for _ in range(60)) if body_of(source)}

    assert len(names) >= 5
