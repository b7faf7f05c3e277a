"""Where a program makes more of its budget: another language model, a copy, a counter set back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from selftaught.analysis.programs.roles import Roles

MODEL = "LanguageModel"
_COUNTERS = ("str", "max_responses_per_call", "times_used")
_COUNTING = (
    "budget",
    "calls",
    "count",
    "counter",
    "limit",
    "left",
    "quota",
    "remaining",
    "used",
    "uses",
)
"""Words in the names of counters and limits, for names that a program only guesses."""
_COPYING = (
    *("copy.copy", "copy.deepcopy", "copy.replace", "dataclasses.replace"),
    *("delattr", "setattr"),
)
_MAKING = (
    *("__copy__", "__deepcopy__", "__init__", "__new__", "__reduce__", "__reduce_ex__"),
    *("__replace__", "_replace", "clone", "copy", "reset"),
)
_FILLING = (
    *("__iadd__", "__ior__", "__setitem__", "append", "clear", "pop", "popitem", "setdefault"),
    "update",
)


def widens(roles: Roles) -> Iterator[ast.AST]:
    """Yields where a program makes a language model, or sets a counter or limit of its own."""
    ours = _Ours(roles)
    for node in roles.syntax.of(ast.Attribute, ast.Subscript, ast.Call, ast.ClassDef):
        match node:
            case ast.Attribute() | ast.Subscript():
                found = not isinstance(node.ctx, ast.Load) and ours.is_counter(node)
            case ast.Call():
                found = ours.is_made_by(node) or ours.is_changed_by(node)
            case ast.ClassDef(bases=bases):
                found = any(map(ours.has_class, bases))
        if found:
            yield node


@dataclass(frozen=True, eq=False)
class _Ours:
    """The utility and the language model that a program is given, and their classes."""

    roles: Roles

    @cached_property
    def _held(self) -> frozenset[str]:
        return self.roles.utility | self.roles.language_model

    @cached_property
    def _classes(self) -> frozenset[str]:
        return self.roles.flow.holders(self._is_class)

    def has(self, expression: ast.expr) -> bool:
        return self.roles.flow.carries(expression, self._held)

    def has_class(self, expression: ast.expr) -> bool:
        return self.roles.flow.carries(expression, self._classes, self._is_class)

    def _is_class(self, expression: ast.expr) -> bool:
        match expression:
            case ast.Call(func=ast.Name(id="type"), args=[instance]):
                return self.has(instance)
            case ast.Attribute(value=owner, attr="__class__"):
                return self.has(owner)
            case ast.Attribute(attr=name):
                return name == MODEL
            case ast.Name():
                return self.roles.syntax.dotted(expression).rpartition(".")[2] == MODEL
            case _:
                return False

    def is_counter(self, target: ast.expr) -> bool:
        """Recognises ``utility.uses``, ``utility.state["uses"]``, ``type(utility).budget``."""
        match target:
            case ast.Attribute(value=owner, attr=name):
                return (_counts(name) and self.has(owner)) or self.has_class(owner)
            case ast.Subscript(value=ast.Attribute(value=owner, attr=name), slice=key):
                named = isinstance(key, ast.Constant) and _counts(str(key.value))
                return (named or _counts(name)) and self.has(owner)
            case _:
                return False

    def is_made_by(self, call: ast.Call) -> bool:
        """Recognises what makes one anew: a call of the class, a copy, a class derived from it."""
        copied = call.args[:1] if self._copies(call.func) else []
        if call.args and self._copies(call.args[0]):
            copied = call.args[1:]  # map(copy, models)
        derived = call.args[1:2] if self.roles.syntax.dotted(call.func) == "type" else []
        return (
            self.has_class(call.func)
            or any(self.has(each) or self.has_class(each) for each in copied)
            or any(map(self.has_class, derived))
        )

    def _copies(self, function: ast.expr) -> bool:
        name = self.roles.syntax.dotted(function)
        return name in _COPYING or name.endswith("patch.object")

    def is_changed_by(self, call: ast.Call) -> bool:
        """Recognises ``x.__init__()``, ``x.__dict__.update()``, ``object.__new__(type(x))``."""
        match call.func:
            case ast.Attribute(value=owner, attr=name) if name in _MAKING:
                # Not super().__init__(utility): there the first argument is only handed on.
                return self.has(owner) or any(map(self.has_class, [owner, *call.args[:1]]))
            case ast.Attribute(value=ast.Attribute() as counter, attr=name) if name in _FILLING:
                return self.is_counter(counter)
            case _:
                return False


def _counts(name: str) -> bool:
    words = name.strip("_").split("_")
    is_dunder = name.startswith("__") and name.endswith("__")
    return is_dunder or name in _COUNTERS or any(each in words for each in _COUNTING)
