"""What a language model is told about a task, from next to nothing to all that there is.

The paper's descriptions are the essential source of a utility; replacing it by plain English gave
fewer improvements (section 4). How much of it is shown is chosen per experiment.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Detail(StrEnum):
    """How much a description tells."""

    BLACK_BOX = "black-box"
    """How a solution is called, and that a higher utility is better; the utility is a number."""
    GREY_BOX = "grey-box"
    """What is drawn, what is scored and the limits; the essential source."""
    FULL_SOURCE = "full-source"
    """Also whatever else decides the utility: the code that really draws, judges and sums up."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a description says of the evaluation."""

    entry: str
    """The function that a solution defines."""
    instances: int
    """How many a program is scored on."""
    cpu_seconds: float | None
    """What one call may use; None: nothing is said."""
    memory_bytes: int
    failure: float
    """Score of a call that failed."""
    note: str = ""
    """What else holds, in sentences."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a description says in place of what holds, where the two differ."""

    instances: int
    cpu_seconds: float | None = None
    """For one call; None: nothing is said."""
    note: str = ""
    """In place of the task's."""


def black_box(entry: str) -> str:
    """Returns a description that says nothing of the task."""
    return (
        f'"""A solution is a Python program that defines {entry}.\n\n'
        "Its utility is a number that is measured by calling the function; higher is better. The\n"
        'program runs by itself, without network or files.\n"""\n'
    )


def with_source(title: str, rules: Rules, *sources: str) -> str:
    """Returns a Python text: title and rules as its docstring, then the sources."""
    time = "" if rules.cpu_seconds is None else f"{rules.cpu_seconds:g} s of CPU time and "
    text = (
        f"A solution is a Python program that defines {rules.entry}. It is called with the "
        f"arguments of each of {rules.instances} instances, which are not known in advance; its "
        f"utility is the mean of score(answer, expected). A call may use {time}"
        f"{rules.memory_bytes >> 20} MB of memory; one that fails scores {rules.failure:g}. "
        f"{rules.note} The program runs by itself, without network or files."
    )
    heading = title.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    docstring = f"{heading}\n\n{textwrap.fill(text, 88)}\n"
    return "\n\n".join([f'"""{docstring}"""', *(source.strip() for source in sources)]) + "\n"


def source_of(function: Callable[..., object]) -> str:
    """Returns the text of a function, or says that it is not to be had."""
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return f"# {getattr(function, '__name__', 'a function')}: its source is not to be had"
