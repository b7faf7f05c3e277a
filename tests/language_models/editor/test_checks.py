"""What an edited program must pass."""

from __future__ import annotations

import ast
from textwrap import indent

import pytest

from selftaught.language_models.editor.checks import is_acceptable
from selftaught.language_models.editor.import_work import (
    ends_at_import,
    without_endless_work,
)

PARENT = "def f(x):\n    return x"


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    y = [z for z in x]\n    return y",
        "def f(x):\n    for i in x:\n        last = i\n    return last",
        "def f(x):\n    def g(z):\n        return y + z\n    y = 1\n    return g(x)",
        "import math\nDATA = {1: -2 * 3.5}\ndef f(x, k=3):\n    return DATA[k]",
        "def f(x):\n    try:\n        return x()\n    except ValueError as e:\n        return e",
        "def f(x):\n    if (y := x) > 1:\n        return y\n    return max(x, key=lambda a: a)",
        "def f(x):\n    with open(x) as file:\n        return file",
        "def f(x):\n    *a, b = x\n    return a, b",
        "def f(x):\n    return g(x)\ndef g(x):\n    return A\nA = 1",
        "def f(x):\n    global A\n    A = x\n    return g()\ndef g():\n    return A",
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
        "def f(x):\n    return y\ndef g(x):\n    return [y for y in x]",
        "def f(x):\n    return y\ndef g(x):\n    y = x\n    return y",
        "def f(x):\n    def g():\n        z = 1\n        return z\n    return g() + z",
        "def f(x, k=A):\n    return x + k\nA = 1",
        "B = A\nA = 1\ndef f(x):\n    return x + B",
        "def f(x):\n    nonlocal x\n    return x",
    ],
)
def test_unsound_programs_do_not_pass(text: str) -> None:
    assert not is_acceptable(text, PARENT)


def test_flaws_of_the_parent_are_forgiven() -> None:
    parent = "from tools import *\ndef f(x):\n    return solve(x)"

    assert is_acceptable(parent.replace("solve(x)", "solve(2)"), parent)


def test_work_at_import_is_dropped_and_definitions_stay() -> None:
    tree = ast.parse(
        "import re\nA = re.compile('a')\nwhile True:\n    pass\ndef f(x):\n    return A"
    )

    left = without_endless_work(tree)

    assert left is not None
    assert ends_at_import(left)
    assert ast.unparse(left).startswith("import re\nA = re.compile('a')\n\ndef f(x):")


@pytest.mark.parametrize(
    "text",
    [
        "import math\nKEYS = [sum, lambda values: math.prod(values)]",
        "import functools\n@functools.lru_cache(maxsize=None)\ndef f(x):\n    return f(x)",
        "try:\n    import numpy as np\nexcept ImportError:\n    np = None",
        "N = 2 ** 20\nSQUARES = [n * 2 for n in range(100)]",
        "def f(x):\n    return x\nWAYS = [f, max]",
        "if __name__ == '__main__':\n    pass",
        "class A:\n    x = 1\n    def f(self):\n        while True:\n            pass",
    ],
)
def test_definitions_and_simple_values_end(text: str) -> None:
    assert ends_at_import(ast.parse(text))


LOOP = "def loop(*a):\n    while True:\n        pass\n"


@pytest.mark.parametrize(
    "text",
    [
        "x = max([1], key=loop)",
        "x = max([1], key=lambda y: loop())",
        "import functools\nx = functools.reduce(loop, [1, 2])",
        "W = [loop]\nx = sorted([1], key=W[0])",
        "x = [loop() for _ in range(1)]",
        "@loop\ndef f():\n    pass",
        "def f(x=loop()):\n    pass",
        "class A(metaclass=loop):\n    pass",
        "assert loop()",
        "with loop():\n    pass",
        "x = (lambda: loop())()",
        "x = 9 ** 9 ** 9",
        "x = [0] * 10 ** 12",
        "x = list(range(10 ** 12))",
        "for i in range(3):\n    loop()",
    ],
)
def test_what_may_run_on_at_import_does_not_surely_end(text: str) -> None:
    assert not ends_at_import(ast.parse(LOOP + text))


@pytest.mark.parametrize(
    "body",
    [
        "    if (y := x) >= 0 and y < 99:\n        return y\n",
        "    return [y, (y := x)][::-1] if (y := x) else y\n",
        "    match x:\n        case [a, *b] if a:\n            c = a\n            return c, b\n",
        "    match x:\n        case {'a': 1, **rest}:\n            return rest\n",
        "    with open(x) as a, open(a.name) as b:\n        return b\n",
        "    try:\n        y = x\n    except* ValueError as e:\n        y = e\n    return y\n",
    ],
)
def test_what_is_set_before_it_is_read_is_no_flaw(body: str) -> None:
    assert is_acceptable(f"def f(x):\n{body}", PARENT)


def test_asynchronous_blocks_set_names() -> None:
    loops = "async with x as y:\n            z = y\n        async for z in y:\n            return z"

    assert is_acceptable(f"def f(x):\n    async def g(x):\n        {loops}\n    return g", PARENT)


@pytest.mark.parametrize(
    "body",
    [
        "    if y > 1 and (y := x):\n        return y\n",
        "    match x:\n        case [a]:\n            b = c\n            c = a\n    return b\n",
        "    match x:\n        case [a] if b:\n            b = a\n    return b\n",
        "    y = y + 1\n    return y\n",
        "    for y in y:\n        pass\n",
        "    try:\n        y = z\n    except* ValueError:\n        pass\n    z = x\n    return y\n",
    ],
)
def test_what_is_read_before_it_is_set_is_a_flaw(body: str) -> None:
    assert not is_acceptable(f"def f(x):\n{body}", PARENT)
    assert not is_acceptable(f"def f(x):\n    async def g(x):\n{indent(body, '    ')}", PARENT)


def test_flaws_stay_forgiven_where_a_function_gets_another_name() -> None:
    parent = "def f(x):\n    z = y\n    y = x\n    return z\n"
    wrapped = parent.replace("def f", "def start") + "def f(x):\n    return start(x)\n"

    assert is_acceptable(wrapped, parent)
    assert not is_acceptable(wrapped.replace("z = y", "z = y + u\n    u = x"), parent)
