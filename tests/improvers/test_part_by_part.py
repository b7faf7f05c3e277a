"""Improving a program part by part."""

from __future__ import annotations

import ast

from tests.improvers.conftest import Apply, program

from selftaught.client import Request
from selftaught.testing.applications import fenced

WHOLE = """from __future__ import annotations

import math

SIZE = 3


def helper(x):
    return 0.1 * x  # kept


@staticmethod
def algorithm():
    return 0.4 + helper(0)"""
BETTER = "def helper(x):\n    return 0.7 * x"


def test_it_asks_for_one_part_after_the_other_and_shows_the_whole(applied: Apply) -> None:
    done = applied("part_by_part", lambda _: "no code", initial=WHOLE)

    requests = [call[0].message for call in done.calls]
    asked = [
        message.partition(" of a solution")[0].removeprefix("Here is ") for message in requests
    ]
    assert asked == ["helper", "algorithm", "helper", "algorithm"]
    assert all(WHOLE in message for message in requests)


def test_a_better_part_takes_the_place_of_the_old_one_and_the_rest_stays(applied: Apply) -> None:
    done = applied("part_by_part", lambda _: fenced(BETTER), initial=WHOLE)

    assert done.text == WHOLE.replace("def helper(x):\n    return 0.1 * x  # kept", BETTER)


def test_what_a_new_part_needs_comes_with_it(applied: Apply) -> None:
    code = "def extra(x):\n    return 0.9\n\ndef helper(x):\n    return extra(x)"
    reply = fenced(f"import math\nimport re\n\n{code}")

    done = applied("part_by_part", lambda _: reply, initial=WHOLE)

    assert done.text is not None
    assert done.text.count("import math") == 1
    names = [node.name for node in ast.parse(done.text).body if isinstance(node, ast.FunctionDef)]
    assert names == ["extra", "helper", "algorithm"]
    assert done.text.index("import re") < done.text.index("def extra")


def test_changes_to_other_parts_are_left_out(applied: Apply) -> None:
    def reply(request: Request) -> str:
        other = "@staticmethod\ndef algorithm():\n    return 0.9"
        return fenced(f"{BETTER}\n\n{other}" if "Here is helper" in request.message else "no")

    done = applied("part_by_part", reply, initial=WHOLE)

    assert "return 0.4 + helper(0)" in (done.text or "")


def test_decorators_belong_to_their_function(applied: Apply) -> None:
    def reply(request: Request) -> str:
        return fenced(program(0.9)) if "Here is algorithm" in request.message else "no"

    done = applied("part_by_part", reply, initial=WHOLE.replace("0.1 * x", "x * 0.1"))

    assert "staticmethod" not in (done.text or "staticmethod")


def test_a_program_without_parts_is_improved_as_a_whole(applied: Apply) -> None:
    done = applied("part_by_part", lambda _: fenced(program(0.8)), initial="broken (")

    assert done.text == program(0.8)
