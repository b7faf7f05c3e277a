"""`selftaught new-task`: a task of one's own to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from selftaught.cli.options import JsonOption
from selftaught.cli.output import print_json

_EXAMPLES = """
Examples:

  selftaught new-task route_planning

  selftaught new-task route_planning --directory tasks
"""


def new_task(
    name: Annotated[str, typer.Argument(help="Letters, digits and '_'.", show_default=False)],
    *,
    directory: Annotated[
        Path, typer.Option(help="Where the folder is made.", show_default="the current one")
    ] = Path(),
    as_json: JsonOption = False,
) -> int:
    """Write the folder of a task that works at once, to be made your own."""
    from selftaught import api
    from selftaught.templates.task import FILES

    folder = api.new_task(name, directory)
    if as_json:
        print_json({"task": name, "folder": str(folder), "files": list(FILES)})
        return 0
    path = shlex.quote(str(folder))
    typer.echo(f"{folder} has {', '.join(FILES[1:])}, and a README.md that says what they need.\n")
    steps = {
        f"selftaught score {path} seed": "its seed solution",
        f"selftaught score {path} reference": "a strong solution",
        f"selftaught improve {path} -o better.py": "a better program, with the embedded editor",
        f"selftaught improve {path} --model openai/gpt-4o --dollars 1": "with a language model",
    }
    width = max(map(len, steps))
    for command, what in steps.items():
        typer.echo(f"  {command:{width}}  # {what}")
    return 0


new_task.__doc__ = f"{new_task.__doc__}\n{_EXAMPLES}"
