"""`selftaught import`: a run from a bundle."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from selftaught.cli.options import JsonOption, StoreOption
from selftaught.cli.output import print_json

_EXAMPLES = """
Examples:

  selftaught import run.zip                check a bundle and add its run

  selftaught import run.zip --name theirs  add it under another name
"""


def import_run(
    file: Annotated[str, typer.Argument(help="Path of a bundle.", show_default=False)],
    *,
    name: Annotated[
        str | None,
        typer.Option(
            help="Name of the run here. Default: the one that it has.", show_default=False
        ),
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Add the run of a bundle, after checking every byte of it; nothing is added otherwise."""
    from selftaught import keeping

    imported = keeping.import_run(file, name=name, store=store)
    if as_json:
        print_json(asdict(imported))
    elif imported.added:
        typer.echo(f"Imported {imported.run}: {imported.events} events; head {imported.head}")
        typer.echo(f"See it with: selftaught show {imported.run}")
    else:
        typer.echo(f"The run {imported.run} is here already, and the same; head {imported.head}")
    return 0


import_run.__doc__ = f"{import_run.__doc__}\n{_EXAMPLES}"
