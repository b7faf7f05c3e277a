"""Scoring a program of a task in the real sandbox."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

import pytest

from selftaught.budget import Budget
from selftaught.host import Host
from selftaught.instances import Split
from selftaught.language_models.scripted import Scripted
from selftaught.place import Place
from selftaught.sandboxes.local import LocalSandbox
from selftaught.solution import Solution
from selftaught.task import Task
from selftaught.task_utility import TaskUtility
from selftaught.utility import Score


@pytest.fixture
def scored(real_sandbox: LocalSandbox, executor: Executor) -> Callable[..., Score]:
    def run(
        task: Task,
        solution: Solution | str,
        *,
        split: Split = Split.SEARCH,
        count: int | None = None,
    ) -> Score:
        host = Host(Scripted([]), real_sandbox, executor, [].append, Budget("run", {}))
        sized = replace(task, counts=dict.fromkeys(Split, count)) if count else task
        program = Solution(solution) if isinstance(solution, str) else solution
        return TaskUtility(sized, host, split=split, stream="test").score(program, Place())

    return run
