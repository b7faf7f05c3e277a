"""What a value may be, followed through the names, arguments and containers of a program."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from selftaught.analysis.programs.constants import truth_of
from selftaught.analysis.programs.edges import defaults_of
from selftaught.analysis.programs.flow import Flow

_REPEATING = ("cycle", "iter", "itertools.cycle", "itertools.repeat", "list", "repeat", "tuple")
Seen = frozenset[str]


@dataclass(frozen=True, eq=False)
class Values:
    """The values in one program."""

    flow: Flow

    def may_be_false(self, value: ast.expr, seen: Seen = frozenset()) -> bool:
        """Tells whether a value need not be true; a container is taken for what is in it.

        What cannot be followed need not be true; what a function only hands on counts as true.
        """
        if (truth := truth_of(value)) is not None:
            return not truth
        if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
            return all(self.may_be_false(each, seen) for each in value.values)
        alternatives = self._alternatives(value)
        if alternatives is None:
            return self._is_unknown(value, seen)
        return any(self.may_be_false(each, seen) for each in alternatives)

    def _alternatives(self, value: ast.expr) -> list[ast.expr] | None:
        """Returns what a value is one of, by its form alone; None where that says nothing."""
        match value:
            case ast.IfExp(body=first, orelse=second):
                found = [first, second]
            case ast.NamedExpr(value=inner) | ast.BinOp(left=ast.List() as inner, op=ast.Mult()):
                found = [inner]
            case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
                found = parts
            case ast.Call(args=[inner, *_]) if self.flow.syntax.dotted(value.func) in _REPEATING:
                found = [inner]
            case _:
                found = None
        return found

    def _is_unknown(self, value: ast.expr, seen: Seen) -> bool:
        """Tells the same of a value that has to be followed to where it comes from."""
        key = f"[{ast.unparse(value)}]"
        match value:
            case ast.Name() | ast.Attribute():
                key, given = self._key(value), self.given(value)
                if not given and isinstance(value, ast.Name):
                    return False
            case ast.Subscript(value=container, slice=ast.Constant(value=index)):
                given = list(self.elements(container, index, seen))
            case ast.Call():
                key = self.flow.key(value) or ""
                given = [each.value for each in self.flow.assigned.get(key, [])]
            case _:
                return True
        if key in seen:
            return False
        return not given or any(self.may_be_false(each, seen | {key}) for each in given)

    def elements(
        self, container: ast.expr, index: object, seen: Seen = frozenset()
    ) -> Iterator[ast.expr]:
        """Yields what may stand at an index or key of a container, as far as that can be told."""
        match container:
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                yield from _at(parts, index)
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                yield from (v for k, v in pairs if isinstance(k, ast.Constant) and k.value == index)
            case ast.Name() | ast.Attribute() if (key := self._key(container)) not in seen:
                for value in self.given(container):
                    yield from self.elements(value, index, seen | {key})
            case ast.Constant():
                yield container  # it was put into the container by its key, or handed on by *rest
            case _:
                return

    def given(self, name: ast.Name | ast.Attribute) -> list[ast.expr]:
        """Returns every value that a name or attribute may get directly, defaults among them."""
        key = self._key(name)
        values = [each.value for each in self.flow.assigned.get(key, [])]
        if isinstance(name, ast.Attribute) and not values:
            return self._of_classes.get(name.attr, [])
        return [*values, *self._defaults.get(key, [])]

    def _key(self, name: ast.Name | ast.Attribute) -> str:
        return self.flow.key(name) or (f".{name.attr}" if isinstance(name, ast.Attribute) else "")

    @cached_property
    def _of_classes(self) -> dict[str, list[ast.expr]]:
        """What stands in the body of a class, by name."""
        found: dict[str, list[ast.expr]] = {}
        for node in self.flow.syntax.of(ast.Assign):
            if isinstance(self.flow.syntax.parents.get(node), ast.ClassDef):
                names = [each.id for each in node.targets if isinstance(each, ast.Name)]
                for name in names:
                    found.setdefault(name, []).append(node.value)
        return found

    @cached_property
    def _defaults(self) -> dict[str, list[ast.expr]]:
        found: dict[str, list[ast.expr]] = {}
        for arguments in self.flow.syntax.of(ast.arguments):
            for parameter, default in defaults_of(arguments):
                found.setdefault(self.flow.key(parameter) or "", []).append(default)
        return found


def _at(parts: list[ast.expr], index: object) -> Iterator[ast.expr]:
    """Yields what stands at an index of a row, or of each row where the parts are rows."""
    rows = [each.elts for each in parts if isinstance(each, ast.List | ast.Tuple)]
    for row in rows if parts and len(rows) == len(parts) else [parts]:
        if isinstance(index, int) and -len(row) <= index < len(row):
            yield row[index]
