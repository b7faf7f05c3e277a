"""What a program does at import: its own work stays, endless work goes, and no edit adds to it."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from tests.language_models.editor.conftest import ask, programs, request

from selftaught.client import replies_of
from selftaught.extraction import parses
from selftaught.language_models.editor import Editor
from selftaught.language_models.editor.added_work import adds_import_work
from selftaught.language_models.editor.import_work import ends_at_import, without_endless_work
from selftaught.language_models.planted.model import Planted

ENTRY = """
def algorithm(jobs):
    order = list(range(len(jobs)))
    order.sort(key=lambda job: jobs[job][0] * 2 + 3)
    return order
"""
SCORER = "def score(answer, expected):\n    return 1"
SPIN = "def spin(*a):\n    while True:\n        pass\n"
ORDINARY = [
    "from dataclasses import dataclass\n@dataclass\nclass Item:\n    x: int = 3\n",
    "WORDS = 'a b c'.split()",
    "from collections import defaultdict\nCACHE = defaultdict(int)",
    "import numpy as np\nRNG = np.random.default_rng(3)",
    "def make():\n    return {i: i * i for i in range(10)}\nTABLE = make()",
    "async def helper(x):\n    await x\n",
    "from functools import lru_cache\n@lru_cache(maxsize=None)\ndef help(x):\n    return x + 1",
    "import sys\nsys.setrecursionlimit(10000)",
    "TABLE = {}\nfor i in range(10):\n    TABLE[i] = i * 3",
    (
        "def memo(f):\n    seen = {}\n    def g(x):\n        if x not in seen:\n"
        "            seen[x] = f(x)\n        return seen[x]\n    return g\n@memo\n"
        "def cost(x):\n    return x * 2"
    ),
    "from typing import List\nX: List[int] = [1, 2]",
    (
        "def flat(rows):\n    out = []\n    for row in rows:\n        for x in row:\n"
        "            out.append(x)\n    return out\nFLAT = flat([[1, 2], [3]])"
    ),
    "class P:\n    def __init__(self, x):\n        self.x = x\nD = P(3)",
    "from enum import Enum\nclass C(Enum):\n    A = 1",
    "from collections import namedtuple\nJob = namedtuple('Job', 'a b')",
    (
        "PRIMES = []\nfor n in range(2, 50):\n    if all(n % p for p in PRIMES):\n"
        "        PRIMES.append(n)"
    ),
    "SQ = [[i * j for i in range(10)] for j in range(10)]",
    "import re\nWORD = re.compile('[a-z]+')",
    "N = 10\nT = [i ** 2 for i in range(N)]",
    (
        "class Node:\n    def __init__(self):\n        self.n = []\n    def go(self):\n"
        "        while self.n:\n            self.n.pop()\ndef visit(x: Node) -> Node:\n"
        "    return x"
    ),
    "class Bad(Exception):\n    def __init__(self, x):\n        super().__init__(x)",
    "class Node:\n    def go(self):\n        while True:\n            pass\nR = Node()",
    "import math\nR = math.sqrt(2) * math.pi",
]
ENDLESS = [
    "class A2:\n    def __init__(self):\n        spin()\nclass B2(A2):\n    pass\nb = B2()",
    "print(*range(10**9))",
    "a, *b = range(10**9)",
    "L = []\nL += range(10**9)",
    "L = []\nL.extend(range(10**9))",
    "X = 5.5 in range(10**12)",
    "from itertools import chain as list\nL = [1]\nfor x in list(L):\n    L.append(x)",
    "class Q:\n    def __init__(self):\n        spin()\nq = Q()",
    (
        "from enum import Enum\nclass Q(Enum):\n    A = 1\n    def __init__(self, x):\n"
        "        spin()"
    ),
    "class H:\n    def __init_subclass__(cls):\n        spin()\nclass K(H):\n    pass",
    "class Q:\n    @property\n    def x(self):\n        spin()\nq = Q().x",
    "L = [1]\nM = L\nM.append(2)\nfor x in L:\n    spin()",
    "L = [0]\nL[:] = range(10**9)",
    "try:\n    import json\nexcept ImportError:\n    pass\nelse:\n    while True:\n        pass",
    "def f(x: spin()):\n    pass",
    "def f() -> spin():\n    pass",
    "x: spin() = 3",
    "L = [1]\nL[spin(0)] = 3",
    "try:\n    1 / 0\nexcept spin():\n    pass",
    (
        "class G:\n    def __class_getitem__(cls, k):\n        while True:\n            pass\n"
        "x: G[3] = 2"
    ),
    "from itertools import count as range\nT = list(range(3))",
    "import itertools as math\nT = list(math.count(1))",
    "T = [0 for a in range(100000) for b in range(100000) for c in range(100000)]",
    "import math\nT = math.factorial(99999999)",
    "T = (7**99999)**99999",
    "import re\nT = re.match('(a+)+$', 'a'*40+'!')",
    "L = [1]\nfor x in L:\n    L.append(x)",
    "L = [1]\nM = L\nfor x in L:\n    M.append(x)",
    "L = [1]\nfor x in L:\n    L += [x]",
    "L=[1]\nT=[L.append(x) for x in L]",
    "def push(x):\n    L.append(x)\nL=[1]\nfor x in L:\n    push(x)",
    (
        "class I:\n    def __iter__(self):\n        return self\n    def __next__(self):\n"
        "        return 1\nT = list(I())"
    ),
    "x = 3\nfor i in range(90):\n    x = x * x",
    "from collections import defaultdict\nD = defaultdict(spin)\nD[3]",
    "X = [0] * 10**11",
    "import builtins, itertools\nbuiltins.range = itertools.count\nT = list(range(3))",
    "def rec(n):\n    return rec(n)\ntry:\n    rec(3)\nexcept RecursionError:\n    pass",
    "class A:\n    while True:\n        pass",
    "@spin\ndef other(x):\n    return x",
    "with open('/dev/zero') as f:\n    f.read()",
    "f = spin\nf()",
    "T = sorted([1], key=spin)",
    "T = [lambda: spin()][0]()",
    "class B(spin()):\n    pass",
    "x = [0]\nfor i in range(99):\n    x += x",
    "X = f'{1:99999999999}'",
    "X = 1 << 10**12",
    "def g(n):\n    for i in range(n):\n        pass\ng(10**12)",
    "assert spin()",
    "x = 3\nx += spin()",
    "def gen():\n    yield spin()\nT = list(gen())",
    "lam = lambda: spin()\nlam()",
    "T = {spin(): 1}",
    "X = max([1], **{'key': spin})",
    "from math import *\nT = factorial(99999999)",
    "N = 10**12\nT = list(range(N))",
]


def without_body(text: str) -> set[str]:
    """What stands at the top of a program, apart from the entry."""
    nodes = ast.parse(text).body
    return {ast.unparse(node) for node in nodes if not isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("work", ORDINARY)
def test_the_work_of_ordinary_programs_stays(work: str) -> None:
    found = [code for code in programs(ask(work + ENTRY, SCORER), 12) if parses(code)]

    assert len(found) >= 6
    calls = {each for each in without_body(work) if "(" in each and "class" not in each}
    assert sum(calls <= without_body(code) for code in found) >= len(found) - 1


@pytest.mark.parametrize("work", ENDLESS)
def test_work_that_may_not_end_is_known(work: str) -> None:
    assert not ends_at_import(ast.parse(SPIN + work + ENTRY))


@pytest.mark.parametrize("work", ENDLESS)
def test_what_is_left_of_a_program_ends(work: str) -> None:
    tree = ast.parse(SPIN + work + ENTRY)
    defined = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]

    left = without_endless_work(tree)

    assert left is None or (ends_at_import(left) and all(node in left.body for node in defined))


@pytest.mark.slow
@pytest.mark.parametrize("work", [*ORDINARY, *ENDLESS])
def test_replies_are_imported_in_time(work: str) -> None:
    message = ask(SPIN + work + ENTRY, SCORER)

    for code in programs(message, 6, skill=0.5):
        # What fails may fail; what may not happen is that it takes time.
        subprocess.run([sys.executable, "-c", code], timeout=10, capture_output=True, check=False)


def test_a_program_that_would_miss_what_is_dropped_is_not_edited() -> None:
    program = "while True:\n    TABLE = 3\n\ndef algorithm(jobs):\n    return jobs * TABLE + 2"

    assert programs(ask(program, SCORER), 6) == []


def test_a_decorator_goes_and_what_it_decorates_stays() -> None:
    tree = without_endless_work(ast.parse(SPIN + "@spin\ndef algorithm(x):\n    return x"))

    assert tree is not None
    assert ast.unparse(tree).endswith("def algorithm(x):\n    return x")
    assert "@" not in ast.unparse(tree)


@pytest.mark.parametrize(
    "change",
    [
        ("len({})", "max({})"),
        ("T = ", "U = len({1: 2})\nT = "),
        ("return 3", "return 4"),
        ("x=1", "x=int('a')"),
        ("def other", "@make\ndef other"),
        ("A:", "A(make()):"),
        ("N = 10", "N = 10 / 0"),
    ],
)
def test_an_edit_may_not_change_what_runs_at_import(change: tuple[str, str]) -> None:
    before = (
        "def make():\n    return 3\nT = len({})\nM = make()\nN = 10\n"
        "class A:\n    k = 2\ndef other(x=1):\n    return x + 1"
    )

    assert adds_import_work(ast.parse(before.replace(*change)), before)


@pytest.mark.parametrize("change", [("x + 1", "x + 2"), ("N = 10", "N = 20"), ("k = 2", "k = 3")])
def test_an_edit_may_change_constants_and_what_is_called_later(change: tuple[str, str]) -> None:
    before = "T = len({})\nN = 10\nclass A:\n    k = 2\ndef other(x=1):\n    return x + 1"

    assert not adds_import_work(ast.parse(before.replace(*change)), before)


@pytest.mark.parametrize(
    "program",
    [
        "MASK = 0x" + "F" * 4000 + "\ndef algorithm(x):\n    return x & MASK",
        "def algorithm(x):\n    return [x for _ in range(" + "9" * 400 + ")]",
        "LEVEL = 0.3\nMASK = 0x" + "F" * 4000 + "\ndef algorithm(x):\n    return LEVEL",
        "LEVEL = " + "9" * 400 + "\ndef algorithm(x):\n    return LEVEL",
    ],
)
@pytest.mark.parametrize("model", [Editor(), Editor(skill=0.0), Planted()])
def test_numbers_of_many_digits_get_a_reply(program: str, model: Editor | Planted) -> None:
    message = ask(program, SCORER)

    replies = replies_of(model, [request(message, index) for index in range(20)])

    assert all(reply.text for reply in replies)
