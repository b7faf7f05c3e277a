"""Grading an objective: a search can climb on it, and its best answers stay the best."""

from __future__ import annotations

import ast

import pytest
from tests.language_models.editor.conftest import function_of

from selftaught.language_models.editor.grading import SHARE, grade
from selftaught.language_models.editor.syntax import functions_of

FORMS = {
    "conditional": "return 1.0 if all(x > 0 for x in answer) else 0.0",
    "variable": "good = all(x > 0 for x in answer)\n    return 1 if good else 0",
    "cast": "return float(all(x > 0 for x in answer))",
    "whole number": "return int(len(answer) == 4 and all(x > 0 for x in answer))",
    "truth value": "return all(x > 0 for x in answer)",
    "early return": "if not all(x > 0 for x in answer):\n        return 0.0\n    return 1.0",
    "loop": "for x in answer:\n        if x <= 0:\n            return 0.0\n    return 1.0",
    "function": "return 1.0 if holds(answer) else 0.0\n"
    "def holds(answer):\n    for x in answer:\n        if not x > 0:\n            return False\n"
    "    return True",
}


@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS.keys())
def test_more_conditions_rate_higher_and_all_of_them_highest(body: str) -> None:
    tree = ast.parse(f"def score(answer, expected):\n    {body}")

    assert grade(functions_of(tree))

    score = function_of(f"{SHARE}\n{ast.unparse(tree)}", "score")
    rates = [score([1] * good + [0] * (4 - good), None) for good in range(5)]
    assert rates == sorted(set(rates))
    assert rates[-1] == 1


@pytest.mark.parametrize(
    "body",
    [
        "return sum(answer)",
        "return 1.0 if any(all(x) for x in answer) else 0.0",
        "return 1.0 if answer == expected else 0.0",
    ],
)
def test_what_is_not_a_list_of_conditions_stays(body: str) -> None:
    tree = ast.parse(f"def score(answer, expected):\n    {body}")
    before = ast.unparse(tree)

    assert not grade(functions_of(tree))

    assert ast.unparse(tree) == before
