"""The objective: the scorer's own function, and how a solution can call it.

Where a task is judged by something that the solution can compute itself - the expected value is
made of the arguments - a programmer copies the scoring function and searches with it. This module
reads the description of the utility for `instance(...) -> (arguments, expected)` and
`score(answer, expected)`, and says how to call the copy with the solution's parameters.
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from selftaught.language_models.editor.entries import parts_of
from selftaught.language_models.editor.syntax import (
    entry_of,
    expression,
    fresh_name,
    functions_of,
    names_bound,
    names_read,
    parameters_of,
    walk,
)

_SCORE = re.compile(r"score|utility|evaluate|fitness|objective|reward|quality|value")
_DISTANCES = {"isclose", "allclose", "dist", "hypot"}
_SIZES = {"abs", "fabs", "absolute", "square", "norm", "sqrt"}
_LONGEST_EXPECTED = 500
"""Characters; every part of the expected value is compared with every argument."""
_ALLOWED_MODULES = {
    "math",
    "collections",
    "itertools",
    "functools",
    "statistics",
    "numpy",
    "random",
}


class Objective(NamedTuple):
    """A scoring function and how to call it."""

    source: tuple[ast.stmt, ...]
    """The function, and the functions, constants and imports that it needs."""
    call: str
    """The call, with the name of the answer and the solution's parameters for the rest."""
    answer: str
    """What the answer is called there: `answer`, unless a parameter is."""


def objective_of(scorer: ast.Module | None, parameters: list[str]) -> Objective | None:
    """Returns what judges an answer, if it needs little but the arguments and the answer."""
    if scorer is None:
        return None
    given = _given_by(scorer, parameters)
    score = score_of(scorer)
    if given is None or score is None:
        return None
    known = _in_terms_of_parameters(given, scorer, parameters)
    source = None if known is None else _needed(scorer, {score.name, *names_read(known)})
    if known is None or source is None:
        return None
    if any(name in parameters for node in source for name in defined_by(node)):
        return None
    answer = fresh_name("answer", set(parameters))
    return Objective(source, f"{score.name}({answer}, {ast.unparse(known)})", answer)


class _Given(NamedTuple):
    """What `instance` returns."""

    names: dict[str, str]
    """Expressions in it, and the same in terms of the solution's parameters."""
    expected: ast.expr


def _given_by(scorer: ast.Module, parameters: list[str]) -> _Given | None:
    for function in functions_of(scorer):
        for node in walk(function):
            match node:
                case ast.Return(value=ast.Tuple(elts=[arguments, expected])):
                    names = _names_for(arguments, function, parameters)
                    if names is not None:
                        return _Given(names, expected)
                case _:
                    continue
    return None


def _names_for(
    arguments: ast.expr, function: ast.FunctionDef, parameters: list[str]
) -> dict[str, str] | None:
    """Says which expressions of `instance` a solution knows, and by what names."""
    names = {ast.unparse(arguments): f"({', '.join(parameters)},)"}
    parts = parts_of(arguments, function)
    if parts is None:  # all of them have one name, and are made elsewhere
        return names if isinstance(arguments, ast.Name) else None
    if len(parts) != len(parameters):
        return None
    for part, parameter in zip(parts, parameters, strict=True):
        names[ast.unparse(part)] = parameter
        match part:
            case ast.Call(func=ast.Name(id="list" | "tuple" | "dict"), args=[ast.Name(id=copied)]):
                names.setdefault(copied, parameter)
            case _:
                continue
    return names


def _in_terms_of_parameters(
    given: _Given, scorer: ast.Module, parameters: list[str]
) -> ast.expr | None:
    """Rewrites the expected value; None where it has nothing to do with the arguments.

    What is hidden beside the arguments is often a norm, such as the best value known: 1 does.
    """
    if len(ast.unparse(given.expected)) > _LONGEST_EXPECTED:
        return None
    known = _substituted(given.expected, given.names)
    used = names_read(known)
    if not used & set(parameters):
        return None
    constants = {name for node in scorer.body for name in defined_by(node)}
    hidden = used - set(parameters) - constants
    return _substituted(known, dict.fromkeys(hidden, "1"))


