"""`selftaught export`: a run as a file."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from selftaught.cli.options import JsonOption, StoreOption
from selftaught.cli.output import complain, print_json

_EXAMPLES = """
Examples:

  selftaught export RUN run.zip            a bundle: everything, for `selftaught import` elsewhere

  selftaught export RUN run.parquet        the events as a table, for pandas and others

  selftaught export RUN - --format jsonl   the same as lines of JSON on stdout
"""


def export_run(
    run: Annotated[str, typer.Argument(help="Name of a run.", show_default=False)],
    file: Annotated[
        str,
        typer.Argument(
            help="Path that ends with .zip, .jsonl or .parquet; - for stdout.", show_default=False
        ),
    ],
    *,
    format: Annotated[  # noqa: A002 - what everyone calls it
        str | None,
        typer.Option(
            help="bundle, jsonl or parquet. Default: by the file's suffix.", show_default=False
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Write a run to a file: as a bundle for another machine, or as a table of its events."""
    from selftaught import keeping
    from selftaught.errors import UsageError
    from selftaught.store.whole_file import STDOUT

    if as_json and file == STDOUT:
        raise UsageError("--json and the file cannot both go to stdout: give the path of a file")
    exported = keeping.export_run(run, file, format=format, replace=force, store=store)
    for server in exported.servers:
        complain(f"note: whoever has {file} can read that {server} was asked")
    if as_json:
        print_json(asdict(exported))
    elif file != STDOUT:
        unfinished = ", unfinished so far" if exported.status == "unfinished" else ""
        typer.echo(f"{run}{unfinished}: {exported.events} events to {file}; head {exported.head}")
    return 0


export_run.__doc__ = f"{export_run.__doc__}\n{_EXAMPLES}"
