"""Work at import: what a program does before anyone calls it.

No reply may loop without bound when it is imported. So a program may define things there, and give
names to values that are quickly made; everything else is dropped from what is read, and refused in
what is written. A call counts as quick when it is one of a few known ones and gets nothing that
could call back: no lambda, and no name that the program itself gave to more than a constant.
"""

from __future__ import annotations

import ast
from typing import NamedTuple

from selftaught.language_models.editor.syntax import names_bound, walk

_SAFE_CALLS = {
    "bool", "dict", "enumerate", "float", "frozenset", "int", "len", "list", "max", "min", "range",
    "round", "set", "sorted", "str", "sum", "tuple", "zip",
}  # fmt: skip
_SAFE_MODULES = {"collections", "functools", "math", "np", "numpy", "random", "re", "string"}
_MOST_TURNS = 100_000


def is_quiet_at_import(tree: ast.Module) -> bool:
    """Tells whether importing the program ends at once."""
    checker = _Checker(_live_names(tree))
    return all(map(checker.is_quiet, tree.body))


def without_import_work(tree: ast.Module) -> ast.Module:
    """Drops the statements that do work when the program is imported, and returns the tree."""
    checker = _Checker(_live_names(tree))
    tree.body = [node for node in tree.body if checker.is_quiet(node)]
    return tree


def _live_names(tree: ast.Module) -> frozenset[str]:
    """Names that may stand for something that runs the program's own code when it is used."""
    return frozenset(name for node in tree.body for name in _live_names_of(node))


def _live_names_of(node: ast.stmt) -> set[str]:
    match node:
        case ast.Import() | ast.ImportFrom():
            return set()
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case _:
            return set() if _is_constant(node) else names_bound(node)


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and all(
        isinstance(part, ast.Constant | ast.UnaryOp | ast.BinOp | ast.operator | ast.unaryop)
        for part in walk(node.value)
    )


class _Checker(NamedTuple):
    live: frozenset[str]

    def is_quiet(self, node: ast.stmt) -> bool:  # noqa: PLR0911 - one case for each kind
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Pass():
                return True
            case ast.FunctionDef(decorator_list=decorators, args=arguments):
                defaults = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
                quick = all(map(self._is_quick, (*decorators, *defaults)))
                return quick and not any(self._is_live(each) for each in decorators)
            case ast.ClassDef(body=body, decorator_list=[], keywords=[], bases=bases):
                return all(map(self.is_quiet, body)) and not any(map(self._is_live, bases))
            case ast.If() | ast.Try():
                return self._is_quiet_choice(node)
            case ast.Assign() | ast.AnnAssign() | ast.Expr():
                return node.value is None or self._is_quick(node.value)
            case _:
                return False

    def _is_quiet_choice(self, node: ast.If | ast.Try) -> bool:
        if isinstance(node, ast.If):
            blocks = [node.body, node.orelse]
        else:
            blocks = [node.body, *(each.body for each in node.handlers), node.finalbody]
        quick = not isinstance(node, ast.If) or self._is_quick(node.test)
        return quick and all(self.is_quiet(each) for block in blocks for each in block)

    def _is_quick(self, value: ast.expr) -> bool:
        if isinstance(value, ast.List | ast.Tuple):
            return all(map(self._is_quick, value.elts))
        return isinstance(value, ast.Lambda) or all(map(self._is_quick_part, walk(value)))

    def _is_quick_part(self, node: ast.AST) -> bool:
        match node:
            case ast.Call(func=function):
                return self._is_quick_call(node, function)
            case ast.Lambda() | ast.Await() | ast.Yield() | ast.YieldFrom():
                return False
            case ast.BinOp(op=ast.Pow() | ast.LShift() | ast.Mult(), right=right):
                return isinstance(right, ast.Constant) and _is_small(right.value)
            case _:
                return True

    def _is_quick_call(self, call: ast.Call, function: ast.expr) -> bool:
        if self._is_live(call):
            return False
        match function:
            case ast.Name(id="range"):
                return all(
                    isinstance(each, ast.Constant) and _is_small(each.value) for each in call.args
                )
            case ast.Name(id=name):
                return name in _SAFE_CALLS
            case ast.Attribute(value=ast.Name(id=name)):
                return name in _SAFE_MODULES
            case _:
                return False

    def _is_live(self, tree: ast.expr) -> bool:
        used = {node.id for node in walk(tree) if isinstance(node, ast.Name)}
        return bool(used & self.live)


def _is_small(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) <= _MOST_TURNS
