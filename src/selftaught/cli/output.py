"""What commands print: results to stdout, all else to stderr."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from typing import Annotated, Any

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


def complain(message: str, *, hint: str = "") -> None:
    """Prints an error for the person who reads it: one line, and a hint."""
    line = " ".join(message.split())
    sys.stderr.write(f"selftaught: {line}{'; ' + hint if hint else ''}\n")


def print_json(document: Mapping[str, Any] | list[Any]) -> None:
    """Prints a document on stdout; what is no number in JSON becomes null."""
    sys.stdout.write(json.dumps(_finite(document), indent=2, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _finite(value: Any) -> Any:  # noqa: ANN401 - any plain data
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
