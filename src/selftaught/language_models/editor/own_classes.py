"""The classes of a program: what of them runs although nothing calls it by its name."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from selftaught.language_models.editor.known_calls import Names
from selftaught.language_models.editor.syntax import walk

_HARMLESS = {"__slots__", "__match_args__", "__hash__", "__doc__", "__version__"}

Own = Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]
"""The functions and classes of a program, by their names."""


def makes_instances(own: ast.ClassDef, every: Own, names: Names) -> bool:
    """Tells whether a class may make instances of itself, as enumerations do."""
    bases = own_bases(own, every)
    built_in = [str(names.called(base)).startswith("builtins.") for base in own.bases]
    makes = any(makes_instances(base, every, names) for base in bases)
    return makes or sum(built_in) + len(bases) < len(own.bases)


def own_bases(own: ast.ClassDef, every: Own) -> list[ast.ClassDef]:
    """Returns the bases of a class that the program defines itself."""
    bases = [every.get(base.id) for base in own.bases if isinstance(base, ast.Name)]
    return [base for base in bases if isinstance(base, ast.ClassDef)]


def sets_special_names(own: ast.ClassDef) -> bool:
    """Tells whether a class assigns a special method instead of defining it."""
    assigned = {
        target.id
        for each in walk(own)
        if isinstance(each, ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name) and target.id.startswith("__")
    }
    return bool(assigned - _HARMLESS)
