"""How large the values are that a program works with at import: bounds that hold, or none.

A bound is a number that the absolute value, or the length, of what an expression yields does not
exceed; infinity stands for an unknown one.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from selftaught.language_models.editor.known_calls import READING, Names
from selftaught.language_models.editor.syntax import walk

_USUAL = 100.0
"""What an unknown length counts for."""
_MOST_BITS = 20_000
_FEW = 4
_WIDE = re.compile(r"\d{5}|\*")

MOST_STEPS = 1e6
"""What a program may do at import: well under a second."""
DOUBLING = MOST_STEPS / 25
"""What a step counts for that may double what it works on: few of them can follow one another."""


class Measures(NamedTuple):
    """Measures expressions by the values that a program gives its names."""

    names: Names
    values: Mapping[str, ast.expr]
    """Names that are bound once, with what they are bound to."""
    changed: frozenset[str]
    """Names of values that are changed in place."""
    measured: dict[tuple[str, str], float]
    """Bounds that were found already, by name and kind."""

    def number(  # noqa: PLR0911 - one case for each kind
        self, value: ast.expr | None, known: Mapping[str, float]
    ) -> float:
        """Returns a bound on the absolute value of a number."""
        match value:
            case ast.Constant(value=bool() | int() | float() as found):
                return _size(found)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self.number(operand, known)
            case ast.BinOp(left=left, op=operator, right=right):
                sides = self.number(left, known), self.number(right, known)
                return _combined(operator, *sides)
            case ast.Name(id=name) if name in known:
                return known[name]
            case ast.Name(id=name) if name in self.values:
                return self._of_name(name, self.number)
            case ast.Call(func=function, args=[inner]) if (
                self.names.called(function) == "builtins.len"
            ):
                return self.length(inner, known)
            case _:
                return math.inf

    def length(  # noqa: C901, PLR0911, PLR0912 - one case for each kind
        self, value: ast.expr, known: Mapping[str, float]
    ) -> float:
        """Returns a bound on a length; where nothing is known, a usual one."""
        match value:
            case ast.Constant(value=str() | bytes() as text):
                return float(len(text))
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                stars = [part.value for part in parts if isinstance(part, ast.Starred)]
                return len(parts) + sum(self.length(part, known) for part in stars)
            case ast.Dict(keys=keys):
                return max(float(len(keys)), _USUAL if None in keys else 0.0)
            case ast.ListComp(generators=loops) | ast.SetComp(generators=loops):
                return math.prod(self.length(each.iter, known) for each in loops)
            case ast.GeneratorExp(generators=loops) | ast.DictComp(generators=loops):
                return math.prod(self.length(each.iter, known) for each in loops)
            case ast.Name(id=name) if f"len {name}" in known:
                return known[f"len {name}"]
            case ast.Name(id=name) if name in self.values:
                found = self._of_name(name, self.length)
                return max(found, _USUAL) if name in self.changed else found
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                ways = (left, right), (right, left)
                return min(self.length(a, known) * self.number(b, known) for a, b in ways)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.length(left, known) + self.length(right, known)
            case ast.Call(func=function, args=arguments):
                return self._length_of_call(function, arguments, known)
            case _:
                return _USUAL

    def _length_of_call(
        self, function: ast.expr, arguments: list[ast.expr], known: Mapping[str, float]
    ) -> float:
        name = self.names.called(function)
        if name == "builtins.range":
            return sum(self.number(each, known) for each in arguments[:2])
        if (name in READING or name == "itertools.chain") and arguments:
            return sum(self.length(each, known) for each in arguments)
        if isinstance(function, ast.Attribute) and name is None:
            return max(self.length(function.value, known), 1.0)
        return _USUAL

    def _of_name(
        self, name: str, measure: Callable[[ast.expr, Mapping[str, float]], float]
    ) -> float:
        """Measures what a name is bound to, once; without end where it depends on itself."""
        place = (name, measure.__name__)
        if place not in self.measured:
            self.measured[place] = math.inf
            self.measured[place] = measure(self.values[name], {})
        return self.measured[place]

    def steps(
        self, left: ast.expr, operator: ast.operator, right: ast.expr, known: Mapping[str, float]
    ) -> float:
        """Returns a bound on the steps that an operator takes, its sides apart."""
        first, second = self.number(left, known), self.number(right, known)
        match operator:
            case ast.Pow() | ast.LShift() if second <= _FEW and first == math.inf:
                return DOUBLING
            case ast.Pow() | ast.LShift():
                bits = 1.0 if isinstance(operator, ast.LShift) else math.log2(max(first, 2))
                return math.inf if first == math.inf or bits * second > _MOST_BITS else 1
            case ast.Mult() if max(first, second) == math.inf:
                ways = (left, second), (right, first)
                size = min(self.length(each, known) * turns for each, turns in ways)
                return size if size < math.inf else DOUBLING
            case ast.Mod() if is_wide(left):
                return math.inf
            case _:
                return 1

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


def _combined(  # noqa: PLR0911 - one case for each operator
    operator: ast.operator, left: float, right: float
) -> float:
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
            if right < 1000 and math.log2(max(base, 2)) * right < 1000:
                return max(base, 2) ** right
            return math.inf
        case _:
            return math.inf


def _size(value: float) -> float:
    try:
        return abs(float(value))
    except OverflowError:
        return math.inf


def is_wide(form: ast.expr) -> bool:
    """Tells whether a format may ask for very wide fields."""
    texts = [each.value for each in walk(form) if isinstance(each, ast.Constant)]
    return any(isinstance(text, str) and bool(_WIDE.search(text)) for text in texts)


def read_by(node: ast.AST) -> list[ast.expr]:
    """Returns what a node that is no call reads all of."""
    match node:
        case ast.Starred(value=value):
            return [value]
        case ast.Compare(ops=operators, comparators=values):
            pairs = zip(operators, values, strict=True)
            return [value for operator, value in pairs if isinstance(operator, ast.In | ast.NotIn)]
        case ast.Assign(targets=targets, value=value):
            parts = (ast.Tuple, ast.List, ast.Subscript)
            return [value] if any(isinstance(each, parts) for each in targets) else []
        case _:
            return []
