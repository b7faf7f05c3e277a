"""What an edited program must pass."""

from __future__ import annotations

import ast

import pytest

from selftaught.language_models.editor.checks import (
    is_acceptable,
    is_quiet_at_import,
    without_import_work,
)

PARENT = "def f(x):\n    return x"


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    y = [z for z in x]\n    return y",
        "def f(x):\n    for i in x:\n        last = i\n    return last",
        "def f(x):\n    def g(z):\n        return y + z\n    y = 1\n    return g(x)",
        "import math\nDATA = {1: math.sqrt(2)}\ndef f(x, k=3):\n    return DATA[k]",
        "def f(x):\n    try:\n        return x()\n    except ValueError as error:\n        return error",
        "def f(x):\n    if (y := x) > 1:\n        return y\n    return max(x, key=lambda a: a)",
        "def f(x):\n    with open(x) as file:\n        return file",
        "def f(x):\n    *a, b = x\n    return a, b",
    ],
)
def test_sound_programs_pass(text: str) -> None:
    assert is_acceptable(text, PARENT)


@pytest.mark.parametrize(
    "text",
    [
        "def f(x:\n    return x",
        "def f(x):\n    return y",
        "def f(x):\n    z = y\n    y = x\n    return z",
        "def f(x):\n    while y > 1:\n        y = x\n    return x",
        "def f(x):\n    return x\nwhile True:\n    pass",
        "def f(x):\n    return x\nf(1)",
        PARENT + "\n" + "# long\n" * 5000,
    ],
)
def test_unsound_programs_do_not_pass(text: str) -> None:
    assert not is_acceptable(text, PARENT)


def test_flaws_of_the_parent_are_forgiven() -> None:
    parent = "from tools import *\ndef f(x):\n    return solve(x)"

    assert is_acceptable(parent.replace("solve(x)", "solve(2)"), parent)


def test_work_at_import_is_dropped_and_definitions_stay() -> None:
    tree = ast.parse("import re\nA = re.compile('a')\nwhile A:\n    pass\ndef f(x):\n    return A")

    left = without_import_work(tree)

    assert is_quiet_at_import(left)
    assert ast.unparse(left).startswith("import re\nA = re.compile('a')\n\ndef f(x):")