def _substituted(value: ast.expr, others: dict[str, str]) -> ast.expr:
    found = _Substitution(others).visit(value)
    assert isinstance(found, ast.expr)
    return found


def measures_distance(scorer: ast.Module | None) -> bool:
    """Tells whether the score says how far numbers are off, not only whether they are right.

    Example:
        >>> measures_distance(ast.parse("def score(guess, true): return -abs(guess - true)"))
        True
    """
    score = None if scorer is None else score_of(scorer)
    if scorer is None or score is None:
        return False
    used = [each for each in functions_of(scorer) if each.name in names_read(score)]
    return any(_measures(walk(function)) for function in (score, *used))


def _measures(nodes: list[ast.AST]) -> bool:
    """Tells whether code takes the size of a difference, or the ratio of a smaller to a larger."""
    differences = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and _is_difference(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return any(_is_size(node, differences) for node in nodes)


def _is_size(node: ast.AST, differences: set[str]) -> bool:
    match node:
        case ast.BinOp(left=base, op=ast.Pow()):
            return _is_difference(base, differences)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _is_difference(left, differences) and ast.dump(left) == ast.dump(right)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return (_called(left), _called(right)) == ("min", "max")
        case ast.Call(args=[base, *_]):
            name = _called(node).rpartition(".")[2]
            return name in _DISTANCES or (name in _SIZES and _is_difference(base, differences))
        case _:
            return False


def _is_difference(value: ast.expr, differences: set[str]) -> bool:
    match value:
        case ast.Name(id=name):
            return name in differences
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return not any(
                isinstance(side, ast.Constant) or _is_length(side) for side in (left, right)
            )
        case _:
            return False


def _is_length(value: ast.expr) -> bool:
    return _called(value) == "len"


def _called(value: ast.expr) -> str:
    return ast.unparse(value.func) if isinstance(value, ast.Call) else ""


def score_of(scorer: ast.Module) -> ast.FunctionDef | None:
    """Returns the function that compares an answer with what is expected."""
    likely = [
        function
        for function in functions_of(scorer)
        if len(parameters_of(function)) == 2 and _SCORE.search(function.name)
    ]
    entry = entry_of(scorer)
    if entry in likely:
        return entry
    return likely[-1] if likely else None


class _Substitution(ast.NodeTransformer):
    """Puts other expressions in the place of some."""

    def __init__(self, others: dict[str, str]) -> None:
        self._others = others

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and (other := self._others.get(ast.unparse(node))):
            return expression(other)
        return super().visit(node)


def _needed(scorer: ast.Module, names: set[str]) -> tuple[ast.stmt, ...] | None:
    """Collects what some names need, from their own program; None where that is too much."""
    needed: set[int] = set()
    definitions = {name: node for node in scorer.body for name in defined_by(node)}
    while names:
        nodes = [definitions[name] for name in sorted(names & set(definitions))]
        nodes = [node for node in nodes if id(node) not in needed]
        if not all(map(_is_allowed, nodes)):
            return None
        needed |= set(map(id, nodes))
        names = {name for node in nodes for name in names_read(node)}
    return tuple(node for node in scorer.body if id(node) in needed)


def _is_allowed(node: ast.stmt) -> bool:
    match node:
        case ast.Import(names=names):
            return all(alias.name.split(".")[0] in _ALLOWED_MODULES for alias in names)
        case ast.ImportFrom(module=module):
            return module in _ALLOWED_MODULES
        case ast.FunctionDef() | ast.Assign() | ast.AnnAssign():
            return True
        case _:
            return False


def defined_by(node: ast.stmt) -> set[str]:
    """Returns the names that a statement of a module defines."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Import() | ast.ImportFrom() | ast.Assign() | ast.AnnAssign():
            return names_bound(node)
        case _:
            return set()
