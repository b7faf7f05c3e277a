"""What one program takes over from another one."""

from __future__ import annotations

import ast
from random import Random

import pytest

from selftaught.language_models.editor.crossover import take_from_other
from selftaught.language_models.editor.draft import Draft

MINE = """
def first(rows):
    total = 0
    return total

def algorithm(x):
    return first([x])
"""
OTHERS = "def algorithm(x):\n    total = VALUE\n    return total\n"


def after(value: str) -> tuple[str | None, str]:
    other = ast.parse("LIMIT = 3\n" + OTHERS.replace("VALUE", value))
    draft = Draft(ast.parse(MINE), Random(0), 0.7, None, [other])
    return take_from_other(draft), ast.unparse(draft.tree)


def test_a_value_that_reads_what_is_not_there_is_not_taken_over() -> None:
    assert after("x + 1") == (None, ast.unparse(ast.parse(MINE)))


@pytest.mark.parametrize("value", ["len([1])", "LIMIT", "[row for row in rows]"])
def test_a_value_is_taken_over_with_what_it_needs(value: str) -> None:
    action, program = after(value)

    assert action == "set total as the other solution does"
    assert f"total = {value}" in program
    assert ("LIMIT = 3" in program) is (value == "LIMIT")
