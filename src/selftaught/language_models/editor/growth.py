"""Growth: whether a loop may lengthen what it reads, or double what it works on at every turn."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence

from selftaught.language_models.editor.syntax import (
    names_bound,
    names_bound_at_top,
    names_read,
    walk,
)

_GROWING = {"append", "appendleft", "extend", "extendleft", "insert"}
_CHANGING = _GROWING | {"add", "setdefault", "update"}
_COUNTING = {"abs", "bool", "float", "int", "isinstance", "len", "max", "min", "ord", "print"}
_FRESH = {
    "defaultdict", "deque", "dict", "frozenset", "list", "range", "set", "sorted", "tuple",
}  # fmt: skip

Own = Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]
"""The functions and classes of a program, by their names."""


def changed_in_place(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Returns the names of values that statements change in place."""
    return frozenset(name for node in nodes for name in _changed_by(node, _CHANGING))


def _changed_by(node: ast.AST, methods: set[str], *, inside: bool = False) -> list[str]:
    """Returns the name of what a node changes; if asked, only where it changes a part of that."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in methods:
            changed = value
        case ast.AugAssign(target=target, value=value) if not isinstance(value, ast.Constant):
            changed = target
        case ast.Subscript(value=value, ctx=ast.Store(), slice=index) if (
            isinstance(index, ast.Slice) or methods is _CHANGING
        ):
            changed = value
        case _:
            return []
    return [] if inside and isinstance(changed, ast.Name) else [_root(changed)]


def _root(value: ast.expr) -> str:
    while isinstance(value, ast.Attribute | ast.Subscript):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""


def may_grow(source: ast.expr, body: Sequence[ast.AST], tree: ast.Module, own: Own) -> bool:
    """Tells whether a loop may lengthen the list that it runs over, as it runs.

    Args:
        source: What the loop runs over.
        body: What it runs.
        tree: The whole program.
        own: The functions and classes of the program.
    """
    # Where the program gives such a name another sense, a copy may be none.
    if _is_fresh(source) and not _FRESH & names_bound(tree):
        return False
    reached: set[str] = set()
    nodes = _reached_from([source, *body], own, reached)
    growing = {name for node in nodes for name in _changed_by(node, _GROWING)}
    if not growing:
        return False
    # A generator reads a list later than where it stands.
    lazy = bool(_FRESH & names_bound(tree)) or any(
        isinstance(node, ast.GeneratorExp | ast.Yield) for node in walk(tree)
    )
    if lazy or reached or "" in growing:
        return True
    shared = _shared_names(tree, own)
    if growing & (shared | names_read(source)):
        return True
    inside = {name for node in nodes for name in _changed_by(node, _GROWING, inside=True)}
    return bool(inside) and (not isinstance(source, ast.Name) or source.id in shared)


def _is_fresh(source: ast.expr) -> bool:  # noqa: PLR0911 - one case for each kind
    """Tells whether a loop runs over something that nothing else has a name for."""
    match source:
        case ast.Constant() | ast.ListComp() | ast.SetComp() | ast.DictComp():
            return True
        case ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.JoinedStr():
            return True
        case ast.Call(func=ast.Name(id="enumerate" | "zip" | "reversed"), args=arguments):
            return all(map(_is_fresh, arguments))
        case ast.Call(func=ast.Name(id=name)):
            return name in _FRESH
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in {"items", "keys", "values", "split", "splitlines", "copy"}
        case _:
            return False


def _reached_from(nodes: Iterable[ast.AST], own: Own, reached: set[str]) -> list[ast.AST]:
    """Returns what is below some nodes, and in the functions that these name."""
    found = [below for node in nodes for below in walk(node)]
    for node in found:
        if isinstance(node, ast.Name) and node.id in own and node.id not in reached:
            reached.add(node.id)
            found += walk(own[node.id])
    return found


def _shared_names(tree: ast.Module, own: Own) -> set[str]:
    """Returns the names whose values may have another name, or a place in another value."""
    at_import = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
    decorators = [
        each
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for each in node.decorator_list
    ]
    shared: set[str] = set()
    for node in _reached_from([*at_import, *decorators], own, set()):
        match node:
            case ast.arg(arg=name):
                shared.add(name)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                shared.update(names)
            case ast.Return(value=ast.Name(id=name)):
                shared.update({name} & names_bound_at_top(tree))
            case ast.For(target=target) | ast.comprehension(target=target):
                shared |= names_bound(target)
            case ast.With() | ast.NamedExpr() | ast.Match():
                shared |= names_bound(node)
            case _ if not _keeps(node):
                shared.update(
                    child.id
                    for child in ast.iter_child_nodes(node)
                    if isinstance(child, ast.Name) and not _is_made(node)
                )
            case _:
                continue
    return shared


def _is_made(node: ast.AST) -> bool:
    """Tells whether a statement gives a name to a value that it makes."""
    match node:
        case ast.Assign(targets=[ast.Name()], value=value):
            return _is_fresh(value)
        case ast.AnnAssign(value=value):
            return value is None or _is_fresh(value)
        case _:
            return False


def _keeps(node: ast.AST) -> bool:
    """Tells whether a node reads values without passing them on."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in _COUNTING | _FRESH
        case ast.Attribute() | ast.Subscript() | ast.Compare() | ast.BinOp() | ast.AugAssign():
            return True
        case (
            ast.For()
            | ast.If()
            | ast.While()
            | ast.FormattedValue()
            | ast.comprehension()
            | ast.Expr()
        ):
            return True
        case _:
            return False


def multiplies(statement: ast.AST, bound: set[str]) -> bool:
    """Tells whether a turn of a loop may double something that an earlier turn made.

    Args:
        statement: A statement in the body of the loop.
        bound: The names that the body gives a value to.
    """
    return any(
        _is_doubling(node, bound)
        for node in walk(statement)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.NamedExpr | ast.AnnAssign)
    )


def _is_doubling(node: ast.AST, bound: set[str]) -> bool:
    match node:
        case ast.Assign(value=value) | ast.NamedExpr(value=value) | ast.Expr(value=value):
            return _carried(value, bound) > 1
        case ast.AugAssign(value=value):
            return _carried(value, bound) > 0
        case ast.AnnAssign(value=ast.expr() as value):
            return _carried(value, bound) > 1
        case _:
            return False


def _carried(value: ast.AST, bound: set[str]) -> int:
    """Counts how often a value is made of what the loop itself makes."""
    match value:
        case ast.Name(id=name):
            return int(name in bound)
        case ast.Call(func=ast.Name(id=name)) if name in _COUNTING:
            return 0
        case ast.Compare():
            return 0
        case ast.Subscript(value=inner):
            return _carried(inner, bound)
        case _:
            return sum(_carried(child, bound) for child in ast.iter_child_nodes(value))
