"""From the names in an experiment to the things that they stand for."""

from __future__ import annotations

import ast
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from selftaught import executors, improvers, language_models, tasks
from selftaught.errors import UsageError
from selftaught.improver import ENTRY
from selftaught.language_model import Client
from selftaught.lookup import find, unknown
from selftaught.solution import Solution
from selftaught.task import Task
from selftaught.task_files import load_task


def find_task(name: str, preset: str) -> Task:
    """Returns a task by id, by ``module:name`` of a `Task`, or by the path of a file or folder.

    Raises:
        UsageError: There is none.
    """
    if name not in tasks.KNOWN and Path(name).exists():
        return load_task(Path(name))
    found: Any = find("task", name, tasks.KNOWN)
    return found if isinstance(found, Task) else found(preset)


def find_improver(name: str) -> Solution:
    """Returns an improver by id, or by the path of a program.

    Raises:
        UsageError: There is none, or the program is none.
    """
    if name in improvers.KNOWN:
        return improvers.program(name)
    path = Path(name)
    if not path.is_file():
        raise unknown("improver", name, improvers.KNOWN, other="the path of a program")
    return checked_improver(read_program(path), name)


def checked_improver(program: Solution, name: str) -> Solution:
    """Returns the program where it is an improver.

    Raises:
        UsageError: It does not parse, or does not define ``improve_algorithm``.
    """
    try:
        ast.parse(program.text)
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"improver {name}: not Python: {error}") from error
    if not program.defines(ENTRY):
        raise UsageError(
            f"improver {name}: expected a function {ENTRY}"
            "(initial_solution, utility, language_model) at its top level"
        )
    return program


def read_program(path: Path) -> Solution:
    """Returns the program in a file.

    Raises:
        UsageError: The file cannot be read.
    """
    try:
        return Solution(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error


def find_model(name: str, seed: int) -> Client:
    """Returns a language model by name.

    Raises:
        UsageError: There is none.
    """
    make: Any = find("model", name, language_models.KNOWN)
    return make(seed=seed)


def find_executor(name: str, workers: int) -> Executor:
    """Returns an executor by name.

    Raises:
        UsageError: There is none.
    """
    make: Any = find("executor", name, executors.KNOWN)
    return make(workers)
