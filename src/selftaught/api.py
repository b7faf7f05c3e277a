"""Library calls for what the command line does.

Example: a function of one's own as the utility. ::

    import random, selftaught

    def instance(seed):
        numbers = random.Random(seed).choices(range(100), k=20)
        return (numbers,), sorted(numbers)

    def score(answer, expected):
        return sum(a == b for a, b in zip(answer, expected)) / len(expected)

    seed = "def algorithm(numbers):\\n    return numbers"
    task = selftaught.Task.from_functions(instance, score, seed=seed)
    print(selftaught.improve(task).solution.text)
"""

from __future__ import annotations

from pathlib import Path

from selftaught.analysis.summary import RunSummary
from selftaught.application import Application, Improved, ProgramScore
from selftaught.application import score as score_program
from selftaught.events import Listener
from selftaught.experiment import Experiment
from selftaught.parts import find_task
from selftaught.runner import Run, no_listener
from selftaught.solution import Solution
from selftaught.task import Split, Task


def run(experiment: Experiment | None = None, *, watch: Listener = no_listener) -> RunSummary:
    """Runs the recursion of an experiment to its end (``selftaught run``).

    Args:
        experiment: What to do; None: the default experiment.
        watch: Told of all events as they happen, from several threads.

    Raises:
        UsageError: The experiment names something that does not exist.
        SelftaughtError: The run failed.
    """
    return Run(experiment or Experiment(), watch)()


def improve(
    task: Task | str | Path,
    *,
    experiment: Experiment | None = None,
    watch: Listener = no_listener,
) -> Improved:
    """Applies an improver once to a task (``selftaught improve``).

    Args:
        task: A task, its id, or the path of a file or folder.
        experiment: Names the improver, the model and the limits; None: the defaults.
        watch: Told of all events as they happen, from several threads.

    Raises:
        UsageError: Something that is named does not exist.
        SelftaughtError: The application failed.
    """
    chosen = experiment or Experiment()
    return Application(chosen, watch, task=_task(task, chosen))()


def score(
    task: Task | str | Path,
    program: str,
    *,
    split: Split = Split.SEARCH,
    experiment: Experiment | None = None,
) -> ProgramScore:
    """Returns the utility of a program (``selftaught score``).

    Args:
        task: A task, its id, or the path of a file or folder.
        program: The text of the program.
        split: Which instances it is tried on.
        experiment: Gives the preset, the seed and the isolation; None: the defaults.

    Raises:
        UsageError: The task does not exist.
        SandboxUnavailable: Programs cannot be isolated here.
    """
    chosen = experiment or Experiment()
    return score_program(_task(task, chosen), Solution(program), split=split, experiment=chosen)


def _task(task: Task | str | Path, experiment: Experiment) -> Task:
    return task if isinstance(task, Task) else find_task(str(task), experiment.preset)
