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
    body += "    for x in sorted(items, key=lambda each: each, reverse=True):\n"
    draft = draft_of(body + "        found.append(x)\n    return found", parameters="items")

    assert disturb_order(draft) is not None
    assert disturb_order(draft) is None
    function = function_of(ast.unparse(draft.tree), "f")
    orders = {tuple(function(list(range(1, 9)))) for _ in range(20)}

    assert len(orders) > 1
    assert all(sorted(order) == list(range(1, 9)) for order in orders)


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
