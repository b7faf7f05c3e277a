"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout, and nothing else there.")
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        help="File or URL of the journal. Default: $SELFTAUGHT_STORE, "
        "or a file in the user's data folder.",
        show_default=False,
    ),
]

ModelOption = Annotated[
    str | None, typer.Option(help="Language model; see: selftaught models.", show_default=False)
]
ImproverOption = Annotated[
    str | None,
    typer.Option(
        help="Improver: a name in `selftaught improvers`, or a program's path.", show_default=False
    ),
]
SeedOption = Annotated[
    int | None,
    typer.Option(
        help="Seed of all draws.  \\[default: 0 with `editor`, else a random one of yours]",
        show_default=False,
    ),
]
ProtocolOption = Annotated[
    str | None,
    typer.Option(
        help="paper, official, gated or independent.  \\[default: gated]  Without quirks of the "
        "research code: official-without:QUIRK,QUIRK of text_falls_apart and failure_is_zero.",
        show_default=False,
    ),
]
DetailOption = Annotated[
    str | None,
    typer.Option(
        help="What descriptions tell: black-box, grey-box or full-source.  \\[default: grey-box]",
        show_default=False,
    ),
]
PresetOption = Annotated[
    str | None,
    typer.Option(help="Preset of the tasks; see: selftaught tasks.", show_default=False),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        help="Evaluations at once; changes no result.  \\[default: cores]", show_default=False
    ),
]
IsolationOption = Annotated[
    str | None,
    typer.Option(
        help="Least isolation of programs: full or inner.  \\[default: full]", show_default=False
    ),
]

NameOption = Annotated[
    str | None,
    typer.Option(help="Name of the run; one that was interrupted goes on.", show_default=False),
]


def given(**options: object) -> dict[str, object]:
    """Returns the options that were given on the command line."""
    return {name: value for name, value in options.items() if value is not None}
