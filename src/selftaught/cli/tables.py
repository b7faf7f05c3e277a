"""Results as tables for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from selftaught.acceptance import fate
from selftaught.analysis.comparison import Comparison
from selftaught.analysis.intervals import Estimate, bounds, legend, number
from selftaught.analysis.pace import Course
from selftaught.analysis.replies import in_words
from selftaught.analysis.summary import Iteration, RunSummary
from selftaught.cli.output import about_model, new_console, printable, tasks_in_words
from selftaught.events import ApplicationEnded

_NUMBERS = ("t", "utility", "95 % interval")
"""Columns that are never broken or cut."""
_OF_STUDIES = {"measure": "measurements of improvers", "replies": "replies of a language model"}
"""Kinds of runs that only a study can make sense of, and what they hold."""
ALPHA = 0.05
"""The p below which a comparison is said to show something."""


def table(title: str, *columns: str, right: Sequence[str] = ()) -> Table:
    """Returns an empty table in the house style; the columns in `right` are numbers."""
    made = Table(
        title=words(title),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        title_style="bold",
        pad_edge=False,
    )
    for column in columns:
        is_number = column in right
        made.add_column(
            column, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold"
        )
    return made


def words(text: str, style: str = "") -> Text:
    """Returns a text as it is, without markup and without control characters."""
    return Text(printable(text), style)


def print_table(console: Console, rows: Table) -> None:
    """Prints a table; where the terminal is too narrow for it, a line for each of its cells."""
    if console.measure(rows, options=console.options.update(width=1000)).minimum <= console.width:
        console.print(rows)
        return
    console.print(rows.title)
    for cells in zip(*(column.cells for column in rows.columns), strict=True):
        console.print()
        for column, cell in zip(rows.columns, cells, strict=True):
            name = f"{column.header}: " if column.header else ""
            console.print(words(name, "bold"), cell, sep="")
    console.print()


def two_lines(value: Estimate | None, *, sign: bool = False) -> str:
    """Returns a mean above its interval, which is narrow enough for a table of many columns."""
    return "-" if value is None else f"{number(value.mean, sign=sign)}\n{bounds(value, sign=sign)}"


def with_n(name: str, values: Sequence[Estimate | None]) -> str:
    """Returns the head of a column of means, with the n of each of them.

    Example:
        >>> with_n("gate", [None])
        'gate'
    """
    counts = sorted({value.n for value in values if value is not None})
    return f"{name}, n = {' or '.join(map(str, counts))}" if counts else name


def print_summary(summary: RunSummary) -> None:
    """Prints a run: its generations, and the champion against the seed improver."""
    console = new_console()
    if summary.application is not None:
        print_application(console, summary, summary.application)
        return
    if summary.kind in _OF_STUDIES:
        print_part_of_study(console, summary)
        return
    experiment = summary.experiment
    tasks = tasks_in_words(cast("list[str]", experiment["tasks"]), str(experiment["preset"]))
    heading = (
        f"Run {summary.run}: {tasks}, model {experiment['model']}, "
        f"protocol {experiment['protocol']}, seed {experiment['seed']}"
    )
    measured = {
        split: [getattr(each, split) for each in summary.iterations]
        for split in ("search", "gate", "test")
    }
    heads = [with_n(split, values) for split, values in measured.items()]
    rows = table(heading, "t", "improver", "", *heads, right=("t", *heads))
    for each, *values in zip(summary.iterations, *measured.values(), strict=True):
        verdict = fate(each.challenger, accepted=each.accepted)
        scores = map(two_lines, values)
        rows.add_row(str(each.t), each.improver.id, verdict if each.t else "seed", *scores)
    print_table(console, rows)
    note = "  " + legend([value for values in measured.values() for value in values])
    told = "Meta-utility of I_t, the one that stays; improvers are selected on search."
    console.print(words(f"  {told}\n{note}", style="dim"))
    print_trials(console, summary.iterations[1:])
    for each in summary.iterations[1:]:
        console.print(words(f"  t = {each.t}: {each.reason}", style="dim"))
    console.print()
    print_outcome(console, summary)


def print_trials(console: Console, iterations: Sequence[Iteration]) -> None:
    """Prints how every challenger fared against the incumbent, also those that were rejected."""
    trials = [(each, each.trial) for each in iterations if each.trial is not None]
    if not trials:
        return
    heads = ("its gate", "incumbent's", with_n("gain", [trial.gain for _, trial in trials]))
    title = "Every challenger, in the same gate sessions as the incumbent"
    console.print()
    rows = table(title, "t", "challenger", "", *heads, right=("t", *heads))
    for each, trial in trials:
        verdict = fate(each.challenger, accepted=each.accepted)
        gates = (number(trial.champion.mean), number(trial.seed.mean))
        name = each.challenger.id if each.challenger else ""
        rows.add_row(str(each.t), name, verdict, *gates, two_lines(trial.gain, sign=True))
    print_table(console, rows)
    console.print(words("  p below is one-sided: is the challenger better?", style="dim"))


def print_part_of_study(console: Console, summary: RunSummary) -> None:
    """Prints what a run is that belongs to a study."""
    experiment = summary.experiment
    heading = (
        f"Run {summary.run}: {_OF_STUDIES[summary.kind]} for a study, model {experiment['model']}, "
        f"seed {experiment['seed']}: {summary.status}"
    )
    console.print(words(heading, "bold"))
    console.print("What they came to, and how to go on: the `selftaught study` that began the run.")
    for line in history(summary):
        console.print(words(line, style="dim"))
    _print_spent(console, summary)


def print_application(console: Console, summary: RunSummary, application: ApplicationEnded) -> None:
    """Prints one application of an improver to a task."""
    experiment = summary.experiment
    console.print(
        words(
            f"Run {summary.run}: improver {experiment['improver']} applied once to "
            f"{application.task}, model {experiment['model']}, seed {experiment['seed']}: "
            f"{application.status}",
            "bold",
        )
    )
    if summary.comparison is not None:
        print_comparison(
            console,
            summary.comparison,
            names=("seed solution", "returned"),
            unit="instances that the improver has not seen",
        )
    if application.message:
        console.print(words(application.message))
    _print_spent(console, summary)


def print_outcome(console: Console, summary: RunSummary) -> None:
    """Prints how a run ended and what it cost."""
    if summary.status != "done":
        console.print(
            words(f"The run is {summary.status}: {summary.reason or 'no end was written'}")
        )
        console.print(f"To go on where it stands: selftaught run --name {summary.run}")
    elif summary.comparison is None:
        console.print("The run ends with the seed improver: nothing better was found.")
    else:
        print_comparison(
            console,
            summary.comparison,
            names=(
                "seed improver",
                f"final improver ({summary.champion.id if summary.champion else ''})",
            ),
            unit="sessions on instances that neither has seen",
        )
    for line in history(summary):
        console.print(words(line, style="dim"))
    _print_spent(console, summary)
    for line in waiting(summary.course):
        console.print(words(line, style="dim"))
    for line in about_model(str(summary.experiment["model"])):
        console.print(words(line, style="dim"))
    console.print(words(f"Again: selftaught show {summary.run}", style="dim"))


def waiting(course: Course) -> list[str]:
    """Returns how long generations took, and what was scored in vain; a line each."""
    lines: list[str] = []
    if course.unasked:
        cost = spent({str(unit): amount for unit, amount in course.unasked.items()})
        cost = cost.removeprefix("Spent: ")
        lines.append(f"Of that, for improvers that were scored ahead and not asked for: {cost}.")
    if course.paces:
        shown = ", ".join(
            f"t = {pace.t} {pace.ratio:.2f} ({pace.seconds:.1f} s of {pace.critical_seconds:.1f} s)"
            for pace in course.paces
        )
        lines.append(f"Achieved / critical path (calls that wait for each other): {shown}.")
    return lines


def history(summary: RunSummary) -> list[str]:
    """Returns what interrupted a run, and where it comes from; a line each."""
    lines: list[str] = []
    if fork := summary.fork:
        lines.append(f"Forked from {fork.origin} after generation {fork.t}.")
    if summary.resumptions:
        times = "once" if summary.resumptions == 1 else f"{summary.resumptions} times"
        lines.append(f"Interrupted and taken up again {times}.")
    if summary.diverged:
        lines.append(
            f"{summary.diverged} sessions asked for other things after an interruption than before "
            "it: their improvers are not deterministic, and some replies were paid for in vain."
        )
    return lines


def print_comparison(
    console: Console, comparison: Comparison, *, names: tuple[str, str], unit: str
) -> None:
    """Prints two things side by side, and whether the second is better."""
    n = comparison.seed.n
    rows = table(f"On the test split: {n} {unit}", "", "utility", "95 % interval", right=_NUMBERS)
    for name, value in zip(
        (*names, "gain"), (comparison.seed, comparison.champion, comparison.gain), strict=True
    ):
        sign = name == "gain"
        rows.add_row(name, number(value.mean, sign=sign), bounds(value, sign=sign))
    print_table(console, rows)
    console.print(words(verdict(comparison)))
    values = (comparison.seed, comparison.champion, comparison.gain)
    console.print(words(legend(values), style="dim"))


def verdict(comparison: Comparison) -> str:
    """Returns what a comparison shows, in a sentence."""
    n, p, gain = comparison.gain.n, comparison.p, comparison.gain
    if p <= ALPHA and gain.is_above_0:
        return f"Better: {n} pairs, one-sided sign-flip p = {p:.2g}."
    if comparison.p_of_loss <= ALPHA and gain.is_below_0:
        return f"Worse: {n} pairs, one-sided sign-flip p = {comparison.p_of_loss:.2g}."
    return f"Not shown to be better: {n} pairs, one-sided sign-flip p = {p:.2g}."


def _print_spent(console: Console, summary: RunSummary) -> None:
    if told := in_words(summary.replies):
        console.print(words(told))
    console.print(words(spent(summary.spent), style="dim"))


def spent(amounts: Mapping[str, float]) -> str:
    """Returns what was spent, in a line.

    Example:
        >>> spent({"seconds": 2.34, "tokens": 12_000, "calls": 1, "dollars": 0.0123})
        'Spent: 1 call, 12,000 tokens, 0.0123 dollars, 2.3 seconds'
    """
    named = [_amount(unit, amounts[unit]) for unit in _UNITS if amounts.get(unit)]
    return "Spent: " + (", ".join(named) or "nothing")


_UNITS = ("calls", "samples", "tokens", "dollars", "evaluations", "seconds")


def _amount(unit: str, amount: float) -> str:
    if math.isnan(amount):
        return f"{unit} not known"
    match unit:
        case "dollars":
            return f"{amount:.2f} dollars" if amount >= 1 else f"{amount:.4f} dollars"
        case "seconds":
            return f"{amount:.1f} seconds"
        case _:
            return f"{amount:,.0f} {unit if amount != 1 else unit.removesuffix('s')}"
