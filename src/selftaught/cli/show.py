"""`selftaught show`: runs and their results."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from selftaught.cli.output import JsonOption, StoreOption, print_json

if TYPE_CHECKING:
    from selftaught.events import Event
    from selftaught.store import Journal, RunRecord

_EXAMPLES = """
Examples:

  selftaught show                                 all runs

  selftaught show 20261122-131502-3f9a            one run

  selftaught show RUN --program 9af1c2d3e4f5      a program of a run, by the digits in its tables
"""


def show(
    run: Annotated[str | None, typer.Argument(help="Name of a run.", show_default=False)] = None,
    *,
    program: Annotated[
        str | None, typer.Option(help="Print the program with this id.", show_default=False)
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show a run, a program of a run, or all runs."""
    from selftaught.store import Journal, default_store

    with closing(Journal(store or default_store())) as journal:
        if run is None:
            _list(journal.runs(), journal.url, as_json=as_json)
        elif program is not None:
            text = _known(journal, run).program(program)
            print_json({"program": program, "text": text}) if as_json else typer.echo(text)
        else:
            from selftaught.analysis.summary import SUMMARY_EVENTS

            _summary(_known(journal, run).events(run, kinds=SUMMARY_EVENTS), as_json=as_json)
    return 0


show.__doc__ = f"{show.__doc__}\n{_EXAMPLES}"


def _known(journal: Journal, run: str) -> Journal:
    from selftaught.lookup import unknown

    names = [record.run for record in journal.runs()]
    if run not in names:
        raise unknown("run", run, names, other="--store, if it is in another journal")
    return journal


def _list(runs: Sequence[RunRecord], url: str, *, as_json: bool) -> None:
    from rich.console import Console

    from selftaught.cli.tables import table

    if as_json:
        print_json([asdict(record) for record in runs])
        return
    if not runs:
        typer.echo(f"No runs yet in {url}. Start with: selftaught run")
        return
    rows = table(f"Runs in {url}", "run", "started", "status")
    for record in runs:
        started = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.started))
        rows.add_row(record.run, started, record.status)
    Console(highlight=False).print(rows)


def _summary(events: Iterable[Event], *, as_json: bool) -> None:
    from selftaught.analysis.summary import as_json as document
    from selftaught.analysis.summary import summarise
    from selftaught.cli.tables import print_summary

    summary = summarise(events)
    if as_json:
        print_json(document(summary))
    else:
        print_summary(summary)
