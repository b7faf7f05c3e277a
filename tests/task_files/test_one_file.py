"""One file split into a utility and a seed."""

from __future__ import annotations

import ast

import pytest

from selftaught.task_files.one_file import split_file

UTILITY = """import random


def instance(seed):
    return ([random.Random(seed).random()],), None


def score(answer, expected):
    return float(answer[0])
"""
SEED = "def algorithm(numbers):\n    return numbers\n"


def test_the_seed_keeps_its_decorators_and_comments() -> None:
    text = f"{UTILITY}\nimport functools\n@functools.cache\n@staticmethod\n{SEED}    # why\n"

    parts = split_file(text.replace("    return numbers\n    # why", "    # why\n    return 1"), "")

    assert parts.seed == (
        "import functools\n\n\n@functools.cache\n@staticmethod\n"
        "def algorithm(numbers):\n    # why\n    return 1\n"
    )
    assert "@functools" not in parts.utility


def test_the_seed_gets_the_imports_that_it_uses_and_no_others() -> None:
    imports = "from __future__ import annotations\nfrom math import (\n    pi,\n    tau,\n)\n"
    text = f"{imports}import my_scorer; import heapq as heap\n{UTILITY}\n"
    own = "def algorithm(x: Later):\n    heap.heapify(x)\n    return pi, x\n"

    parts = split_file(text + own, "task.py")

    assert ast.unparse(ast.parse(parts.seed)).splitlines()[:3] == [
        "from __future__ import annotations",
        "from math import pi, tau",
        "import heapq as heap",
    ]


def test_the_seed_gets_the_functions_and_constants_that_it_uses() -> None:
    helpers = (
        "STEP = 3\nOTHER = 4\n\n\nclass Pair:\n    pass\n\n\n"
        "def walk(x):\n    return Pair, [x, STEP, math.pi]\n\n\nimport math\n"
    )

    parts = split_file(f"{helpers}{UTILITY}\ndef algorithm(x):\n    return walk(x)\n", "task.py")

    namespace: dict[str, object] = {}
    exec(parts.seed, namespace)
    assert {"Pair", "STEP", "walk", "math", "algorithm"} <= namespace.keys()
    assert not {"OTHER", "random", "score"} & namespace.keys()
    assert "STEP = 3" in parts.utility


def test_a_local_name_brings_nothing_along() -> None:
    own = "def algorithm(score):\n    random = 1\n    return [instance for instance in score]\n"

    parts = split_file(UTILITY + own, "task.py")

    assert parts.seed == own


@pytest.mark.parametrize("separator", ["\x0c", "\x1c", "\u2028", "\x85", "\x0b"])
def test_characters_that_end_no_line_of_python_do_not_misplace_the_seed(separator: str) -> None:
    text = f'MARK = """{separator}{separator}"""\n{UTILITY}{SEED}'

    parts = split_file(text, "task.py")

    assert parts.seed == SEED
    ast.parse(parts.utility)


def test_the_tree_of_the_utility_has_the_lines_of_the_file() -> None:
    parts = split_file(f"\n{SEED}\n{UTILITY}", "task.py")

    lines = {node.name: node.lineno for node in parts.utility_tree.body if hasattr(node, "name")}
    assert lines == {"instance": 8, "score": 12}
