"""Lifting the objective: the scorer's own function, taken over into the solution.

Where a task is judged by something that the solution can compute itself - the expected value is
made of the arguments - a programmer copies the scoring function and searches with it. This module
reads the description of the utility for `instance(...) -> (arguments, expected)` and
`score(answer, expected)`, and says how to call the copy with the solution's parameters.
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from selftaught.language_models.editor.draft import QUALITY, Draft
from selftaught.language_models.editor.syntax import (
    add_import,
    entry_of,
    functions_of,
    names_bound,
    names_read,
    parameters_of,
    statements,
    walk,
)

_SCORE = re.compile(r"score|utility|evaluate|fitness|objective|reward|quality|value")
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
    """The call, with `answer` for the answer and the solution's parameters for the rest."""


def objective_of(scorer: ast.Module | None, parameters: list[str]) -> Objective | None:
    """Returns what judges an answer, if it needs nothing but the arguments and the answer."""
    if scorer is None:
        return None
    given = _arguments_and_expected(scorer, len(parameters))
    score = _score_of(scorer)
    if given is None or score is None:
        return None
    arguments, expected = given
    known = _in_terms_of(expected, dict(zip(arguments, parameters, strict=True)))
    constants = names_read(known) - set(parameters)
    source = _needed(scorer, {score.name, *constants})
    if source is None or constants - {name for node in source for name in _defined_by(node)}:
        return None
    if any(name in parameters for node in source for name in _defined_by(node)):
        return None
    return Objective(source, f"{score.name}(answer, {ast.unparse(known)})")


def quality_in(draft: Draft) -> str | None:
    """Returns the function of the draft that rates an answer, and lifts it first where it can.

    The draft must have an entry. The function takes the entry's parameters, then the answer.
    """
    entry = draft.entry
    assert entry is not None
    have = [each.name for each in functions_of(draft.tree) if each.name.startswith(QUALITY)]
    if have:
        return have[0]
    parameters = parameters_of(entry)
    objective = objective_of(draft.scorer, parameters)
    taken = names_bound(draft.tree)
    if objective is None or "answer" in parameters:
        return None
    if any(name in taken for node in objective.source for name in _defined_by(node)):
        return None
    position = _after_imports(draft.tree)
    wrapper = f"def {QUALITY}({', '.join([*parameters, 'answer'])}):\n    return {objective.call}"
    draft.tree.body[position:position] = [*_without_imports(objective.source), *statements(wrapper)]
    for node in objective.source:
        if isinstance(node, ast.Import | ast.ImportFrom):
            add_import(draft.tree, ast.unparse(node))
    return QUALITY


def _arguments_and_expected(scorer: ast.Module, count: int) -> tuple[list[str], ast.expr] | None:
    for function in functions_of(scorer):
        for node in walk(function):
            match node:
                case ast.Return(value=ast.Tuple(elts=[ast.Tuple(elts=arguments), expected])) if (
                    len(arguments) == count
                ):
                    return [ast.unparse(each) for each in arguments], expected
                case _:
                    continue
    return None


def _score_of(scorer: ast.Module) -> ast.FunctionDef | None:
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
    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and (name := self._names.get(ast.unparse(node))):
            return ast.Name(name, ast.Load())
        return super().visit(node)


def _in_terms_of(expected: ast.expr, names: dict[str, str]) -> ast.expr:
    known = _Substitution(names).visit(expected)
    assert isinstance(known, ast.expr)
    return known


def _needed(scorer: ast.Module, names: set[str]) -> tuple[ast.stmt, ...] | None:
    """Collects what some names need, from their own program; None where that is too much."""
    needed: set[int] = set()
    definitions = {name: node for node in scorer.body for name in _defined_by(node)}
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


def _defined_by(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Import() | ast.ImportFrom() | ast.Assign() | ast.AnnAssign():
            return names_bound(node)
        case _:
            return set()


def _without_imports(source: tuple[ast.stmt, ...]) -> list[ast.stmt]:
    return [node for node in source if not isinstance(node, ast.Import | ast.ImportFrom)]


def _after_imports(tree: ast.Module) -> int:
    places = [
        number
        for number, node in enumerate(tree.body)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return places[-1] + 1 if places else 0
