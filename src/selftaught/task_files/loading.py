"""Tasks written as files: what a language model reads is what scores.

A task is a folder with ``utility.py`` (the functions ``instance`` and ``score``), ``seed.py`` (the
seed solution, which defines ``algorithm``) and, if there is one, ``reference.py`` (a strong
solution); or one file that defines all three functions. The text of the utility is shown to
language models and executed in the host, so it is trusted like any code that one runs, and may
import what lies beside it; the solutions are not, and run in a sandbox.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from selftaught.errors import UsageError
from selftaught.faults import USERS_FAILURES, fault
from selftaught.program_files import parsed_file, text_of
from selftaught.solution import Solution
from selftaught.task import DrawInstance, ScoreAnswer, Task
from selftaught.task_files.one_file import split_file
from selftaught.task_files.own_modules import digest_of, let_import_from

_FUNCTIONS = ("instance", "score")


def load_task(path: Path) -> Task:
    """Loads a task from a folder or a file.

    Raises:
        UsageError: A file or a function is missing, or does not run; the message says where.

    Example of a file: ::

        import random

        def instance(seed):
            numbers = random.Random(seed).choices(range(100), k=20)
            return (numbers,), sorted(numbers)

        def score(answer, expected):
            return float(answer == expected)

        def algorithm(numbers):
            return numbers
    """
    return _from_folder(path) if path.is_dir() else _from_file(path)


class _Utility(NamedTuple):
    """A utility as it stands in a file."""

    path: Path
    text: str
    """Of the whole file."""
    tree: ast.Module
    """What of the file is the utility; the lines are the file's."""
    source: str
    """The same as a text."""


def _from_folder(path: Path) -> Task:
    utility, seed, reference = (path / f"{name}.py" for name in ("utility", "seed", "reference"))
    source = text_of(utility)
    found = _Utility(utility, source, parsed_file(source, str(utility)), source)
    task = _task(path.resolve().name, found, _solution(seed), seed)
    return replace(task, reference=_solution(reference)) if reference.is_file() else task


def _from_file(path: Path) -> Task:
    text = text_of(path)
    parts = split_file(text, str(path))
    found = _Utility(path, text, parts.utility_tree, parts.utility)
    return _task(path.stem, found, Solution(parts.seed), path)


def _task(name: str, utility: _Utility, seed: Solution, seed_file: Path) -> Task:
    folder = utility.path.parent
    let_import_from(folder)
    instance, score = _executed(utility.tree, utility.text, str(utility.path))
    title = ast.get_docstring(utility.tree) or name
    return Task(
        id=name,
        title=title.partition("\n")[0],
        preset="own",
        seed=seed,
        source=utility.source,
        instance=instance,
        score=score,
        seed_file=seed_file,
        imported=digest_of(utility.tree, folder),
    )


def _solution(path: Path) -> Solution:
    text = text_of(path)
    parsed_file(text, str(path))
    solution = Solution(text)
    if not solution.defines("algorithm"):
        raise UsageError(f"{path}: a solution must define a function 'algorithm' at its top level")
    return solution


def functions_of(source: str, where: str) -> tuple[DrawInstance, ScoreAnswer]:
    """Executes the text of a utility, which is trusted, and returns its two functions.

    Raises:
        UsageError: It does not run, or lacks one of them; the message has the line.
    """
    return _executed(parsed_file(source, where), source, where)


def _executed(tree: ast.Module, text: str, where: str) -> tuple[DrawInstance, ScoreAnswer]:
    """Executes a syntax tree whose lines are those of a text."""
    # No time of change: the text is what was executed, whatever becomes of the file.
    linecache.cache[where] = (len(text), None, text.splitlines(keepends=True), where)
    digest = hashlib.sha256(f"{where}\n{text}".encode("utf-8", "replace")).hexdigest()
    name = f"utility_{digest[:16]}"
    # Dataclasses and the like look their module up. No two utilities are the same one.
    module = sys.modules[name] = ModuleType(name)
    namespace = vars(module)
    if Path(where).is_file():
        namespace["__file__"] = str(Path(where).absolute())
    try:
        exec(compile(tree, where, "exec", dont_inherit=True), namespace)  # noqa: S102 - the user's own file
    except USERS_FAILURES as error:
        raise fault(error, where) from error
    missing = [function for function in _FUNCTIONS if not callable(namespace.get(function))]
    if missing:
        raise UsageError(f"{where}: expected functions instance and score; {missing[0]} is missing")
    return namespace["instance"], namespace["score"]


def with_constants(source: str, constants: Mapping[str, object]) -> str:
    r"""Returns a text with other values for constants of its top level.

    Example:
        >>> with_constants("N = 10\nM = 2\n", {"N": 20})
        'N = 20\nM = 2\n'
    """
    lines = source.splitlines(keepends=True)
    left = dict(constants)
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name in left:
                lines[node.lineno - 1] = f"{name} = {left.pop(name)!r}\n"
    assert not left, f"no such constants: {sorted(left)}"
    return "".join(lines)
