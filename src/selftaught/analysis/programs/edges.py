"""Every place of a program where a name may get a value, in whatever form it is written."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from selftaught.analysis.programs.syntax import Function, Syntax

_FILLING = ("append", "add", "extend", "insert", "update", "setdefault", "appendleft", "put")
"""Methods that put their arguments into what they are called on."""
_PUSHING = ("heapq.heappush", "heapq.heappushpop", "heapq.heapreplace")
_ORDERING = (
    "list",
    "tuple",
    "sorted",
    "reversed",
    "iter",
    "filter",
    "heapq.nlargest",
    "heapq.nsmallest",
)
"""Functions whose result has the elements of their last argument."""

_MOST_ROWS = 40
"""How many kinds of tuples a loop is taken to run over; honest ones have a few."""


class Edge(NamedTuple):
    """A value that a name may get."""

    target: str
    value: ast.expr
    node: ast.AST
    """The statement or expression that does it."""


def edges_of(syntax: Syntax) -> tuple[Edge, ...]:
    """Returns every assignment: statements, loops, arguments, results, filled containers."""
    edges = _Edges(syntax)
    # Loops over pairs are taken apart with what is assigned, so that comes first.
    found = [edge for node in syntax.nodes for edge in edges.assignments(node)]
    for edge in found:
        edges.values[edge.target].append(edge.value)
    found += [edge for node in syntax.nodes for edge in edges.iterations(node)]
    return tuple(dict.fromkeys(found))


def returned(function: Function) -> str:
    """Returns what the results of a function are known by."""
    return f"return {function.lineno}:{function.col_offset}"


@dataclass(frozen=True)
class _Edges:
    syntax: Syntax
    values: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))

    def assignments(self, node: ast.AST) -> Iterator[Edge]:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from self._assign(target, value, node)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from self._assign(target, value, node)
            case ast.NamedExpr() | ast.AugAssign():
                yield from self._assign(node.target, node.value, node)
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                yield from self._assign(target, value, node)
            case _:
                yield from self._results(node)

    def _results(self, node: ast.AST) -> Iterator[Edge]:
        match node:
            case ast.Return(value=ast.expr() as value) | ast.Yield(value=ast.expr() as value):
                if scope := self.syntax.scope(node):
                    yield Edge(returned(scope), value, node)
            case ast.arguments():
                for parameter, default in defaults_of(node):
                    if isinstance(default, ast.Name):
                        yield from self._to_parameter(parameter, default, node)
            case ast.Lambda(body=body):
                yield Edge(returned(node), body, node)
            case ast.Call():
                yield from self._fillings(node)
                yield from self._arguments(node)
                yield from self._keys(node)
            case _:
                pass

    def _assign(self, target: ast.expr, value: ast.expr, node: ast.AST) -> Iterator[Edge]:
        if isinstance(target, ast.Tuple | ast.List):
            values = value.elts if isinstance(value, ast.Tuple | ast.List) else []
            if len(values) != len(target.elts):
                values = [value] * len(target.elts)
            for name, each in zip(target.elts, values, strict=True):
                yield from self._assign(name, each, node)
        elif isinstance(target, ast.Subscript | ast.Starred):
            yield from self._assign(target.value, value, node)
        elif (key := self.syntax.key(target)) is not None:
            yield Edge(key, value, node)

    def _fillings(self, call: ast.Call) -> Iterator[Edge]:
        if isinstance(call.func, ast.Attribute) and call.func.attr in _FILLING:
            for argument in call.args:
                yield from self._assign(call.func.value, argument, call)
        elif self.syntax.dotted(call.func) in _PUSHING:
            for argument in call.args[1:]:
                yield from self._assign(call.args[0], argument, call)

    def _arguments(self, call: ast.Call) -> Iterator[Edge]:
        if callee := self.syntax.callee(call) or self.syntax.method(call):
            yield from self._to_parameters(callee, call.args, call)
            named = {each.arg: each for each in [*_parameters(callee), *callee.args.kwonlyargs]}
            for keyword in call.keywords:
                if parameter := named.get(keyword.arg or ""):
                    yield from self._to_parameter(parameter, keyword.value, call)
        for nth, argument in enumerate(call.args):
            # map(f, xs), submit(f, x): the function is called with what follows.
            if function := self._function(argument):
                yield from self._to_parameters(function, call.args[nth + 1 :], call)

    def _keys(self, call: ast.Call) -> Iterator[Edge]:
        """As in ``max(xs, key=f)`` and ``xs.sort(key=f)``: f is called with each element."""
        subject = call.args[:1]
        if not subject and isinstance(call.func, ast.Attribute):
            subject = [call.func.value]
        for keyword in call.keywords:
            if keyword.arg == "key" and (function := self._function(keyword.value)):
                yield from self._to_parameters(function, subject, call)

    def _function(self, expression: ast.expr) -> Function | None:
        if isinstance(expression, ast.Lambda):
            return expression
        is_name = isinstance(expression, ast.Name)
        return self.syntax.functions.get(expression.id) if is_name else None

    def _to_parameters(
        self, function: Function, arguments: list[ast.expr], call: ast.Call
    ) -> Iterator[Edge]:
        parameters = _parameters(function)
        for nth, argument in enumerate(arguments):
            if isinstance(argument, ast.Starred):
                for parameter in parameters[nth:]:
                    yield from self._to_parameter(parameter, argument.value, call)
                return
            rest = [function.args.vararg] if function.args.vararg else []
            for parameter in parameters[nth : nth + 1] or rest:
                yield from self._to_parameter(parameter, argument, call)

    def _to_parameter(
        self, parameter: ast.arg, argument: ast.expr, node: ast.AST
    ) -> Iterator[Edge]:
        if (key := self.syntax.key(parameter)) is not None:
            yield Edge(key, argument, node)

    def iterations(self, node: ast.AST) -> Iterator[Edge]:
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            yield from self._iterate(node.target, node.iter, node)

    def _iterate(self, target: ast.expr, iterable: ast.expr, node: ast.AST) -> Iterator[Edge]:
        if not isinstance(target, ast.Tuple | ast.List):
            yield from self._assign(target, iterable, node)
            return
        for row in islice(self._rows(iterable), _MOST_ROWS):
            if isinstance(row, list) and len(row) == len(target.elts):
                for name, part in zip(target.elts, row, strict=True):
                    if part is not None:
                        yield from self._iterate(name, part, node)
            else:
                yield from self._assign(target, iterable, node)

    def _rows(self, iterable: ast.expr) -> Iterator[list[ast.expr | None] | None]:
        """Yields what the tuples are made of that an iterable yields; None where unknown."""
        waiting = [iterable]
        seen: set[str] = set()
        while waiting:
            match waiting.pop():
                case ast.Name() as name:
                    key = self.syntax.key(name) or ""
                    values = [] if key in seen else self.values.get(key, [])
                    if not values and key not in seen:
                        yield None
                    seen.add(key)
                    waiting += values
                case ast.Subscript(value=inner, slice=ast.Slice()):
                    waiting.append(inner)
                case ast.BinOp(left=left, op=ast.Add(), right=right):
                    waiting += [left, right]
                case ast.Call(args=[_, *_]) as call if self._orders(call):
                    waiting.append(call.args[-1])
                case plain:
                    yield from self._plain_rows(plain)

    def _orders(self, call: ast.Call) -> bool:
        return self.syntax.dotted(call.func) in _ORDERING

    def _plain_rows(self, iterable: ast.expr) -> Iterator[list[ast.expr | None] | None]:
        match iterable:
            case ast.Call(func=ast.Name(id="zip"), args=parts):
                yield [*parts]
            case ast.Call(func=ast.Name(id="enumerate"), args=[part, *_]):
                yield [None, part]
            case (
                ast.ListComp(elt=ast.Tuple(elts=parts))
                | ast.GeneratorExp(elt=ast.Tuple(elts=parts))
            ):
                yield [*parts]
            case ast.List(elts=rows):
                for row in rows:
                    yield [*row.elts] if isinstance(row, ast.Tuple) else None
            case ast.Tuple(elts=parts):
                yield [*parts]
            case _:
                yield None


def _parameters(function: Function) -> list[ast.arg]:
    parameters = [*function.args.posonlyargs, *function.args.args]
    return parameters[1:] if parameters and parameters[0].arg == "self" else parameters


def defaults_of(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr]]:
    """Yields the parameters of a function that have a default, with it."""
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    yield from zip(with_default, arguments.defaults, strict=True)
    for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            yield parameter, default
