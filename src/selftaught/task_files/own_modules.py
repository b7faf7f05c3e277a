"""What a utility imports from its own folder: found there, and part of what the task is.

A utility may lean on modules that lie beside it. They decide scores as its own text does.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from selftaught.errors import UsageError


def let_import_from(folder: Path) -> None:
    """Lets code import what lies in a folder, now and whenever its functions are called."""
    home = str(folder.absolute())
    if home not in sys.path:
        # Last: a file there must not take the place of a module that others import.
        sys.path.append(home)


def digest_of(utility: ast.Module, folder: Path) -> str:
    """Returns the hash of the modules beside a utility that it has imported; empty without any.

    Raises:
        UsageError: It has another module than the one that lies there.
    """
    files = sorted(set(_files(utility, folder, set())))
    texts = [(str(file.relative_to(folder)), file.read_bytes()) for file in files]
    return hashlib.sha256(repr(texts).encode()).hexdigest() if texts else ""


def _files(tree: ast.Module, folder: Path, seen: set[str]) -> Iterator[Path]:
    """Yields the files in a folder that a file imports, those that they import, and so on."""
    for name in sorted(_imported(tree) - sys.stdlib_module_names - seen):
        seen.add(name)
        lies_there = [folder / f"{name}.py", folder / name / "__init__.py"]
        theirs = next((path for path in lies_there if path.is_file()), None)
        loaded = getattr(sys.modules.get(name), "__file__", None)
        if theirs is None or loaded is None:
            continue
        if not theirs.samefile(loaded):
            raise UsageError(
                f"{theirs} is hidden by another module {name!r}, {loaded}: give it another name"
            )
        within = theirs.parent.rglob("*.py") if theirs.parent != folder else [theirs]
        for file in within:
            yield file
            yield from _files(ast.parse(file.read_bytes()), folder, seen)


def _imported(tree: ast.Module) -> set[str]:
    """Returns the names of the modules that a file imports, without what follows a dot."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
