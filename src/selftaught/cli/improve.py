"""`selftaught improve`: one application of an improver."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selftaught.cli.output import JsonOption, StoreOption, print_json
from selftaught.cli.run import (
    ImproverOption,
    IsolationOption,
    ModelOption,
    PresetOption,
    SeedOption,
    WorkersOption,
    given,
    stopped_by_signals,
)

_EXAMPLES = """
Examples:

  selftaught improve lpn -o better.py             a task that comes with the package

  selftaught improve my_task.py -o better.py      a file with instance, score and algorithm

  selftaught improve lpn --improver greedy_iterative --json
"""


def improve(  # noqa: PLR0913 - the command's options
    task: Annotated[
        str, typer.Argument(help="A task's id, or the path of a file or folder that is one.")
    ],
    *,
    improver: ImproverOption = None,
    model: ModelOption = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File for the program.", show_default="stdout"),
    ] = None,
    seed: SeedOption = None,
    preset: PresetOption = None,
    workers: WorkersOption = None,
    isolation: IsolationOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Improve a task's seed solution once, and compare the two on instances not seen before."""
    from rich.console import Console

    from selftaught.application import Application
    from selftaught.cli.progress import Progress
    from selftaught.cli.tables import print_improved
    from selftaught.errors import UsageError
    from selftaught.experiment import load

    experiment = load(
        None,
        given(
            tasks=(task,),
            improver=improver,
            model=model,
            seed=seed,
            preset=preset,
            workers=workers,
            isolation=isolation,
            store=store,
        ),
    )
    if output is not None and not output.parent.is_dir():
        raise UsageError(f"cannot write {output}: there is no folder {output.parent}")
    what = f"task {task}, model {experiment.model}, improver {experiment.improver}"
    with Progress(experiment, what) as progress:
        application = Application(experiment, progress)
        with stopped_by_signals(application.stop):
            improved = application()
    if output is not None and improved.status != "failed":
        output.write_text(improved.solution.text + "\n", "utf-8")
    if as_json:
        print_json(document(improved, task))
    else:
        print_improved(improved, to=Console(stderr=True, highlight=False))
        if output is None and improved.status != "failed":
            typer.echo(improved.solution.text)
    return 1 if improved.status == "failed" else 0


improve.__doc__ = f"{improve.__doc__}\n{_EXAMPLES}"


def document(improved: object, task: str) -> dict[str, object]:
    """Returns what ``selftaught improve --json`` prints."""
    from selftaught.analysis.summary import comparison_json
    from selftaught.application import Improved

    assert isinstance(improved, Improved)
    return {
        "run": improved.run,
        "task": task,
        "status": improved.status,
        "message": improved.message,
        "solution": improved.solution.id,
        "program": improved.solution.text,
        "comparison": comparison_json(improved.comparison, names=("seed", "returned")),
        "spent": dict(improved.spent),
    }
