"""From the names in an experiment to the things that they stand for."""

from __future__ import annotations

import ast
import time
from concurrent.futures import Executor
from importlib import resources
from pathlib import Path
from typing import Any

from selftaught import executors, improvers, language_models, tasks
from selftaught.client import Client
from selftaught.errors import UsageError, shown
from selftaught.improver import ENTRY
from selftaught.language_models.own_settings import checked, named
from selftaught.language_models.servers.exchange import Tell, Wait, nobody
from selftaught.language_models.servers.pace import Paces
from selftaught.language_models.servers.providers import likely_name, names_provider
from selftaught.language_models.servers.served import (
    BANDIT,
    ENSEMBLE,
    check_shared,
    served,
    several,
)
from selftaught.language_models.servers.settings import DEFAULT, Settings
from selftaught.lookup import find as find_named
from selftaught.lookup import unknown, users_code
from selftaught.program_files import is_path, parsed_file, text_of
from selftaught.solution import Solution
from selftaught.task import Task
from selftaught.task_files.loading import load_task
from selftaught.tasks.research import PAPER, base_of


def find_task(name: str, preset: str) -> Task:
    """Returns a task by id, by ``module:name`` of a `Task`, or by the path of a file or folder.

    Args:
        name: The id, name or path.
        preset: One of `tasks.PRESETS`; after ``paper`` may follow what it leaves out, as in
            ``paper-without:sign,slowness``.

    Raises:
        UsageError: There is none.
    """
    presets = tasks.PRESETS.get(name) or sorted(
        {each for of in tasks.PRESETS.values() for each in of}
    )
    if base_of(preset) not in presets:
        other = "paper-without:DEFECT,DEFECT" if PAPER in presets else ""
        raise unknown(f"preset of {name}", preset, presets, other=other)
    if name not in tasks.KNOWN and is_path(name):
        return load_task(Path(name))
    if name not in tasks.KNOWN and ":" not in name:
        raise unknown(
            "task", name, tasks.KNOWN, other="the path of a file or folder, or module:name"
        )
    found: Any = find_named("task", name, tasks.KNOWN)
    if isinstance(found, Task):
        return found
    if name not in tasks.KNOWN:
        raise UsageError(f"task {name!r}: expected a Task, not {shown(found)}")
    return found(preset)


def find_solution(task: Task, name: str) -> Solution:
    """Returns a solution of a task: ``seed``, ``reference``, or the path of a program.

    Raises:
        UsageError: There is none.
    """
    named = {"seed": task.seed, "reference": task.reference}
    if (solution := named.get(name)) is not None:
        return solution
    if name in named or not is_path(name):
        known = [each for each, solution in named.items() if solution]
        raise unknown(f"program for {task.id}", name, known, other="the path of a program")
    return read_program(Path(name))


def find_improver(name: str) -> Solution:
    """Returns an improver by id, or by the path of a program.

    Raises:
        UsageError: There is none, or the program is none.
    """
    if name in improvers.KNOWN:
        return known_improver(name)
    if not is_path(name):
        raise unknown("improver", name, improvers.KNOWN, other="the path of a program")
    return checked_improver(read_program(Path(name)), name)


def known_improver(name: str) -> Solution:
    """Returns an improver that comes with the package."""
    return Solution((resources.files(improvers) / f"{name}.py").read_text("utf-8"))


def improver_summary(improver: Solution) -> str:
    """Returns the first line of the docstring of an improver's function; may be empty."""
    for node in ast.parse(improver.text).body:
        if isinstance(node, ast.FunctionDef) and node.name == ENTRY:
            return (ast.get_docstring(node) or "").partition("\n")[0]
    return ""


def checked_improver(program: Solution, name: str) -> Solution:
    """Returns the program where it is an improver.

    Raises:
        UsageError: It does not parse, or does not define ``improve_algorithm``.
    """
    parsed_file(program.text, f"improver {name}")
    if not program.defines(ENTRY):
        raise UsageError(
            f"improver {name}: expected a function {ENTRY}"
            "(initial_solution, utility, language_model) at its top level"
        )
    return program


def read_program(path: Path) -> Solution:
    """Returns the program in a file.

    Raises:
        UsageError: The file cannot be read, or is longer than any program may be.
    """
    return Solution(text_of(path))


def find_model(
    name: str,
    seed: int,
    settings: Settings = DEFAULT,
    *,
    wait: Wait = time.sleep,
    tell: Tell = nobody,
) -> Client:
    """Returns a language model by name.

    Args:
        name: ``PROVIDER/NAME``; ``ensemble:`` or ``bandit:`` with several names; the id of a model
            that comes with the package, with settings where it has any, as in
            ``editor:skill=0.3``; or ``module:name`` of what makes a client from a seed.
        seed: Of the run.
        settings: How a server is to be used.
        wait: Waits between attempts; raises as soon as the run is over.
        tell: Told when a server fails and is asked again.

    Raises:
        UsageError: There is none, its key is missing, or what was found makes none.
    """
    paces = Paces(wait=wait)

    def find_one(name: str) -> Client:
        if names_provider(name):
            return served(name, settings, seed=seed, wait=wait, tell=tell, paces=paces)
        return _own_model(name, seed)

    if not name.startswith((ENSEMBLE, BANDIT)):
        return find_one(name)
    check_shared(name, settings)
    return several(name, find_one, seed)


def _own_model(name: str, seed: int) -> Client:
    """Returns a model that is on no server: one of the package's, or of the user's."""
    model = named(name)
    if ":" not in model.name and model.name not in language_models.KNOWN:
        raise _no_model(model.name)
    make: Any = find_named("model", model.name, language_models.KNOWN)
    own = checked(model, make)
    with users_code(f"model {name!r}: cannot call it with seed={seed}"):
        client: Any = make(seed=seed, **own)
        is_client = isinstance(client.name, str) and callable(client.complete)
    if not is_client:
        raise UsageError(f"model {name!r}: expected a name and a method complete")
    return client


def _no_model(name: str) -> UsageError:
    if likely := likely_name(name):
        return UsageError(
            f"unknown model {shown(name)}: did you mean {likely!r}? The name of a model on a "
            "server begins with its provider; see: selftaught models"
        )
    other = "PROVIDER/NAME, such as openai/gpt-4o, or module:name"
    return unknown("model", name, language_models.KNOWN, other=other)


def find_executor(name: str, workers: int) -> Executor:
    """Returns an executor by name.

    Raises:
        UsageError: There is none, or what was found makes none.
    """
    make: Any = find_named("executor", name, executors.KNOWN)
    with users_code(f"executor {name!r}: cannot call it with {workers}"):
        executor: object = make(workers)
    if not isinstance(executor, Executor):
        raise UsageError(f"executor {name!r}: expected an Executor, not {shown(executor)}")
    return executor
