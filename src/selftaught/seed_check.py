"""Whether the seed solution of a task can be judged at all: looked at before money is spent.

A seed solution that fails everywhere, or a score beyond its range, is nearly always a slip in the
user's files, and improving what is measured wrongly is worth nothing.
"""

from __future__ import annotations

import re

from selftaught.errors import UsageError
from selftaught.faults import definition
from selftaught.sandbox import Status
from selftaught.task import Task
from selftaught.task_utility import OUT_OF_RANGE
from selftaught.utility import Score

_LINE = re.compile(r"\(line (\d+)")
"""How sandboxes say where in its text a program failed."""


def check_seed_scores(task: Task, score: Score) -> None:
    """Raises where a task is at fault that its seed solution has no score.

    Args:
        task: The task.
        score: Of its seed solution.

    Raises:
        UsageError: The seed solution or the score function fails on every instance, or a score is
            out of range.
    """
    failures = score.failures
    if beyond := failures.get(OUT_OF_RANGE):
        raise UsageError(
            f"{definition(task.score)}: score gave numbers outside 0 to {task.highest:g} for "
            f"{beyond} of {len(score.instances)} answers of the seed solution ({score.message}): "
            "divide by the best that can be reached, and return at least 0"
        )
    if not score.instances or sum(failures.values()) < len(score.instances):
        return
    if failures.get(Status.BAD_ANSWER) == len(score.instances):
        where = task.seed_file or definition(task.score)
        raise UsageError(f"{where}: no answer of the seed solution can be judged: {score.message}")
    raise UsageError(
        f"{_in_seed(task, score.message)}: the seed solution fails on every instance, so there is "
        f"nothing to improve: {score.message}"
    )


def _in_seed(task: Task, message: str) -> str:
    """Returns the user's file and, if it is known, the line in which the seed solution failed."""
    if task.seed_file is None:
        return f"task {task.id}"
    found, lines = _LINE.search(message), task.seed.text.splitlines()
    number = int(found[1]) if found else 0
    if not 0 < number <= len(lines):
        return str(task.seed_file)
    written = task.seed_file.read_text("utf-8").splitlines()
    same = [at for at, line in enumerate(written, start=1) if line == lines[number - 1]]
    return f"{task.seed_file}, line {same[0]}" if len(same) == 1 else str(task.seed_file)
