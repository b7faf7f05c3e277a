"""What a language model is told about a task, from next to nothing to all that there is.

The paper's descriptions are the essential source of a utility; replacing it by plain English gave
fewer improvements (section 4). How much of it is shown is chosen per experiment.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from selftaught.bound_source import bound_sources, literal
from selftaught.instances import unchanged

ENDLESS = 1_000_000
"""As the patience of a task: every call is made, however many time out."""


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
    utility: str = "the mean of score(answer, expected)"
    """What the utility is."""
    patience: int = ENDLESS
    """After so many time-outs in a row no further call is made."""


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
        f"utility is {rules.utility}. A call may use {time}"
        f"{rules.memory_bytes >> 20} MB of memory; one that fails scores {rules.failure:g}. "
        f"{_given_up(rules)}{rules.note}{' ' if rules.note else ''}"
        "The program runs by itself, without network or files."
    )
    heading = title.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    docstring = f"{heading}\n\n{textwrap.fill(text, 88)}\n"
    return f'"""{docstring}"""\n\n' + "\n\n\n".join(each.strip() for each in sources) + "\n"


def _given_up(rules: Rules) -> str:
    if rules.patience >= ENDLESS:
        return ""
    return (
        f"After {rules.patience} calls in a row that used up their time no further one is made: "
        f"each of the rest scores {rules.failure:g}. "
    )


class Judging(Protocol):
    """What decides a utility besides the text that draws and scores; see `Task`."""

    @property
    def score(self) -> Callable[..., object]: ...  # noqa: D102
    @property
    def caller(self) -> str: ...  # noqa: D102
    @property
    def adjust(self) -> Callable[..., object]: ...  # noqa: D102
    @property
    def aggregate(self) -> Callable[..., object]: ...  # noqa: D102
    @property
    def floor(self) -> float: ...  # noqa: D102
    @property
    def highest(self) -> float: ...  # noqa: D102
    @property
    def patience(self) -> int: ...  # noqa: D102


_JUDGING = '''\
class Verdict(NamedTuple):
    """What became of one call of the solution."""

    score: float
    failure: str = ""  # how the call failed; empty where it did not
    message: str = ""
    cpu_seconds: float = 0.0  # what the call used
    while_loading: bool = False  # it failed before the solution was called


def judge(call, expected):
    """Return the verdict on a call: it failed, or returned call.value."""
    if call.failure:
        return Verdict({floor}, call.failure, call.message, call.cpu_seconds, call.while_loading)
    try:
        value = float({score}(call.value, expected))
    except Exception as error:
        return Verdict({floor}, "bad answer", str(error), call.cpu_seconds)
    if not 0 <= value <= {highest}:
        return Verdict({floor}, "bad answer", "out of range", call.cpu_seconds)
    return Verdict(value, cpu_seconds=call.cpu_seconds)


def utility(calls, expected):
    """Return the utility of a solution from its calls and what each answer is judged by."""
    verdicts = []
    for call, each in zip(calls, expected):
{loop}    return {aggregate}(verdicts)
'''
_IMPATIENT = """\
        latest = [verdict.failure for verdict in verdicts[-{patience}:]]
        if len(latest) == {patience} and set(latest) <= {{"timed out", "not tried"}}:
            verdicts.append(Verdict({floor}, "not tried"))  # nor is any call after it
            continue
"""


def judging_source(judging: Judging) -> str:
    """Returns a text that, after the one that draws and scores, decides a utility.

    All of its names are bound there or in it.
    """
    # Without a caller, score is the function of that name in the text.
    own = [judging.score] if judging.caller else []
    changing = [] if judging.adjust is unchanged else [judging.adjust]
    verdict = f"{changing[0].__name__}(judge(call, each))" if changing else "judge(call, each)"
    floor, patience = literal(judging.floor), judging.patience
    gives_up = "" if patience >= ENDLESS else _IMPATIENT.format(patience=patience, floor=floor)
    text = _JUDGING.format(
        score=own[0].__name__ if own else "score",
        loop=f"{gives_up}        verdicts.append({verdict})\n",
        aggregate=judging.aggregate.__name__,
        floor=floor,
        highest=literal(judging.highest),
    )
    caller = [f"# In the process of the solution:\n{judging.caller}"] if judging.caller else []
    bound = bound_sources([*own, *changing, judging.aggregate])
    imports = [each for each in bound[:1] if each.startswith("import ")]
    head = "\n".join([*imports, "from typing import NamedTuple"])
    parts = [head, *caller, *bound[len(imports) :], text]
    return "\n\n\n".join(part.strip() for part in parts)
