"""What an edited program must pass before it is given as a reply.

The checks find the mistakes that a reader would see: names that nothing defines, variables used
before they have a value, work done at import. They do not run the program.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from selftaught.language_models.editor.added_work import adds_import_work
from selftaught.language_models.editor.import_work import ends_at_import
from selftaught.language_models.editor.scopes import undefined_names
from selftaught.language_models.editor.syntax import (
    names_bound,
    names_bound_at_top,
    names_bound_by,
    parsed,
    walk,
)

_LONGEST = 9_000
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_TARGET_FIRST = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor)
"""Statements that are written in another order than they are evaluated in."""


def is_acceptable(text: str, parent: str, *, tree: ast.Module | None = None) -> bool:
    """Tells whether an edited program may be given as a better version of its parent.

    Args:
        text: The edited program.
        parent: The program that it was made from; its flaws are forgiven.
        tree: The tree that the text was written from, where it is at hand: parsing takes as long as
            the rest of the checks.
    """
    tree = parsed(text) if tree is None else tree
    return (
        tree is not None
        and len(text) <= max(_LONGEST, len(parent))
        and ends_at_import(tree)
        and not adds_import_work(tree, parent)
        and _has_no_new_flaws(tree, text, parent)
    )


def _has_no_new_flaws(tree: ast.Module, text: str, parent: str) -> bool:
    try:
        return _flaws_of(tree, text) <= _flaws_of_text(parent)
    except SyntaxError:
        # Scopes that contradict each other parse, and do not compile.
        return False


@lru_cache(maxsize=64)
def _flaws_of_text(text: str) -> frozenset[str]:
    tree = parsed(text)
    return frozenset() if tree is None else _flaws_of(tree, text)


def _flaws_of(tree: ast.Module, text: str) -> frozenset[str]:
    """Names that are read but never set, and variables that are read before they are set.

    Nothing says in which function: one that is wrapped gets another name, and keeps its flaws.
    """
    early = _read_unset(tree.body, names_bound_at_top(tree), set())
    for node in walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            early |= _read_early(node)
    return undefined_names(text) | {f"{name} is read before it is set" for name in early}


def _read_early(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    own = names_bound(ast.Module(function.body, []))
    return _read_unset(function.body, own, names_bound(function.args))


def _read_unset(body: list[ast.stmt], own: set[str], known: set[str]) -> set[str]:
    """Returns the local names that straight-line reading meets before any statement sets them."""
    early = set[str]()
    for statement in body:
        for head in _heads_of(statement):
            nodes = walk(head)
            unset = (_read_by(nodes) & own) - known
            early |= unset and unset - _bound_inside(nodes) - _set_first(head)
            if not isinstance(statement, _SCOPES):
                known |= names_bound_by(nodes)
        if isinstance(statement, _SCOPES):
            known.add(statement.name)
            continue
        if isinstance(statement, ast.Try | ast.TryStar):
            known |= {each.name for each in statement.handlers if each.name}
        for inner in _inner_blocks(statement):
            early |= _read_unset(inner, own, known)
    return early


def _read_by(nodes: list[ast.AST]) -> set[str]:
    return {node.id for node in nodes if type(node) is ast.Name and isinstance(node.ctx, ast.Load)}


def _bound_inside(nodes: list[ast.AST]) -> set[str]:
    """Returns what comprehensions and lambdas bind, for themselves only."""
    inner = [node for node in nodes if isinstance(node, ast.comprehension | ast.Lambda)]
    return {name for node in inner for name in names_bound(node)}


def _set_first(head: ast.AST) -> set[str]:
    """Returns the names that a part of a statement sets, by `:=`, before it reads them."""
    first: dict[str, bool] = {}
    for node in _in_order(head):
        first.setdefault(node.id, not isinstance(node.ctx, ast.Load))
    return {name for name, is_set in first.items() if is_set}


def _in_order(node: ast.AST) -> Iterator[ast.Name]:
    """Yields the names in the order in which they are evaluated."""
    if isinstance(node, ast.Name):
        yield node
    children = list(ast.iter_child_nodes(node))
    for child in reversed(children) if isinstance(node, ast.NamedExpr) else children:
        yield from _in_order(child)


def _heads_of(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yields the parts of a statement that it evaluates itself, values before targets."""
    match statement:
        case ast.FunctionDef(args=arguments) | ast.AsyncFunctionDef(args=arguments):
            yield from (*statement.decorator_list, *arguments.defaults)
            yield from filter(None, arguments.kw_defaults)
        case ast.Match(subject=subject, cases=cases):
            yield from (subject, *(case.pattern for case in cases))
        case _:
            parts = [
                child
                for child in ast.iter_child_nodes(statement)
                if not isinstance(child, ast.stmt | ast.excepthandler)
            ]
            yield from reversed(parts) if isinstance(statement, _TARGET_FIRST) else parts


def _inner_blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    match statement:
        case ast.For() | ast.AsyncFor() | ast.While() | ast.If():
            yield from (statement.body, statement.orelse)
        case ast.With(body=body) | ast.AsyncWith(body=body):
            yield body
        case ast.Match(cases=cases):
            yield from ([*_guards_of(case), *case.body] for case in cases)
        case ast.Try() | ast.TryStar():
            handlers = (each.body for each in statement.handlers)
            yield from (statement.body, *handlers, statement.orelse, statement.finalbody)
        case _:
            return


def _guards_of(case: ast.match_case) -> list[ast.stmt]:
    return [] if case.guard is None else [ast.Expr(case.guard)]
