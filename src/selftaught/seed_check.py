"""Whether a task can be judged at all: looked at before money is spent.

A seed solution that fails everywhere, a score beyond its range, or a seed that draws two different
instances is nearly always a slip in the user's files, and improving what is measured wrongly is
worth nothing.
"""

from __future__ import annotations

import ast
import re

from selftaught.errors import UsageError
from selftaught.faults import definition
from selftaught.instances import drawn, written
from selftaught.program_files import parsed_file
from selftaught.sandbox import Status
from selftaught.task import Task
from selftaught.task_utility import OUT_OF_RANGE
from selftaught.utility import Score

_LINE = re.compile(r"\(line (\d+)")
"""How sandboxes say where in its text a program failed."""


def check_draws(task: Task, seed: int) -> None:
    """Raises where one seed draws two different instances: no result could be repeated.

    Args:
        task: The task.
        seed: Of an instance.

    Raises:
        UsageError: The instances differ, or cannot be drawn.
    """
    (arguments, expected), (others, other) = drawn(task.instance, seed), drawn(task.instance, seed)
    same_arguments = written(arguments) == written(others)
    if same_arguments and written(expected) == written(other):
        return
    what = "what its answer is judged by" if same_arguments else "its arguments"
    raise UsageError(
        f"{definition(task.instance)}: the same seed must draw the same instance, but "
        f"instance({seed}), called twice, differs in {what}: expected that everything random in it "
        "comes from random.Random(seed)"
    )


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
        raise UsageError(
            f"{definition(task.score)}: score can judge no answer of the seed solution "
            f"({_algorithm(task)}): {score.message}"
        )
    raise UsageError(
        f"{_in_seed(task, score.message)}: the seed solution fails on every instance, so there is "
        f"nothing to improve: {score.message}{_expected(task, score)}"
    )


def _expected(task: Task, score: Score) -> str:
    if Status.TIMED_OUT not in score.failures:
        return ""
    seconds = task.limits.cpu_seconds
    return f"; expected an answer within {seconds:g} seconds of CPU time for each instance"


def _in_seed(task: Task, message: str) -> str:
    """Returns the user's file and the line in which the seed solution failed, or began."""
    found, lines = _LINE.search(message), task.seed.text.splitlines()
    number = int(found[1]) if found else 0
    if task.seed_file is None or not 0 < number <= len(lines):
        return _algorithm(task)
    written = task.seed_file.read_text("utf-8").splitlines()
    same = [at for at, line in enumerate(written, start=1) if line == lines[number - 1]]
    return f"{task.seed_file}, line {same[0]}" if len(same) == 1 else _algorithm(task)


def _algorithm(task: Task) -> str:
    """Returns the user's file, and the line in which it defines the seed solution."""
    if task.seed_file is None:
        return f"task {task.id}"
    tree = parsed_file(task.seed_file.read_text("utf-8"), str(task.seed_file))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    lines = [node.lineno for node in functions if node.name == task.entry]
    return f"{task.seed_file}, line {lines[-1]}" if lines else str(task.seed_file)
