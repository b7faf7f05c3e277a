"""Where values go in a program: which names may hold what, and what a text is made of.

A coarse analysis: it knows no order of statements and treats a container as whatever is in it. What
a name may hold is overstated rather than missed.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from selftaught.analysis.programs.edges import Edge, edges_of, returned
from selftaught.analysis.programs.syntax import Syntax

_BUILT_IN = (
    *("list", "tuple", "set", "frozenset", "dict", "sorted", "reversed", "zip", "enumerate"),
    *("dict.fromkeys", "max", "min", "iter", "next", "filter", "sum", "float", "round", "abs"),
)
_LIBRARY = {
    "collections": ("deque",),
    "concurrent.futures": ("as_completed",),
    "copy": ("copy", "deepcopy"),
    "heapq": ("nlargest", "nsmallest", "heappop"),
    "helpers": ("extract_code",),
    "itertools": ("chain", "islice", "cycle", "combinations", "permutations", "pairwise"),
    "numpy": ("mean",),
    "random": ("choice", "choices", "sample"),
    "statistics": ("mean", "fmean", "median"),
}
_PASSING = frozenset(
    (*_BUILT_IN, "extract_code", *(f"{of}.{name}" for of in _LIBRARY for name in _LIBRARY[of]))
)
"""Functions that return their arguments, parts of them or plain sums of them."""
_PASSING_METHODS = frozenset(
    (
        *("copy", "pop", "get", "items", "values", "keys", "popleft", "result"),
        *("strip", "splitlines", "split", "replace", "join", "choice", "choices", "sample"),
    )
)
"""Methods that return what they are called on, or what they are given."""
_CALLING = ("map", "submit", "starmap", "imap", "imap_unordered", "apply", "apply_async")
"""Functions and methods that return what their first argument, a function, returns."""
_PASSING_FIELDS: dict[type[ast.expr], tuple[str, ...]] = {
    ast.Compare: (),
    ast.Lambda: (),
    ast.JoinedStr: (),
    ast.IfExp: ("body", "orelse"),
    ast.Subscript: ("value",),
    ast.ListComp: ("elt",),
    ast.SetComp: ("elt",),
    ast.GeneratorExp: ("elt",),
    ast.DictComp: ("key", "value"),
}
"""Which parts an expression's value may be, where that is not all of them."""

Seed = Callable[[ast.expr], bool]
"""Recognises an expression."""


@dataclass(frozen=True, eq=False)
class Flow:
    """The flow of values in one program."""

    syntax: Syntax

    def key(self, expression: ast.AST) -> str | None:
        """Returns what a value is known by: a name, an attribute, what a function returns."""
        if isinstance(expression, ast.Call):
            callee = self.syntax.callee(expression)
            return returned(callee) if callee else None
        return self.syntax.key(expression)

    def holders(self, seed: Seed) -> frozenset[str]:
        """Returns all names that may hold a value which the seed recognises."""
        atoms_of = self._atoms_of.items()
        return self.reached(edge.target for edge, atoms in atoms_of if any(map(seed, atoms)))

    def reached(self, keys: Iterable[str]) -> frozenset[str]:
        """Returns all names that may hold what some names hold, and these."""
        found: set[str] = set()
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting.extend(self._targets.get(key, ()))
        return frozenset(found)

    def carries(self, expression: ast.expr, held: frozenset[str], seed: Seed | None = None) -> bool:
        """Tells whether a value may be, or contain, one that is held or that a seed recognises."""
        atoms = list(self.atoms(expression))
        return any(self.key(atom) in held for atom in atoms) or (
            seed is not None and any(map(seed, atoms))
        )

    def mentions(self, expression: ast.AST, held: frozenset[str]) -> bool:
        """Tells whether one of the names occurs anywhere in an expression."""
        return any(self.key(node) in held for node in ast.walk(expression))

    def sources(self, expressions: Iterable[ast.expr], *, stop: Seed) -> frozenset[str]:
        """Returns the names that some texts are made of, directly or not.

        Args:
            expressions: The texts.
            stop: Recognises values that are not followed further.
        """
        found: set[str] = set()
        waiting = [key for each in expressions for key in self._names(each, stop)]
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                values = [edge.value for edge in self.assigned.get(key, ())]
                for value in values + self._iterated.get(key, []):
                    waiting.extend(self._names(value, stop))
        return frozenset(found)

    def atoms(self, expression: ast.expr) -> Iterator[ast.expr]:
        """Yields the names and calls whose values an expression may be, or contain."""
        waiting = [expression]
        while waiting:
            part = waiting.pop()
            if isinstance(part, ast.Name | ast.Attribute | ast.Call):
                yield part
            waiting.extend(self._parts(part))

    def _parts(self, expression: ast.expr) -> list[ast.expr]:
        match expression:
            case ast.Name() | ast.Attribute():
                return []
            case ast.Call():
                return self._passed(expression)
            case ast.BoolOp(op=ast.Or(), values=values):
                return values[:-1]  # the last alternative is a fallback
            case ast.BinOp(left=left, right=right) if _is_text(left) or _is_text(right):
                return []
            case _:
                names = _PASSING_FIELDS.get(type(expression), expression._fields)
                values = [getattr(expression, name) for name in names]
                flat = [each for value in values for each in _listed(value)]
                return [each for each in flat if isinstance(each, ast.expr)]

    def _passed(self, call: ast.Call) -> list[ast.expr]:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else None
        match call:
            case ast.Call(args=[ast.Name() as function, *_]) if (
                name or self.syntax.dotted(call.func)
            ) in _CALLING:
                return [ast.Call(func=function, args=[], keywords=[])]
            case _:
                return self._passed_on(call)

    def _passed_on(self, call: ast.Call) -> list[ast.expr]:
        if self.syntax.dotted(call.func) in _PASSING:
            return call.args
        if isinstance(call.func, ast.Attribute) and call.func.attr in _PASSING_METHODS:
            return [call.func.value, *call.args]
        return []

    def _names(self, expression: ast.expr, stop: Seed) -> Iterator[str]:
        waiting: list[ast.AST] = [expression]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.expr) and stop(node):
                continue
            if (key := self.key(node)) is not None:
                yield key
            waiting.extend(ast.iter_child_nodes(node))

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every assignment, in whatever form."""
        return edges_of(self.syntax)

    @cached_property
    def assigned(self) -> dict[str, list[Edge]]:
        """Every value that each name may get directly."""
        found: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.target].append(edge)
        return dict(found)

    @cached_property
    def _iterated(self) -> dict[str, list[ast.expr]]:
        """What each name of a loop runs over."""
        found: dict[str, list[ast.expr]] = defaultdict(list)
        for loop in self.syntax.of(ast.For, ast.AsyncFor, ast.comprehension):
            for key in filter(None, map(self.syntax.key, ast.walk(loop.target))):
                found[key].append(loop.iter)
        return dict(found)

    @cached_property
    def _atoms_of(self) -> dict[Edge, list[ast.expr]]:
        return {edge: list(self.atoms(edge.value)) for edge in self.edges}

    @cached_property
    def _targets(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for edge, atoms in self._atoms_of.items():
            for atom in atoms:
                if (key := self.key(atom)) is not None:
                    found[key].append(edge.target)
        return dict(found)


def _is_text(expression: ast.expr) -> bool:
    return isinstance(expression, ast.JoinedStr) or (
        isinstance(expression, ast.Constant) and isinstance(expression.value, str)
    )


def _listed(value: object) -> list[object]:
    return [*value] if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType] - fields of ast nodes
