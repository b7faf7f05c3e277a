"""Work at import: what a program does before anyone calls it.

No reply may loop without bound when it is imported. What a program does there is left as it is, as
long as it is certain to end soon; what may not end is dropped from what is read.
"""

from __future__ import annotations

import ast

from selftaught.language_models.editor.growth import changed_in_place
from selftaught.language_models.editor.import_steps import Function, Steps
from selftaught.language_models.editor.measures import MOST_STEPS
from selftaught.language_models.editor.syntax import (
    entry_of,
    functions_of,
    names_bound,
    names_read,
    walk,
)


def ends_at_import(tree: ast.Module) -> bool:
    """Tells whether importing the program is certain to end soon."""
    return all(map(is_trivial, tree.body)) or Steps(tree).of(tree) <= MOST_STEPS


def without_endless_work(tree: ast.Module) -> ast.Module | None:
    """Drops what may not end when the program is imported, and what only tries the entry.

    Of definitions only the decorators go.

    Returns:
        The tree, changed in place; None where the rest would miss what was dropped.
    """
    if all(map(is_trivial, tree.body)):
        return tree
    kept = _kept(tree)
    if any(isinstance(node, Function | ast.ClassDef) and node not in kept for node in tree.body):
        return None
    read = {name for node in kept for name in names_read(node)}
    if any(_set_by(node, tree) & read for node in tree.body if node not in kept):
        return None
    tree.body = kept
    return tree if kept else None


def is_trivial(node: ast.stmt) -> bool:
    """Tells at a glance whether a statement at the top takes no time."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name()], value=ast.Constant()):
            return True
        case ast.FunctionDef(decorator_list=[], args=arguments, returns=returns):
            parts = [*arguments.defaults, *arguments.kw_defaults, returns]
            parts += [each.annotation for each in walk(arguments) if isinstance(each, ast.arg)]
            return all(isinstance(each, ast.Constant | ast.Name | None) for each in parts)
        case _:
            return False


def _kept(tree: ast.Module) -> list[ast.stmt]:
    steps = Steps(tree)
    entry = entry_of(tree)
    kept: list[ast.stmt] = []
    total = 0.0
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not (
            steps.of_decorators(node) <= MOST_STEPS
        ):
            node.decorator_list = []
        needed = 1.0 if is_trivial(node) else steps.of(node)
        tries = isinstance(node, ast.Expr | ast.Assert) or _is_for_scripts(node)
        if not total + needed <= MOST_STEPS or (tries and entry in reached([node], tree)):
            continue
        total += needed
        kept.append(node)
    return kept


def reached(nodes: list[ast.AST], tree: ast.Module) -> list[ast.AST]:
    """Returns some nodes, and the functions of the program that they and these name."""
    functions = {each.name: each for each in functions_of(tree)}
    found = list(nodes)
    names: set[str] = set()
    for node in found:
        new = (names_read(node) & functions.keys()) - names
        names |= new
        found += [functions[name] for name in sorted(new)]
    return found


def _set_by(node: ast.stmt, tree: ast.Module) -> set[str]:
    """Returns the names whose values a statement may set or change."""
    if _is_for_scripts(node):
        return set()
    names = names_bound(node)
    for each in reached([node], tree):
        below = walk(each)
        names |= changed_in_place(below)
        names |= {name for part in below if isinstance(part, ast.Global) for name in part.names}
    calls = [part for part in walk(node) if isinstance(part, ast.Call)]
    own = {each.name for each in functions_of(tree)}
    for call in calls:
        if isinstance(call.func, ast.Attribute):
            names |= names_read(call.func)
        elif names_read(call.func) & own:
            names |= {name for each in call.args for name in names_read(each)} - own
    return names


def _is_for_scripts(node: ast.stmt) -> bool:
    """Tells whether a statement runs only where the program is started, not imported."""
    match node:
        case ast.If(
            test=ast.Compare(
                left=ast.Name(id="__name__"),
                ops=[ast.Eq()],
                comparators=[ast.Constant(value="__main__")],
            ),
            orelse=[],
        ):
            return True
        case _:
            return False
