"""How long a program takes, told by its text: loops as they stand, and edits that heed them."""

from __future__ import annotations

import ast
from random import Random

import pytest

from selftaught.language_models.editor.draft import Draft
from selftaught.language_models.editor.duration import numbers_of_turns, steps_of
from selftaught.language_models.editor.search_ideas import best_of_several
from selftaught.language_models.editor.small_edits import scale_loop
from selftaught.language_models.editor.syntax import entry_of
from selftaught.parts import find_task


def steps(program: str) -> int:
    return steps_of(ast.parse(program), "f")


def test_loops_inside_one_another_multiply_and_loops_in_a_row_add_up() -> None:
    inside = "def f():\n    for i in range(50):\n        for j in range(20):\n            pass"
    in_a_row = (
        "def f():\n    for i in range(50):\n        pass\n    for j in range(20):\n        pass"
    )
    assert steps(inside) == 1000
    assert steps(in_a_row) == 70


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("range(7)", 7),
        ("range(2, 9)", 9),
        ("range(3 * 4)", 12),
        ("range(N)", 11),
        ("range(k)", 5),
        ("(1, 2)", 2),
        ("range(-3)", 30),
        ("range(0)", 1),
        ("xs", 30),
        ("range(len(xs))", 30),
        ("range(2 * len(xs))", 60),
    ],
)
def test_a_loop_turns_as_often_as_its_text_tells(length: str, expected: int) -> None:
    assert steps(f"N = 11\ndef f(xs, k=5):\n    for x in {length}:\n        pass") == expected
    assert steps(f"N = 11\ndef f(xs, k=5):\n    return [x for x in {length}]") == expected


def test_a_call_of_an_own_function_counts_what_that_does_in_every_turn() -> None:
    program = (
        "def g():\n    for i in range(100):\n        pass\ndef f():\n    for i in range(10):\n"
    )
    assert steps(program + "        print(i)") == 10
    assert steps(program + "        g()") == 10 * 130
    assert steps("def g():\n    yield from range(9)\ndef f():\n    for x in g():\n        pass") > 1


def test_recursion_ends() -> None:
    assert steps("def f(n):\n    for i in range(9):\n        f(n - 1)") == 9 * 30


def test_a_condition_on_many_is_decided_early() -> None:
    assert steps("def f(xs):\n    return [x for x in xs if any(y for y in x)]") == 90


def test_numbers_that_only_look_like_turns_are_none() -> None:
    tree = ast.parse("def f(xs, n=40, share=3):\n    for i in range(n):\n        xs[5] += share")
    assert [node.value for node in numbers_of_turns(tree)] == [40]


@pytest.mark.parametrize(
    ("name", "fewest"), [("quadratic_assignment", 1000), ("three_sat", 1000), ("max_cut", 1000)]
)
def test_seed_solutions_that_search_count_for_much(name: str, fewest: int) -> None:
    tree = ast.parse(find_task(name, "standard").seed.text)
    entry = entry_of(tree)
    assert entry is not None
    assert steps_of(tree, entry.name) > fewest


LONG = (
    "import random\ndef f(x):\n    for i in range(%d):\n        x = random.random()\n    return x"
)


@pytest.mark.parametrize("turns", [100, 399_999])
def test_loops_become_longer_while_there_is_time(turns: int) -> None:
    longer: list[int] = []
    for seed in range(30):
        tree = ast.parse(LONG % turns)
        scale_loop(Draft(tree, Random(seed), 0.7))
        longer.append(numbers_of_turns(tree)[0].value > turns)  # type: ignore[operator]
    assert any(longer) == (turns == 100)


def test_what_takes_long_is_not_done_several_times() -> None:
    scorer = ast.parse(
        "def instance(seed):\n    x = seed\n    return (x,), x\n"
        "def score(answer, expected):\n    return -abs(answer - expected)"
    )
    done = {
        turns: best_of_several(Draft(ast.parse(LONG % turns), Random(0), 0.7, scorer))
        for turns in (100, 300_000)
    }
    assert done[100] is not None
    assert done[300_000] is None
