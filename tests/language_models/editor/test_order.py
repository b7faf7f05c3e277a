"""Programs that take elements one after another learn a better order."""

from __future__ import annotations

import ast
import contextlib
from random import Random
from statistics import fmean
from typing import Any

import pytest
from tests.language_models.editor.conftest import PACKER, PACKING, ask, function_of, programs

from selftaught.language_models.editor.draft import Draft
from selftaught.language_models.editor.order_ideas import (
    can_be_ordered,
    disturb_order,
    order_elements,
)


def draft_of(body: str, seed: int = 0, parameters: str = "items, limits") -> Draft:
    return Draft(ast.parse(f"def f({parameters}):\n    {body}"), Random(seed), 0.7)


@pytest.mark.parametrize(
    ("body", "elements", "keys"),
    [
        ("for x in items: print(x)", "items", {"each"}),
        (
            "for x in items: print(x[0], x[2])",
            "items",
            {"each[0]", "each[2]", "each[0] / (each[2] or 1)", "each[2] / (each[0] or 1)"},
        ),
        ("for i, x in enumerate(items): print(x)", "enumerate(items)", {"each[1]"}),
        (
            "for i in range(len(items)): print(items[i], limits[i])",
            "range(len(items))",
            {
                *("items[each]", "limits[each]", "items[each] / (limits[each] or 1)"),
                "limits[each] / (items[each] or 1)",
            },
        ),
        ("for x in sorted(items): print(x)", "items", {"each"}),
    ],
)
def test_elements_are_ordered_by_what_is_known_of_them(
    body: str, elements: str, keys: set[str]
) -> None:
    seen: set[str] = set()
    for seed in range(80):
        draft = draft_of(body, seed)
        assert can_be_ordered(draft)
        if order_elements(draft) is None:
            continue
        loop = next(node for node in ast.walk(draft.tree) if isinstance(node, ast.For))
        assert isinstance(loop.iter, ast.Call)
        assert ast.unparse(loop.iter.args[0]) == elements
        key = loop.iter.keywords[0].value
        assert isinstance(key, ast.Lambda)
        seen.add(ast.unparse(key.body))

    assert seen == {*keys, "random.random()"}


@pytest.mark.parametrize(
    "body", ["for _ in range(9): pass", "for x in other(): print(x)", "return [x for x in items]"]
)
def test_other_loops_keep_their_order(body: str) -> None:
    draft = draft_of(body)
    assert not can_be_ordered(draft)
    assert order_elements(draft) is None
    assert disturb_order(draft) is None


def test_a_disturbed_order_differs_from_call_to_call_and_holds_all() -> None:
    body = "return [x for x in g(items)]\ndef g(items):\n    found = []\n"
    body += "    for x in sorted(items, key=lambda one: abs(one), reverse=True):\n"
    draft = draft_of(body + "        found.append(x)\n    return found", parameters="items")

    assert disturb_order(draft) is not None
    assert disturb_order(draft) is None
    function = function_of(ast.unparse(draft.tree), "f")
    orders = {tuple(function(list(range(1, 9)))) for _ in range(20)}

    assert len(orders) > 1
    assert all(sorted(order) == list(range(1, 9)) for order in orders)


@pytest.mark.parametrize("key", ["x", "(x, 1)", "[x]", "'a'"])
def test_keys_that_may_be_no_numbers_are_not_disturbed(key: str) -> None:
    assert disturb_order(draft_of(f"for x in sorted(items, key=lambda x: {key}): print(x)")) is None


SCORER = """
def instance(seed):
    xs = [(k, seed) for k in range(9)]
    sizes = [k for k in range(9)]
    return (xs, sizes, 5), xs

def score(answer, expected):
    return answer[0]
"""


def keys_of(program: str, scorer: str = SCORER) -> set[str]:
    found: set[str] = set()
    for seed in range(120):
        draft = Draft(ast.parse(program), Random(seed), 0.7, ast.parse(scorer))
        if order_elements(draft) is not None:
            found |= {
                ast.unparse(node.body)
                for node in ast.walk(draft.tree)
                if isinstance(node, ast.Lambda)
            }
    return found - {"random.random()"}


def test_lists_that_the_utility_makes_can_order_places() -> None:
    program = "def f(xs, sizes, limit):\n    for i in range(len(xs)):\n        print(xs[i])"
    single = {key for key in keys_of(program) if "/" not in key}

    assert single == {"xs[each][0]", "xs[each][1]", "sizes[each]"}


def test_an_answer_in_the_order_of_the_places_gets_an_order() -> None:
    program = "def f(xs, sizes, limit):\n    return list(range(len(sizes)))"
    assert "xs[each][0] / (xs[each][1] or 1)" in keys_of(program)


def test_an_order_that_is_made_before_the_loop_counts() -> None:
    program = (
        "def f(xs, sizes, limit):\n    order = sorted(xs)\n    for x in order:\n        print(x)"
    )
    assert {"each[0]", "each[1]"} < keys_of(program)


def test_no_name_of_the_program_is_hidden() -> None:
    program = "def f(each, c):\n    for i in range(len(each)):\n        print(each[i])"
    assert keys_of(program, "x = 1") == {"each[each_2]"}


def test_programs_of_many_loops_are_read_at_once() -> None:
    draft = draft_of("\n    ".join(["for x in items: pass"] * 3000))
    assert len({order_elements(draft) for _ in range(5)}) > 1


@pytest.mark.parametrize(
    "body",
    [
        "for () in enumerate(items): pass",
        "for (a, b, c) in enumerate(items): pass",
        "for items[0] in items: pass",
        "return list()",
    ],
)
def test_odd_loops_are_left_alone_or_read(body: str) -> None:
    draft = draft_of(body)
    order_elements(draft)
    ast.parse(ast.unparse(draft.tree))


def test_packing_gets_far_better() -> None:
    replies = programs(ask(PACKER, PACKING), 40)

    assert max(map(packed, replies)) > 1.4 * packed(PACKER)


def packed(program: str) -> float:
    """The mean score of a program; of a broken one 0."""
    scope: dict[str, Any] = {}
    exec(PACKING, scope)
    drawn = [scope["instance"](seed) for seed in range(8)]
    with contextlib.suppress(Exception):
        function = function_of(program)
        return fmean(scope["score"](function(*given), expected) for given, expected in drawn)
    return 0.0
