"""`selftaught study`: the paper's figures and tables, and our controls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selftaught.cli.endpoint import (
    BaseUrlOption,
    CacheOption,
    PriceOption,
    YesOption,
    confirm_samples,
    endpoint_options,
)
from selftaught.cli.options import (
    DetailOption,
    ImproverOption,
    IsolationOption,
    JsonOption,
    ModelOption,
    PresetOption,
    ProtocolOption,
    SeedOption,
    StoreOption,
    WorkersOption,
    given,
)
from selftaught.cli.output import (
    about_model,
    complain,
    new_console,
    print_json,
    prints_go_to_stderr,
)
from selftaught.cli.signals import stopped_by_signals

if TYPE_CHECKING:
    from selftaught.studies.study import Report, Settings, Study

_EXAMPLES = """
Examples:

  selftaught study                                    which studies there are

  selftaught study meta-utility-curve --runs 2        figure 4, with the embedded model

  selftaught study transfer --figure transfer.svg     table 1, and a chart

  selftaught study transfer --from RUN --on max_cut   the final improver of a run, on one task

  selftaught study unsandboxing --runs 500            table 2, with 500 replies a condition

  selftaught study weak-models --model M --json       numbers for a script
"""


def study(  # noqa: PLR0913 - the command's options
    name: Annotated[
        str | None, typer.Argument(help="Name of a study; none: list them.", show_default=False)
    ] = None,
    *,
    experiment: Annotated[
        Path | None,
        typer.Option(help="TOML file of the experiment behind each run.", show_default=False),
    ] = None,
    runs: Annotated[
        int | None,
        typer.Option(
            help="Runs, or replies.  \\[default: as in the paper, where it has the study]",
            min=1,
            max=1_000_000,
        ),
    ] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(help="Downstream task; repeat for more.", show_default=False),
    ] = None,
    model: ModelOption = None,
    improver: ImproverOption = None,
    iterations: Annotated[
        int | None, typer.Option(help="T, the generations.", show_default=False)
    ] = None,
    protocol: ProtocolOption = None,
    seed: SeedOption = None,
    preset: PresetOption = None,
    detail: DetailOption = None,
    workers: WorkersOption = None,
    isolation: IsolationOption = None,
    base_url: BaseUrlOption = None,
    price: PriceOption = None,
    cache: CacheOption = None,
    dollars: Annotated[
        float | None,
        typer.Option(help="The most that a run of the study may spend.", show_default=False),
    ] = None,
    yes: YesOption = False,
    on: Annotated[
        list[str] | None,
        typer.Option(help="transfer: task to try it on; repeat for more.", show_default=False),
    ] = None,
    origin: Annotated[
        str | None,
        typer.Option("--from", help="transfer: use this run's improver.", show_default=False),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(help="Draw the figure into this .svg, .pdf or .png.", show_default=False),
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Answer a question of the paper with runs of one's own.

    A study that was interrupted goes on when the same command is given again; runs that are done
    are not repeated.
    """
    from selftaught.experiment import load
    from selftaught.running.own_seed import seeded
    from selftaught.studies.registry import find_study
    from selftaught.studies.study import Choice, Settings

    if name is None:
        return _list(as_json=as_json)
    asked = find_study(name)
    options = given(
        tasks=tuple(task) if task else None,
        model=model,
        improver=improver,
        iterations=iterations,
        protocol=protocol,
        seed=seed,
        preset=preset,
        detail=detail,
        workers=workers,
        isolation=isolation,
        store=store,
    ) | endpoint_options(base_url=base_url, price=price, cache=cache, dollars=dollars)
    special = {"on": on, "from": origin, "figure": figure, "runs": runs, "task": task}
    chosen = {f"--{name}" for name in options.keys() | given(**special)}
    asked.check_takes([choice for choice in Choice if choice in chosen])
    settings = Settings(
        asked.completed(seeded(load(experiment, options))),
        asked.runs if runs is None else runs,
        unseen=tuple(on or ()),
        origin=origin,
    )
    return _conducted(asked, settings, figure, as_json=as_json, is_agreed=yes)


study.__doc__ = f"{study.__doc__}\n{_EXAMPLES}"


def _list(*, as_json: bool) -> int:
    from selftaught.cli.tables import print_table, table
    from selftaught.studies.registry import all_studies

    studies = all_studies()
    if as_json:
        print_json(
            [{"name": each.name, "summary": each.summary, "runs": each.runs} for each in studies]
        )
        return 0
    rows = table("Studies: selftaught study NAME", "study", "runs", "question", right=("runs",))
    for each in studies:
        rows.add_row(each.name, str(each.runs), each.summary)
    print_table(new_console(), rows)
    return 0


def _conducted(
    asked: Study, settings: Settings, figure: Path | None, *, as_json: bool, is_agreed: bool
) -> int:
    from selftaught.cli.progress import Progress
    from selftaught.studies.figures import check_drawable, draw
    from selftaught.studies.study import Team

    if figure is not None:
        check_drawable(figure)
    cost = asked.cost(settings)
    complain(f"the study {asked.name} takes at most {cost}; what is done already is free")
    confirm_samples(settings.experiment, cost.samples, is_agreed=is_agreed)
    with (
        prints_go_to_stderr(),
        Progress(
            settings.experiment,
            asked.summary,
            sessions=cost.likely_sessions,
            replies=cost.samples,
            runs=asked.parts(settings),
        ) as progress,
    ):
        team = Team(progress, progress.begins_run)
        with stopped_by_signals(team.stop):
            report = asked.conduct(settings, team)
    if figure is not None and report.figure is not None:
        draw(report.figure, figure)  # before the report: what fails must not follow a document
        complain(f"drawn: {figure}")
    if as_json:
        about = {"study": report.study, "model": settings.experiment.model}
        print_json({**about, "runs": list(report.runs), **report.document})
    else:
        _print(report, settings.experiment.model)
    return 0


def _print(report: Report, model: str) -> None:
    from selftaught.cli.tables import print_table, table, words

    console = new_console()
    console.print(words(" ".join([f"Study {report.study}, model {model}.", *about_model(model)])))
    for each in report.tables:
        if not each.rows:
            console.print(words(f"{each.title}: {each.otherwise or 'nothing to show'}."))
            continue
        rows = table(each.title, *each.columns)
        for row in each.rows:
            rows.add_row(*row)
        print_table(console, rows)
    for note in report.notes:
        console.print(words(note))
    console.print(words(f"Behind it: {', '.join(report.runs)}", style="dim"))
