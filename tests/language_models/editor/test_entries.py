"""Which function of a program others call, and which arguments it gets."""

from __future__ import annotations

import ast

import pytest
from tests.language_models.editor.conftest import SCHEDULER, SCHEDULING

from selftaught.language_models.editor.entries import entry_for
from selftaught.language_models.editor.syntax import entry_of

HELPER = "\ndef helper(first, second):\n    return first\n"
NAMING = '"""A solution is a program that defines algorithm."""\n'


def entry_in(program: str, scorer: str | None) -> str:
    tree = ast.parse(program)
    entry = entry_for(tree, None if scorer is None else ast.parse(scorer))
    assert entry is not None
    return entry.name


@pytest.mark.parametrize(
    "below",
    [
        HELPER + "class Node:\n    def key(self):\n        return helper(self, 1)\n",
        HELPER + "WAYS = [helper, max]\n",
        HELPER + "async def wait(jobs):\n    return helper(jobs, 1)\n",
    ],
)
def test_what_a_class_or_a_list_uses_is_no_entry(below: str) -> None:
    entry = entry_of(ast.parse(SCHEDULER + below))

    assert entry is not None
    assert entry.name == "algorithm"
    assert entry_in(SCHEDULER + below, None) == "algorithm"


def test_the_entry_is_the_function_that_the_scorer_names() -> None:
    other = HELPER.replace("(first, second)", "(first)")

    assert entry_in(SCHEDULER + other, None) == "helper"
    assert entry_in(SCHEDULER + other, NAMING + SCHEDULING) == "algorithm"
    assert (
        entry_in(SCHEDULER + other, "def rate(text):\n    return text['algorithm']") == "algorithm"
    )
    assert entry_in(SCHEDULER + other, "def rate(jobs):\n    return algorithm(jobs)") == "algorithm"


def test_the_entry_takes_as_many_arguments_as_an_instance_has() -> None:
    assert entry_in(SCHEDULER + HELPER, SCHEDULING) == "algorithm"
    assert entry_in(SCHEDULER.replace("jobs)", "jobs, k=2)", 1) + HELPER, SCHEDULING) == "algorithm"
    assert entry_in(SCHEDULER.replace("(jobs)", "(*jobs)", 1) + HELPER, SCHEDULING) == "algorithm"


def test_the_entry_is_what_stands_on_the_rest() -> None:
    program = HELPER + "def algorithm(jobs):\n    return helper(jobs, 1)\n"

    assert entry_in(program + "def idle(jobs):\n    return jobs\n", None) == "algorithm"


def test_a_main_function_is_no_entry() -> None:
    main = "\ndef main():\n    print(algorithm([(1, 2)]))\n"

    assert entry_in(SCHEDULER + main, SCHEDULING) == "algorithm"
    assert entry_in("def main():\n    return 1\n", SCHEDULING) == "main"
