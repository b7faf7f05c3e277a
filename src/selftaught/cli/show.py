"""`selftaught show`: runs and their results."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from selftaught.cli.options import JsonOption, StoreOption
from selftaught.cli.output import new_console, print_json, print_program

if TYPE_CHECKING:
    from selftaught.store import RunRecord

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
    from selftaught import journals
    from selftaught.analysis.summary_json import as_json as summary_json
    from selftaught.cli.tables import print_summary
    from selftaught.errors import UsageError
    from selftaught.store import default_store, without_password

    if run is None and program is not None:
        raise UsageError("--program needs the run it is from: selftaught show RUN --program ID")
    if run is None:
        where = without_password(store or default_store())
        _list(journals.runs(store), where, as_json=as_json)
        return 0
    summary = journals.show(run, store=store)
    if program is not None:
        text = journals.program(program, run=run, store=store)
        print_json({"program": program, "text": text}) if as_json else print_program(text)
    elif as_json:
        print_json(summary_json(summary))
    else:
        print_summary(summary)
    return 0


show.__doc__ = f"{show.__doc__}\n{_EXAMPLES}"


def _list(runs: Sequence[RunRecord], store: str, *, as_json: bool) -> None:
    from selftaught.cli.tables import print_table, table

    if as_json:
        print_json([asdict(record) for record in runs])
        return
    if not runs:
        typer.echo(f"No runs yet in {store}. Start with: selftaught run")
        return
    rows = table(f"Runs in {store}", "run", "started", "status")
    for record in runs:
        started = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.started))
        rows.add_row(record.run, started, record.status)
    print_table(new_console(), rows)
