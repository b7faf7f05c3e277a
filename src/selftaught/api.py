r"""Library calls for what the command line does.

Example: a function of one's own as the utility. ::

    import random, selftaught

    def instance(seed):
        numbers = random.Random(seed).choices(range(1, 100), k=20)
        return (numbers,), numbers

    def score(sides, numbers):
        assert set(sides) <= {0, 1}
        difference = sum(n if side == 1 else -n for n, side in zip(numbers, sides, strict=True))
        return 10 / (10 + abs(difference))

    seed = "def algorithm(numbers):\n    return [i % 2 for i in range(len(numbers))]"
    task = selftaught.Task.from_functions(instance, score, seed=seed)
    improved = selftaught.improve(task)
    print(improved.status, improved.solution.text)
"""

from __future__ import annotations

from pathlib import Path

from selftaught import improvers, language_models, tasks
from selftaught.analysis.summary import RunSummary
from selftaught.client import Watcher
from selftaught.errors import UsageError, shown
from selftaught.experiment import Experiment
from selftaught.lookup import unknown
from selftaught.parts import find_task, known_improver
from selftaught.running.application import Application, Improved, ProgramScore
from selftaught.running.application import score as score_program
from selftaught.running.execution import no_listener
from selftaught.running.own_seed import seeded, unguessable
from selftaught.running.runner import Run
from selftaught.solution import Solution
from selftaught.task import Split, Task
from selftaught.templates.task import write_task


def run(experiment: Experiment | None = None, *, watch: Watcher = no_listener) -> RunSummary:
    """Runs the recursion of an experiment to its end (``selftaught run``).

    Args:
        experiment: What to do; None: the default experiment.
        watch: Told of all events as they happen, from several threads.

    Raises:
        UsageError: The experiment names something that does not exist.
        SelftaughtError: The run failed.
    """
    return Run(seeded(experiment or Experiment()), watch)()


def improve(
    task: Task | str | Path,
    *,
    experiment: Experiment | None = None,
    watch: Watcher = no_listener,
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
    chosen = seeded(experiment or Experiment())
    return Application(chosen, watch, task=_task(task, chosen))()


def list_tasks() -> list[Task]:
    """Returns the tasks that come with the package, in every preset (``selftaught tasks``)."""
    return [
        find_task(name, preset) for name in sorted(tasks.KNOWN) for preset in tasks.PRESETS[name]
    ]


def list_improvers() -> dict[str, Solution]:
    """Returns the improvers that come with the package (``selftaught improvers``)."""
    return {name: known_improver(name) for name in sorted(improvers.KNOWN)}


def list_models() -> dict[str, str]:
    """Returns the language models that can be named, and what they are (``selftaught models``)."""
    return dict(sorted(language_models.SUMMARIES.items()))


def new_task(name: str, directory: str | Path = ".") -> Path:
    """Writes the folder of a task that works, to be made one's own (``selftaught new-task``).

    Args:
        name: Of the task, and of its folder.
        directory: Where the folder is made.

    Returns:
        The folder, which `improve` and `score` take.

    Raises:
        UsageError: The name is none or taken, or the folder cannot be written.
    """
    return write_task(name, Path(directory))


def score(
    task: Task | str | Path,
    program: Solution | str,
    *,
    split: Split | str = Split.SEARCH,
    experiment: Experiment | None = None,
) -> ProgramScore:
    """Returns the utility of a program (``selftaught score``).

    Args:
        task: A task, its id, or the path of a file or folder.
        program: The program, or its text; such as ``task.seed``.
        split: Which instances it is tried on: ``search``, ``gate`` or ``test``.
        experiment: Gives the preset, the seed and the isolation; None: the defaults.

    Raises:
        UsageError: The task or the split does not exist, or the text is not that of a program.
        SandboxUnavailable: Programs cannot be isolated here.
    """
    chosen = unguessable(experiment or Experiment())
    solution = program if isinstance(program, Solution) else Solution(program)
    if "algorithm" not in solution.text:
        raise UsageError(
            "expected a Solution, or the text of a program that defines a function 'algorithm', "
            f"not {shown(solution.text)}"
        )
    if split not in list(Split):
        raise unknown("split", split, Split, other="")
    return score_program(_task(task, chosen), solution, split=Split(split), experiment=chosen)


def _task(task: Task | str | Path, experiment: Experiment) -> Task:
    return task if isinstance(task, Task) else find_task(str(task), experiment.preset)
