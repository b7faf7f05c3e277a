"""`selftaught score`: the utility of a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from selftaught.cli.options import IsolationOption, JsonOption, PresetOption, WorkersOption, given
from selftaught.cli.output import new_console, print_json, printable, prints_go_to_stderr

if TYPE_CHECKING:
    from selftaught.running.application import ProgramScore

_EXAMPLES = """
Examples:

  selftaught score lpn seed                       the seed solution

  selftaught score lpn reference --split test     a strong solution, on the test split

  selftaught score my_task.py better.py --json
"""


def score(  # noqa: PLR0913 - the command's options
    task: Annotated[
        str, typer.Argument(help="A task's id, or the path of a file or folder that is one.")
    ],
    program: Annotated[str, typer.Argument(help="A program's path, or: seed, reference.")],
    *,
    split: Annotated[str, typer.Option(help="search, gate or test.")] = "search",
    preset: PresetOption = None,
    seed: Annotated[
        int | None,
        typer.Option(
            help="Seed of all draws.  \\[default: a random one of yours]", show_default=False
        ),
    ] = None,
    workers: WorkersOption = None,
    isolation: IsolationOption = None,
    as_json: JsonOption = False,
) -> int:
    """Score a program on a task's instances."""
    from selftaught.analysis.intervals import in_full
    from selftaught.experiment import load
    from selftaught.lookup import unknown
    from selftaught.parts import find_solution, find_task
    from selftaught.running.application import score as score_program
    from selftaught.running.own_seed import unguessable
    from selftaught.task import Split

    if split not in list(Split):
        raise unknown("split", split, Split, other="")
    given_options = given(preset=preset, seed=seed, workers=workers, isolation=isolation)
    experiment = unguessable(load(None, given_options))
    with prints_go_to_stderr():
        found = find_task(task, experiment.preset)
        solution = find_solution(found, program)
        result = score_program(found, solution, split=Split(split), experiment=experiment)
    if as_json:
        print_json(document(result))
    else:
        console = new_console()
        what = f"{result.task} ({result.preset}), split {result.split}, seed {result.seed}"
        console.print(printable(f"{what}: {in_full(result.score)}"), markup=False)
        for line in failed(result):
            console.print(printable(line), markup=False)
    return 0


score.__doc__ = f"{score.__doc__}\n{_EXAMPLES}"


def document(result: ProgramScore) -> dict[str, object]:
    """Returns what ``selftaught score --json`` prints."""
    from selftaught.analysis.summary_json import interval_json

    numbers = interval_json(result.score) or {}
    return {
        "task": result.task,
        "preset": result.preset,
        "split": str(result.split),
        "seed": result.seed,
        "score": numbers.pop("mean"),
        **numbers,
        "outcome": result.outcome,
        "message": result.message,
        "failures": dict(result.failures),
    }


def failed(result: ProgramScore) -> list[str]:
    """Returns how many instances failed, and the first failure, in lines; none where all went."""
    if not result.failures:
        return []
    kinds = ", ".join(_counted(kind, count) for kind, count in result.failures.items())
    total = sum(result.failures.values())
    return [
        f"{total} of {result.score.n} instances failed: {kinds}",
        f"The first, {result.outcome}: {result.message}",
    ]


_THINGS = ("error", "bad answer", "broken channel")
"""Kinds of failures that have a plural; the others say what happened."""


def _counted(kind: str, count: int) -> str:
    return f"{count} {kind}s" if kind in _THINGS and count > 1 else f"{count} {kind}"
