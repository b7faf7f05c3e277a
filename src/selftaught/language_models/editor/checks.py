"""What an edited program must pass before it is given as a reply.

The checks find the mistakes that a reader would see: names that nothing defines, variables used
before they have a value, work done at import. They do not run the program.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

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
    """Names that are read but never set, and where a variable is read before it is set."""
    functions = [node for node in walk(tree) if isinstance(node, ast.FunctionDef)]
    early = {f"{node.name}()" for node in functions if _is_read_early(node)}
    if _reads_unset(tree.body, names_bound_at_top(tree), set()):
        early.add("import")
    return undefined_names(text) | early


class _Names(NamedTuple):
    read: frozenset[str]
    bound: frozenset[str]
    inner: frozenset[str]
    """Bound by comprehensions and lambdas, for themselves only."""


def _names_of(nodes: list[ast.AST]) -> _Names:
    inner = [node for node in nodes if isinstance(node, ast.comprehension | ast.Lambda)]
    return _Names(
        read=frozenset(
            node.id
            for node in nodes
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        ),
        bound=frozenset(names_bound_by(nodes)),
        inner=frozenset(name for node in inner for name in names_bound(node)),
    )


def _is_read_early(function: ast.FunctionDef) -> bool:
    own = names_bound(ast.Module(function.body, []))
    return _reads_unset(function.body, own, names_bound(function.args))


def _reads_unset(body: list[ast.stmt], own: set[str], known: set[str]) -> bool:
    """Tells whether straight-line reading meets a local name before any statement sets it."""
    for statement in body:
        heads = [_names_of(walk(head)) for head in _heads_of(statement)]
        if any((names.read & own) - known - names.inner for names in heads):
            return True
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            known.add(statement.name)
            continue
        known.update(*(names.bound for names in heads))
        if isinstance(statement, ast.Try):
            known |= {each.name for each in statement.handlers if each.name}
        if any(_reads_unset(inner, own, known) for inner in _inner_blocks(statement)):
            return True
    return False


def _heads_of(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yields the parts of a statement that it evaluates itself, values before targets."""
    if isinstance(statement, ast.FunctionDef):
        yield from (*statement.decorator_list, *statement.args.defaults)
        return
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt | ast.ExceptHandler):
            yield child


def _inner_blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    match statement:
        case ast.For(body=body, orelse=orelse) | ast.While(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.If(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.With(body=body):
            yield body
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
            yield from (body, *(each.body for each in handlers), orelse, finalbody)
        case _:
            return
