r"""Library calls for what the command line does.

Example: a function of one's own as the utility. ::

    import random, selftaught

    def instance(seed):
        numbers = random.Random(seed).choices(range(1, 100), k=20)
        return (numbers,), numbers

    def score(sides, numbers):
        difference = sum(n if side == 1 else -n for n, side in zip(numbers, sides, strict=True))
        return 10 / (10 + abs(difference))

    seed = "def algorithm(numbers):\n    return [i % 2 for i in range(len(numbers))]"
    task = selftaught.Task.from_functions(instance, score, seed=seed)
    improved = selftaught.improve(task)
    print(improved.status, improved.solution.text)
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from selftaught import forking, improvers, language_models, replaying, tasks, verification
from selftaught.analysis.summary import RunSummary
from selftaught.application import Application, Improved, ProgramScore
from selftaught.application import score as score_program
from selftaught.errors import UsageError, shown
from selftaught.events import Listener
from selftaught.execution import no_listener, summary_of
from selftaught.experiment import Experiment, changed
from selftaught.lookup import unknown
from selftaught.parts import find_task, known_improver
from selftaught.replaying import Replay
from selftaught.resumption import CHANGEABLE, begun_as
from selftaught.runner import Run
from selftaught.solution import Solution
from selftaught.store import (
    Journal,
    RunRecord,
    default_store,
    find_program,
    is_there,
    without_password,
)
from selftaught.task import Split, Task
from selftaught.verification import Verification

_LOOK_SECONDS = 0.2
"""How often it is looked whether a run has stopped."""


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


def runs(store: str | None = None) -> list[RunRecord]:
    """Returns the runs of a journal, the newest first (``selftaught show``).

    Args:
        store: File or URL of the journal; None: the default one.

    Raises:
        UsageError: There is no journal; of the default one, that means no runs.
        StoreError: The journal cannot be read.
    """
    if store is None and not is_there(default_store()):
        return []
    with _journal(store) as journal:
        return journal.runs()


def show(run: str, *, store: str | None = None) -> RunSummary:
    """Returns what came of a run, from its journal (``selftaught show RUN``).

    Args:
        run: Name of the run.
        store: File or URL of the journal; None: the default one.

    Raises:
        UsageError: There is no such run.
        StoreError: The journal cannot be read.
    """
    with _journal(store) as journal:
        _check_there(journal, run)
        return summary_of(journal, run)


def program(id: str, *, run: str, store: str | None = None) -> str:  # noqa: A002 - what everyone calls it
    """Returns the text of a program of a run (``selftaught show RUN --program ID``).

    Args:
        id: The first digits of its digest, as tables show them.
        run: Name of the run.
        store: File or URL of the journal; None: the default one.

    Raises:
        UsageError: There is no such program in the run, or there are several.
        StoreError: The journal cannot be read.
    """
    with _journal(store) as journal:
        return find_program(journal, id, run=run).text


def verify(run: str, *, store: str | None = None) -> Verification:
    """Checks that a run is what it says (``selftaught verify RUN``).

    Args:
        run: Name of the run.
        store: File or URL of the journal; None: the default one.

    Raises:
        UsageError: There is no such run.
        StoreError: The journal cannot be read.
    """
    with _journal(store) as journal:
        _check_there(journal, run)
        return verification.verify(journal, run)


def replay(run: str, *, store: str | None = None, programs: bool = False) -> Replay:
    """Executes a run again from its journal alone (``selftaught replay RUN``).

    Args:
        run: Name of the run.
        store: File or URL of the journal; None: the default one.
        programs: Runs its improver programs again, too, on the replies of the journal.

    Raises:
        UsageError: There is no such run, or an older version wrote it.
        StoreError: The journal cannot be read.
    """
    with _journal(store) as journal:
        _check_there(journal, run)
        return replaying.replay(journal, run, programs=programs)


def fork(
    run: str,
    *,
    at: int,
    name: str | None = None,
    store: str | None = None,
    **changes: object,
) -> Experiment:
    """Makes a new run that shares the past of another one (``selftaught fork RUN``).

    Args:
        run: Name of the other run.
        at: t of the last generation that both share.
        name: Of the new run; None: made from the time.
        store: File or URL of the journal; None: the default one.
        **changes: Fields of the experiment from there on, such as ``iterations``.

    Returns:
        What goes on with the new run, when it is run.

    Raises:
        UsageError: There is no such run or generation, or nothing would be left to do.
        StoreError: The journal cannot be read or written.
    """
    with _journal(store) as journal:
        _check_there(journal, run)
        new = forking.fork(journal, run, at=at, name=name, changes=changes)
        return _of(journal, new, store)


def stop(run: str, *, store: str | None = None, wait_seconds: float = 60.0) -> str:
    """Stops a run that another process carries out (``selftaught stop RUN``).

    Args:
        run: Name of the run.
        store: File or URL of the journal; None: the default one.
        wait_seconds: How long to wait for its end.

    Returns:
        Its status then; ``under way`` where it has not ended yet.

    Raises:
        UsageError: There is no such run, or nobody carries it out.
        StoreError: The journal cannot be read or written.
    """
    with _journal(store) as journal:
        _check_there(journal, run)
        if not journal.is_claimed(run):
            status = journal.status(run)
            raise UsageError(f"the run {run} is not under way: it is {status}")
        journal.ask_to_stop(run, "stopped by selftaught stop")
        deadline = time.monotonic() + wait_seconds
        while journal.is_claimed(run) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        return "under way" if journal.is_claimed(run) else journal.status(run)


def recorded(options: Mapping[str, object]) -> Experiment | None:
    """Returns the experiment of a run that is named and not described otherwise; None: no such run.

    Args:
        options: Fields of an experiment that are given.
    """
    name, store = options.get("name"), options.get("store")
    where = str(store) if store else default_store()
    if not isinstance(name, str) or not options.keys() <= CHANGEABLE or not is_there(where):
        return None
    with closing(Journal(where)) as journal:
        if not journal.has(name):
            return None
        return changed(_of(journal, name, where), options)


def _of(journal: Journal, run: str, store: str | None) -> Experiment:
    """Returns the experiment of a run, for this store."""
    described = dict(begun_as(journal, run).experiment) | {"name": run, "store": store}
    return Experiment.model_validate(described)


def _check_there(journal: Journal, run: str) -> None:
    if not journal.has(run):
        names = [record.run for record in journal.runs()]
        raise unknown("run", run, names, other="a store that has it")


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
    chosen = experiment or Experiment()
    solution = program if isinstance(program, Solution) else Solution(program)
    if "algorithm" not in solution.text:
        raise UsageError(
            "expected a Solution, or the text of a program that defines a function 'algorithm', "
            f"not {shown(solution.text)}"
        )
    if split not in list(Split):
        raise unknown("split", split, Split, other="")
    return score_program(_task(task, chosen), solution, split=Split(split), experiment=chosen)


def _journal(store: str | None) -> closing[Journal]:
    where = store or default_store()
    if not is_there(where):
        raise UsageError(
            f"no journal at {without_password(where)}: it begins with a run, as by: selftaught run"
        )
    return closing(Journal(where))


def _task(task: Task | str | Path, experiment: Experiment) -> Task:
    return task if isinstance(task, Task) else find_task(str(task), experiment.preset)
