"""STOP, the Self-Taught Optimizer: programs that improve programs, and themselves, with proof.

Example: ::

    import selftaught

    summary = selftaught.run(selftaught.Experiment(tasks=("lpn",), iterations=2, seed=1))
    print(summary.champion.text)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selftaught import events, experiment
    from selftaught.api import (
        improve,
        list_improvers,
        list_models,
        list_tasks,
        new_task,
        run,
        score,
    )
    from selftaught.client import Client, Reply, Request
    from selftaught.diagnosis import Check, diagnose
    from selftaught.experiment import Experiment
    from selftaught.journals import program, runs, show
    from selftaught.keeping import export_run, fork, import_run, replay, stop, verify
    from selftaught.sandbox import Limits
    from selftaught.solution import Solution
    from selftaught.task import Split, Task

__all__ = [
    "Check",
    "Client",
    "Experiment",
    "Limits",
    "Reply",
    "Request",
    "Solution",
    "Split",
    "Task",
    "diagnose",
    "events",
    "experiment",
    "export_run",
    "fork",
    "import_run",
    "improve",
    "list_improvers",
    "list_models",
    "list_tasks",
    "new_task",
    "program",
    "replay",
    "run",
    "runs",
    "score",
    "show",
    "stop",
    "verify",
]

_HOMES = {
    "Check": "selftaught.diagnosis",
    "Client": "selftaught.client",
    "Experiment": "selftaught.experiment",
    "Limits": "selftaught.sandbox",
    "Reply": "selftaught.client",
    "Request": "selftaught.client",
    "Solution": "selftaught.solution",
    "Split": "selftaught.task",
    "Task": "selftaught.task",
    "diagnose": "selftaught.diagnosis",
    "improve": "selftaught.api",
    "list_improvers": "selftaught.api",
    "list_models": "selftaught.api",
    "list_tasks": "selftaught.api",
    "new_task": "selftaught.api",
    "run": "selftaught.api",
    "score": "selftaught.api",
    **dict.fromkeys(("program", "runs", "show"), "selftaught.journals"),
    **dict.fromkeys(
        ("export_run", "fork", "import_run", "replay", "stop", "verify"), "selftaught.keeping"
    ),
}
_MODULES = ("events", "experiment")


def __getattr__(name: str) -> object:
    # Names are found when they are used: `selftaught --help` must not wait for the database.
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return vars(importlib.import_module(_HOMES[name]))[name]
