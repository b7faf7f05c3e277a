"""What commands print: results to stdout, all else to stderr."""

from __future__ import annotations

import json
import math
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, redirect_stdout, suppress
from typing import TYPE_CHECKING, Any

from selftaught.tasks import KNOWN

if TYPE_CHECKING:
    from rich.console import Console

_NOT_NEURAL = {
    "editor": "The model `editor` is a program editor, not a neural network.",
    "planted": "The model `planted` writes edits of known effect; it is no language model.",
}
_COMMANDS = ("Cc", "Cf", "Cs")
"""Categories of Unicode: control characters, directions of writing, halves of characters."""


def new_console(*, stderr: bool = False) -> Console:
    """Returns a console that adds nothing to a text: no colours, and no sign for ``:x:``."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, emoji=False)


def complain(message: str, *, hint: str = "", notes: Sequence[str] = ()) -> None:
    """Prints an error for the person who reads it: one line, with a hint; below it, its notes."""
    line = printable(" ".join(message.split()))
    separator = " " if line.endswith((".", "?")) else "; "
    lines = [f"selftaught: {line}{separator + hint if hint else ''}"]
    lines += [f"  {printable(' '.join(note.split()))}" for note in notes]
    with suppress(OSError):
        print("\n".join(lines), file=sys.stderr, flush=True)  # noqa: T201 - it copes with a stderr that is closed


def printable(text: str) -> str:
    r"""Returns a text without characters that tell a terminal to do something.

    Example:
        >>> printable("red: \x1b[31m")
        'red: \ufffd[31m'
    """
    return "".join(
        each if each in "\n\t" or unicodedata.category(each) not in _COMMANDS else "\ufffd"
        for each in text
    )


def prints_go_to_stderr() -> AbstractContextManager[object]:
    """Sends what the user's own code prints in the block to stderr: stdout is for the result."""
    return redirect_stdout(sys.stderr)


def print_program(text: str) -> None:
    """Prints a program on stdout: as it is for a file, without control characters for a person."""
    sys.stdout.write((printable(text) if sys.stdout.isatty() else text) + "\n")


def about_model(model: str) -> list[str]:
    """Says what a model is that comes with the package, lest it be taken for a neural network.

    Example:
        >>> about_model("editor:skill=0.3")
        ['The model `editor` is a program editor, not a neural network.']
    """
    return [note for name, note in _NOT_NEURAL.items() if re.search(rf"\b{name}\b", model)]


def tasks_in_words(tasks: Sequence[str], preset: str) -> str:
    """Returns the names of tasks, with the preset where one has presets.

    Example:
        >>> tasks_in_words(["lpn"], "hard"), tasks_in_words(["my_task.py"], "standard")
        ('lpn (hard)', 'my_task.py')
    """
    return ", ".join(tasks) + (f" ({preset})" if any(task in KNOWN for task in tasks) else "")


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
