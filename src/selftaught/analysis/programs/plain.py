"""A program with what it says in a roundabout way said plainly, for whoever reads it.

``getattr(x, "n")`` and ``vars(x)["n"]`` become ``x.n``; ``f.__call__(a)``, ``partial(f, a)()`` and
``pool.submit(f, a)`` become ``f(a)``; texts that are put together of constants become constants.
The result is for analyses that ask who is called with what; it is never run.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Mapping

from selftaught.analysis.programs import calls
from selftaught.analysis.programs.constants import text_of, truth_of


def plainly(tree: ast.Module) -> ast.Module:
    """Puts a program plainly, in place.

    Raises:
        RecursionError: It is nested more deeply than any honest program.
    """
    _Plainly(tree).visit(tree)
    return ast.fix_missing_locations(tree)


def _origins(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.asname: each.name for each in node.names if each.asname}
        elif isinstance(node, ast.ImportFrom):
            found |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return found


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Returns the names that are bound once in the program, and to what."""
    bound: Counter[str] = Counter()
    values: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                bound[name] += 1
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                values[name] = value
            case _:
                pass
    return {name: value for name, value in values.items() if bound[name] == 1}


class _Plainly(ast.NodeTransformer):
    def __init__(self, tree: ast.Module) -> None:
        self._origins = _origins(tree)
        self._constants = _constants(tree)

    def visit(self, node: ast.AST) -> ast.AST:
        plain = super().visit(node)
        if isinstance(plain, ast.expr) and (text := text_of(plain)) is not None:
            return ast.copy_location(ast.Constant(text), plain)
        return plain

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self._constants.get(node.id)
        if value is None or not isinstance(node.ctx, ast.Load):
            return node
        text = text_of(value)
        return node if text is None else ast.copy_location(ast.Constant(text), node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        truth = truth_of(node.test)
        return node if truth is None else (node.body if truth else node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        """``None or x`` is x, and so is ``True and x``."""
        self.generic_visit(node)
        passing = isinstance(node.op, ast.And)
        while len(node.values) > 1 and truth_of(node.values[0]) is passing:
            del node.values[0]
        return node.values[0] if len(node.values) == 1 else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.BinOp(ast.List(elts=left), ast.Add(), ast.List(elts=right)):
                return ast.copy_location(ast.List([*left, *right], ast.Load()), node)
            case ast.BinOp(ast.Tuple(elts=left), ast.Add(), ast.Tuple(elts=right)):
                return ast.copy_location(ast.Tuple([*left, *right], ast.Load()), node)
            case _:
                return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """What wraps a function, and what a method belongs to, stand for each other."""
        self.generic_visit(node)
        match node:
            case ast.Attribute(value=owner, attr="__func__" | "__wrapped__"):
                return owner
            case ast.Attribute(value=ast.Attribute(value=owner), attr="__self__"):
                return owner
            case _:
                return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Subscript(
                value=ast.Attribute(value=owner, attr="__dict__"), slice=ast.Constant(value=str(n))
            ):
                return ast.copy_location(ast.Attribute(owner, n, node.ctx), node)
            case _:
                return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        call = calls.spread(node)
        rules = (calls.attributes, calls.methods, calls.partials, calls.handed_over, calls.mapped)
        # Each rule takes a layer off, and what is under it may be one more.
        for rule in (*rules, *rules):
            if not isinstance(call, ast.Call):
                break
            call = _located(rule, call, self._origins)
        return call


Rule = Callable[[ast.Call, str], ast.expr]


def _located(rule: Rule, call: ast.Call, origins: Mapping[str, str]) -> ast.expr:
    parts: list[str] = []
    function = call.func
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    root = origins.get(function.id, function.id) if isinstance(function, ast.Name) else ""
    plain = rule(call, ".".join([root, *reversed(parts)]))
    return plain if plain is call else ast.copy_location(plain, call)
