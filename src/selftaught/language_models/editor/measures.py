"""How large the values are that a program works with at import: bounds that hold, or none.

A bound is a number that the absolute value, or the length, of what an expression yields does not
exceed; infinity stands for an unknown one.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import NamedTuple

from selftaught.language_models.editor.known_calls import READING, Names

_USUAL = 100.0
"""What an unknown length counts for."""
_DEEPEST = 20


class Measures(NamedTuple):
    """Measures expressions by the values that a program gives its names."""

    names: Names
    values: Mapping[str, ast.expr]
    """Names that are bound once, with what they are bound to."""
    changed: frozenset[str]
    """Names of values that are changed in place."""

    def number(self, value: ast.expr | None, known: Mapping[str, float], depth: int = 0) -> float:
        """Returns a bound on the absolute value of a number."""
        match value:
            case ast.Constant(value=bool() | int() | float() as found):
                return _size(found)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self.number(operand, known, depth)
            case ast.BinOp(left=left, op=operator, right=right):
                sides = self.number(left, known, depth), self.number(right, known, depth)
                return _combined(operator, *sides)
            case ast.Name(id=name) if name in known:
                return known[name]
            case ast.Name(id=name) if name in self.values and depth < _DEEPEST:
                return self.number(self.values[name], {}, depth + 1)
            case ast.Call(func=function, args=[inner]) if (
                self.names.called(function) == "builtins.len"
            ):
                return self.length(inner, known, depth)
            case _:
                return math.inf

    def length(self, value: ast.expr, known: Mapping[str, float], depth: int = 0) -> float:
        """Returns a bound on a length; where nothing is known, a usual one."""
        match value:
            case ast.Constant(value=str() | bytes() as text):
                return float(len(text))
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                stars = [part.value for part in parts if isinstance(part, ast.Starred)]
                return len(parts) + sum(self.length(part, known, depth) for part in stars)
            case ast.Dict(keys=keys):
                return max(float(len(keys)), _USUAL if None in keys else 0.0)
            case ast.ListComp(generators=loops) | ast.SetComp(generators=loops):
                return math.prod(self.length(each.iter, known, depth) for each in loops)
            case ast.GeneratorExp(generators=loops) | ast.DictComp(generators=loops):
                return math.prod(self.length(each.iter, known, depth) for each in loops)
            case ast.Name(id=name) if f"len {name}" in known:
                return known[f"len {name}"]
            case ast.Name(id=name) if name in self.values:
                if depth >= _DEEPEST:
                    return math.inf
                found = self.length(self.values[name], {}, depth + 1)
                return max(found, _USUAL) if name in self.changed else found
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                ways = (left, right), (right, left)
                return min(self.length(a, known) * self.number(b, known, depth) for a, b in ways)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.length(left, known, depth) + self.length(right, known, depth)
            case ast.Call(func=function, args=arguments):
                return self._length_of_call(function, arguments, known, depth)
            case _:
                return _USUAL

    def _length_of_call(
        self, function: ast.expr, arguments: list[ast.expr], known: Mapping[str, float], depth: int
    ) -> float:
        name = self.names.called(function)
        if name == "builtins.range":
            return sum(self.number(each, known, depth) for each in arguments[:2])
        if (name in READING or name == "itertools.chain") and arguments:
            return sum(self.length(each, known, depth) for each in arguments)
        if isinstance(function, ast.Attribute) and name is None:
            return max(self.length(function.value, known, depth), 1.0)
        return _USUAL

    def element(self, value: ast.expr, known: Mapping[str, float]) -> float:
        """Returns a bound on the numbers that something yields one after another."""
        match value:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return max((self.number(part, known) for part in parts), default=0.0)
            case ast.Name(id=name) if name in self.values and name not in self.changed:
                found = self.values[name]
                literal = isinstance(found, ast.List | ast.Tuple | ast.Set)
                return self.element(found, {}) if literal else math.inf
            case ast.Call(func=function, args=arguments) if (
                self.names.called(function) == "builtins.range"
            ):
                return sum(self.number(each, known) for each in arguments[:2])
            case _:
                return math.inf


def _combined(operator: ast.operator, left: float, right: float) -> float:
    match operator:
        case ast.Add() | ast.Sub():
            return left + right
        case ast.Mult():
            return left * right if left and right else 0.0
        case ast.Mod():
            return right
        case ast.FloorDiv():
            return left
        case ast.Pow() | ast.LShift():
            base = left if isinstance(operator, ast.Pow) else 2 * max(left, 1)
            if right < _DEEPEST * 50 and math.log2(max(base, 2)) * right < 1000:
                return max(base, 2) ** right
            return math.inf
        case _:
            return math.inf


def _size(value: float) -> float:
    try:
        return abs(float(value))
    except OverflowError:
        return math.inf
