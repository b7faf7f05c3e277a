"""`selftaught run`: algorithm 1."""

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
from selftaught.cli.options import (
    DetailOption,
    ImproverOption,
    IsolationOption,
    JsonOption,
    ModelOption,
    NameOption,
    PresetOption,
    ProtocolOption,
    SeedOption,
    StoreOption,
    WorkersOption,
    given,
)
from selftaught.cli.output import print_json, prints_go_to_stderr
from selftaught.cli.signals import stopped_by_signals

if TYPE_CHECKING:
    from selftaught.experiment import Experiment

_EXAMPLES = """
Examples:

  selftaught run                                  one or two minutes, no key, no network

  selftaught run --iterations 4 --seed 1          more generations, other draws

  selftaught run --protocol paper --json          algorithm 1 as printed; numbers for a script

  selftaught run --protocol official-without:text_falls_apart

  selftaught run my_experiment.toml --seed 2      a file, and what differs from it

  selftaught run --model ollama/qwen3-coder       a model of a server; see: selftaught models

  selftaught run --model openai/gpt-4o --dollars 5
"""


def run(  # noqa: PLR0913 - the command's options
    experiment: Annotated[
        Path | None, typer.Argument(help="TOML file of the experiment.", show_default=False)
    ] = None,
    *,
    task: Annotated[
        list[str] | None,
        typer.Option(help="Downstream task: an id or a path; repeat for more.", show_default=False),
    ] = None,
    model: ModelOption = None,
    improver: ImproverOption = None,
    iterations: Annotated[
        int | None, typer.Option(help="T, the generations.  \\[default: 2]", show_default=False)
    ] = None,
    seed: SeedOption = None,
    protocol: ProtocolOption = None,
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
    """Improve an improver by itself, generation after generation (algorithm 1 of the paper)."""
    from selftaught import keeping
    from selftaught.experiment import load
    from selftaught.running.own_seed import seeded

    options = given(
        tasks=tuple(task) if task else None,
        model=model,
        improver=improver,
        iterations=iterations,
        seed=seed,
        protocol=protocol,
        preset=preset,
        detail=detail,
        workers=workers,
        isolation=isolation,
        store=store,
        name=name,
    ) | endpoint_options(base_url=base_url, price=price, cache=cache, dollars=dollars)
    recorded = keeping.recorded(options) if experiment is None else None
    chosen = recorded or seeded(load(experiment, options))
    confirm(chosen, is_agreed=yes)
    return carried_out(chosen, as_json=as_json)


def carried_out(chosen: Experiment, *, as_json: bool) -> int:
    """Runs an experiment, prints what came of it, and returns the exit code."""
    from selftaught.analysis.summary_json import as_json as document
    from selftaught.cli.progress import Progress, describe
    from selftaught.cli.tables import print_summary
    from selftaught.running.forecast import expected_sessions
    from selftaught.running.runner import Run

    sessions = expected_sessions(chosen)
    with prints_go_to_stderr(), Progress(chosen, describe(chosen), sessions=sessions) as progress:
        running = Run(chosen, progress)
        with stopped_by_signals(running.stop):
            summary = running()
    if as_json:
        print_json(document(summary))
    else:
        print_summary(summary)
    return 0 if summary.status == "done" else 1


run.__doc__ = f"{run.__doc__}\n{_EXAMPLES}"
