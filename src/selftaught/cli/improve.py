"""`selftaught improve`: one application of an improver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selftaught.cli.endpoint import (
    BaseUrlOption,
    CacheOption,
    DollarsOption,
    PriceOption,
    YesOption,
    confirm,
    endpoint_options,
)
from selftaught.cli.improved import Asked, tell
from selftaught.cli.options import (
    DetailOption,
    ImproverOption,
    IsolationOption,
    JsonOption,
    ModelOption,
    NameOption,
    PresetOption,
    SeedOption,
    StoreOption,
    WorkersOption,
    given,
)
from selftaught.cli.output import complain, print_json, print_program, prints_go_to_stderr
from selftaught.cli.signals import stopped_by_signals

if TYPE_CHECKING:
    from selftaught.experiment import Experiment
    from selftaught.running.application import Improved

_EXAMPLES = """
Examples:

  selftaught improve lpn -o better.py             a task that comes with the package

  selftaught improve my_task.py -o better.py      a file with instance, score and algorithm

  selftaught improve my_task --model openai/gpt-4o --dollars 1

  selftaught improve lpn --improver greedy_iterative --json

  selftaught improve lpn --experiment my_experiment.toml    its budgets, its model

A task of your own to start from: selftaught new-task my_task
"""


def improve(  # noqa: PLR0913 - the command's options
    task: Annotated[
        str, typer.Argument(help="A task's id, or the path of a file or folder that is one.")
    ],
    *,
    experiment: Annotated[
        Path | None,
        typer.Option(
            help="TOML file of the experiment; its tasks are not used.", show_default=False
        ),
    ] = None,
    improver: ImproverOption = None,
    model: ModelOption = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File for the program.", show_default="stdout"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    seed: SeedOption = None,
    preset: PresetOption = None,
    detail: DetailOption = None,
    workers: WorkersOption = None,
    isolation: IsolationOption = None,
    store: StoreOption = None,
    name: NameOption = None,
    base_url: BaseUrlOption = None,
    price: PriceOption = None,
    cache: CacheOption = None,
    dollars: DollarsOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> int:
    """Improve a task's seed solution once, and compare the two on instances not seen before.

    Interrupted, the same command goes on, and pays for nothing twice.
    """
    from selftaught.experiment import load
    from selftaught.running.own_seed import seeded

    chosen = seeded(
        load(
            experiment,
            given(
                tasks=(task,),
                improver=improver,
                model=model,
                seed=seed,
                preset=preset,
                detail=detail,
                workers=workers,
                isolation=isolation,
                store=store,
                name=name,
            )
            | endpoint_options(base_url=base_url, price=price, cache=cache, dollars=dollars),
        )
    )
    if output is not None:
        check_writable(output, force=force)
    confirm(chosen, is_agreed=yes, applies_once=True)
    improved = applied(chosen, task)
    if improved is None:
        return 1
    has_failed = improved.status == "failed"
    is_kept = output is not None and not has_failed and write(improved.solution.text, output)
    file = output if is_kept else None
    if as_json:
        print_json(document(improved, task, file))
    else:
        if not is_kept and not has_failed:
            print_program(improved.solution.text)
        tell(improved, file, Asked(task, chosen, experiment, load(experiment, {})))
    return 1 if has_failed or (output is not None and not is_kept) else 0


improve.__doc__ = f"{improve.__doc__}\n{_EXAMPLES}"


def applied(experiment: Experiment, task: str) -> Improved | None:
    """Applies the improver; where that is cut short, says so and returns None."""
    from selftaught.cli.progress import Progress
    from selftaught.errors import RunCutShort
    from selftaught.running.application import Application

    what = f"task {task}, model {experiment.model}, improver {experiment.improver}"
    try:
        with prints_go_to_stderr(), Progress(experiment, what) as progress:
            application = Application(experiment, progress)
            with stopped_by_signals(application.stop):
                return application()
    except RunCutShort as error:
        complain(
            str(error),
            hint="what it has is kept: the same command, or one with a higher limit, goes on",
        )
        return None


def check_writable(path: Path, *, force: bool) -> None:
    """Tries to write a file, and leaves all as it was.

    Raises:
        UsageError: It cannot be written, or is there already and may not be replaced.
    """
    from selftaught.errors import UsageError

    try:
        if path.is_dir():
            raise UsageError(f"cannot write {path}: it is a folder")
        if not path.parent.is_dir():
            raise UsageError(f"cannot write {path}: there is no folder {path.parent}")
        if path.is_file() and path.stat().st_size and not force:
            raise UsageError(
                f"cannot write {path}: there is such a file; give another name, or replace it "
                "with --force"
            )
        if path.is_file():
            path.open("ab").close()
        elif not path.exists():
            path.open("xb").close()
            path.unlink()
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot write {str(path)[:200]}: {error}") from error


def write(program: str, path: Path) -> bool:
    """Writes a program to a file; where that fails, says so and returns False."""
    try:
        path.write_text(program + "\n", "utf-8")
    except OSError as error:
        complain(f"cannot write {path}: {error}; the program goes to stdout")
        return False
    return True


def document(improved: Improved, task: str, file: Path | None) -> dict[str, object]:
    """Returns what ``selftaught improve --json`` prints."""
    from dataclasses import asdict

    from selftaught.analysis.summary_json import comparison_json

    return {
        "run": improved.run,
        "task": task,
        "status": improved.status,
        "message": improved.message,
        "seed": improved.seed.id,
        "solution": improved.solution.id,
        "program": improved.solution.text,
        "file": None if file is None else str(file),
        "comparison": comparison_json(improved.comparison, names=("seed", "returned")),
        "spent": dict(improved.spent),
        "replies": asdict(improved.replies),
    }
