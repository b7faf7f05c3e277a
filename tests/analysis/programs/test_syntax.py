"""What of a text can run, and what its names stand for."""

from __future__ import annotations

import ast

import pytest

from selftaught.analysis.programs.syntax import Syntax, read

HEAD = "def improve_algorithm(s, u, m):\n"


def syntax_of(program: str) -> Syntax:
    syntax = read(program)
    assert syntax is not None
    return syntax


def named(syntax: Syntax, name: str) -> list[ast.Name]:
    return [node for node in syntax.of(ast.Name) if node.id == name]


@pytest.mark.parametrize(
    "dead",
    [
        "    return s\n    gone",
        "    if 0: gone",
        "    if 1: s\n    else: gone",
        "    while None: gone",
        "    for x in s:\n        break\n        gone",
        "    def inner(): gone",
        "    raise s\n    gone",
    ],
)
def test_what_cannot_run_is_not_there(dead: str) -> None:
    assert named(syntax_of(HEAD + dead), "gone") == []


@pytest.mark.parametrize(
    "alive",
    [
        "    if s: return s\n    here",
        "    while True: here",
        "    def inner(): here\n    s(inner)",
        "    class A:\n        def method(self): here\n    A()",
        "    return (lambda: here)()",
    ],
)
def test_what_can_run_is_there(alive: str) -> None:
    assert len(named(syntax_of(HEAD + alive), "here")) == 1


def test_names_are_told_apart_by_the_function_that_binds_them() -> None:
    syntax = syntax_of(HEAD + "    x = s\n    f = lambda x: x\n    return f(x)")
    inner = next(iter(syntax.of(ast.Lambda)))

    keys = {syntax.key(node) for node in named(syntax, "x") if node is not inner.body}

    assert len(keys) == 1
    assert syntax.key(inner.body) == syntax.key(inner.args.args[0])
    assert syntax.key(inner.body) not in keys


def test_a_name_declared_nonlocal_is_the_outer_one() -> None:
    program = "    x = s\n    def f():\n        nonlocal x\n        x = u\n    f()\n"
    syntax = syntax_of(HEAD + program)

    assert len({syntax.key(node) for node in named(syntax, "x")}) == 1


def test_origins_of_functions_are_followed_through_imports() -> None:
    syntax = syntax_of(
        "import os.path as p, math\nfrom random import choice as pick\n"
        + HEAD
        + "    p.join(); math.exp(); pick(); len(); s.join()"
    )

    assert [syntax.dotted(call.func) for call in syntax.of(ast.Call)][::-1] == [
        "os.path.join",
        "math.exp",
        "random.choice",
        "len",
        "",
    ]


@pytest.mark.parametrize(
    ("program", "loops"),
    [
        ("    here()", 0),
        ("    for x in here(): pass", 0),
        ("    for x in s: here()", 1),
        ("    for x in s: pass\n    else: here()", 0),
        ("    while here(): pass", 1),
        ("    [x for x in here()]", 0),
        ("    [here() for x in s]", 1),
        ("    [x for y in s for x in here()]", 1),
        ("    [x for x in s if here()]", 1),
        ("    for x in s:\n        def f(): here()\n        f()", 0),
    ],
)
def test_loops_are_those_that_repeat_a_node(program: str, loops: int) -> None:
    syntax = syntax_of(HEAD + program)

    assert len(syntax.loops(named(syntax, "here")[0])) == loops
