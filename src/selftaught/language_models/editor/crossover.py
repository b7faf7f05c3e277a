"""Combining two programs: a function, a statement or the numbers of the other one."""

from __future__ import annotations

import ast
import builtins

from selftaught.language_models.editor.draft import Draft
from selftaught.language_models.editor.syntax import (
    add_import,
    functions_of,
    names_bound,
    names_bound_at_top,
    names_read,
    walk,
)


def take_from_other(draft: Draft) -> str | None:
    """Takes something that differs over from another program of the message."""
    if not draft.others:
        return None
    other = draft.rng.choice(draft.others)
    ways = [_take_function, _mix_numbers, _take_value]
    draft.rng.shuffle(ways)
    for way in ways:
        action = way(draft, other)
        if action is not None:
            return action
    return None


def _take_function(draft: Draft, other: ast.Module) -> str | None:
    """Takes a function over, with whatever it needs and this program lacks."""
    mine = {function.name: function for function in functions_of(draft.tree)}
    theirs = {function.name: function for function in functions_of(other)}
    different = [
        name
        for name in theirs
        if name in mine and ast.unparse(theirs[name]) != ast.unparse(mine[name])
    ]
    # With a single difference the result would be the other program.
    if len(different) < 2:
        return None
    name = draft.rng.choice(different)
    draft.tree.body[draft.tree.body.index(mine[name])] = theirs[name]
    _add_what_is_needed(draft.tree, other, names_read(theirs[name]))
    return f"take {name} over from the other solution"


def _mix_numbers(draft: Draft, other: ast.Module) -> str | None:
    """Takes some of the numbers over, from functions that are otherwise the same."""
    theirs = {function.name: function for function in functions_of(other)}
    changed = 0
    for function in functions_of(draft.tree):
        if function.name not in theirs:
            continue
        here, there = _numbers_of(function), _numbers_of(theirs[function.name])
        if len(here) != len(there):
            continue
        for mine, its in zip(here, there, strict=True):
            if mine.value != its.value and draft.rng.random() < 0.5:
                mine.value = its.value
                changed += 1
    return "mix the numbers of both solutions" if changed else None


def _take_value(draft: Draft, other: ast.Module) -> str | None:
    """Assigns to a variable what the other program assigns to it."""
    theirs = {
        ast.unparse(node.targets[0]): node.value
        for node in walk(other)
        if isinstance(node, ast.Assign)
    }
    at_hand = names_bound_at_top(draft.tree) | names_bound_at_top(other) | set(dir(builtins))
    places = [
        (node, target)
        for scope in [*functions_of(draft.tree), _outside_functions(draft.tree)]
        for node in walk(scope)
        if isinstance(node, ast.Assign)
        and (target := ast.unparse(node.targets[0])) in theirs
        and ast.unparse(node.value) != ast.unparse(theirs[target])
        and names_read(theirs[target]) - names_bound(theirs[target]) <= at_hand | names_bound(scope)
    ]
    if not places:
        return None
    node, target = draft.rng.choice(places)
    node.value = theirs[target]
    _add_what_is_needed(draft.tree, other, names_read(node.value))
    return f"set {target} as the other solution does"


def _outside_functions(tree: ast.Module) -> ast.Module:
    return ast.Module([node for node in tree.body if not isinstance(node, ast.FunctionDef)], [])


def _add_what_is_needed(tree: ast.Module, other: ast.Module, names: set[str]) -> None:
    for node in other.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            add_import(tree, ast.unparse(node))
    missing = names - names_bound(tree)
    while missing:
        nodes = [
            node
            for node in other.body
            if isinstance(node, ast.FunctionDef | ast.Assign) and missing & _defined_by(node)
        ]
        tree.body[-1:-1] = nodes
        missing = {name for node in nodes for name in names_read(node)} - names_bound(tree)


def _defined_by(node: ast.FunctionDef | ast.Assign) -> set[str]:
    return {node.name} if isinstance(node, ast.FunctionDef) else names_bound(node)


def _numbers_of(tree: ast.AST) -> list[ast.Constant]:
    return [
        node
        for node in walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    ]
