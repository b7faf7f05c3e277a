"""`selftaught bound`: how many tasks a claim about all improvers would need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from selftaught.cli.options import JsonOption
from selftaught.cli.output import new_console, print_json

if TYPE_CHECKING:
    from selftaught.analysis.bounds import Bound

_HELP = (
    "The meta-utility of an improver is measured on a few tasks, and the improver was chosen "
    "because it did well there. How far can the measured value be from the true one, the mean over "
    "all tasks that could have been drawn? Lemma 1 of the paper answers, for every improver up to "
    "a length at once: less than epsilon, except with probability delta, where\n\n"
    "  epsilon = square root of ((length * ln(alphabet) + ln(1 / delta)) / tasks)\n\n"
    "So the improver that measures best is truly within 2 epsilon of the best. Utilities lie "
    "between 0 and 1: an epsilon of 1 or more says nothing. The command then warns, and tells how "
    "many tasks would be needed. Beside it stand the sharper value that the same proof gives, and "
    "the value for one improver that was fixed before the tasks were drawn: what fresh tasks are "
    "good for.\n\n"
    "Tasks must be drawn independently. Copies of one task count as one."
)
_EXAMPLES = """
Examples:

  selftaught bound                        at the scale of the paper's experiments

  selftaught bound --tasks 100000 --epsilon 0.05

  selftaught bound --tasks 500 --length 40 --alphabet 2 --rounds 3 --json
"""
_COPIES = (
    "Tasks must be independent draws. Five copies of one task, as in the paper's experiments, are "
    "one draw: their mean is off by the noise of the model alone."
)
_CHOOSING = (
    "By choosing, 2 epsilon: how much worse than the truly best the improver can be that measures "
    "best. Utilities lie between 0 and 1, so that 1 or more is vacuous: it says nothing."
)
_ROUNDS = (
    "Rounds on one task depend on each other and do not count as tasks: for the mean over the "
    "rounds lemma 1 stays as it is."
)


def bound(  # noqa: PLR0913 - the command's options
    *,
    tasks: Annotated[int, typer.Option(help="How many tasks improvers are measured on.")] = 5,
    length: Annotated[int, typer.Option(help="Characters of the longest improver.")] = 2000,
    alphabet: Annotated[int, typer.Option(help="How many different characters there are.")] = 128,
    delta: Annotated[float, typer.Option(help="Chance that the bound fails.")] = 0.05,
    epsilon: Annotated[float, typer.Option(help="The epsilon that you want.")] = 0.1,
    rounds: Annotated[
        int, typer.Option(help="How often the improver is applied to each task, one on another.")
    ] = 1,
    as_json: JsonOption = False,
) -> None:
    """Tell what measured meta-utilities say about improvers in general (lemma 1)."""
    from selftaught.analysis.bounds import chosen_beforehand, hoeffding, iterated

    over_rounds = iterated(tasks, rounds=rounds, length=length, alphabet=alphabet, delta=delta)
    bounds = {"lemma 1": over_rounds.mean}
    if rounds > 1:
        bounds[f"lemma 1, each of {rounds:,} rounds at once"] = over_rounds.each
    bounds["sharper, by the same proof"] = hoeffding(
        tasks, length=length, alphabet=alphabet, delta=delta
    )
    bounds["one improver, fixed before"] = chosen_beforehand(tasks, delta=delta)
    rows = [_row(name, each, epsilon) for name, each in bounds.items()]
    # Of one improver there is nothing to choose.
    rows[-1] |= {"selection_loss": None, "selection_is_vacuous": None}
    if as_json:
        asked = {"tasks": tasks, "length": length, "alphabet": alphabet, "delta": delta}
        print_json(asked | {"wanted_epsilon": epsilon, "rounds": rounds, "bounds": rows})
        return
    title = (
        f"{tasks:,} tasks, improvers of at most {length:,} characters of {alphabet:,} kinds.\n"
        f"With probability {1 - delta:.6g} measured and true meta-utility differ by less than\n"
        "epsilon: of all these improvers at once; in the last row, of one"
    )
    notes = [_CHOOSING, _COPIES]
    if rounds > 1:
        notes.insert(0, _ROUNDS)
    _print(title, rows, epsilon, notes)


def _row(name: str, each: Bound, epsilon: float) -> dict[str, object]:
    return {
        "bound": name,
        "epsilon": each.epsilon,
        "selection_loss": each.selection_loss,
        "selection_is_vacuous": each.selection_is_vacuous,
        "is_vacuous": each.is_vacuous,
        "least_tasks": each.least_tasks,
        "tasks_needed": each.tasks_needed(epsilon),
        "warning": each.warning,
    }


def _print(title: str, rows: list[dict[str, object]], epsilon: float, notes: list[str]) -> None:
    from selftaught.cli.tables import print_table, table, words

    console = new_console()
    numbers = ("epsilon", "by choosing", "tasks for epsilon < 1", f"for {epsilon:g}")
    shown = table(title, "bound", *numbers, right=numbers)
    for row in rows:
        counts = (f"{row['least_tasks']:,}", f"{row['tasks_needed']:,}")
        shown.add_row(words(str(row["bound"])), f"{row['epsilon']:.3g}", _loss(row), *counts)
    print_table(console, shown)
    for row in rows:
        if row["warning"]:
            console.print(words(f"Warning, {row['bound']}: {row['warning']}.", "yellow"))
    for note in notes:
        console.print(words(note, "dim"))


def _loss(row: dict[str, object]) -> str:
    if row["selection_loss"] is None:
        return "-"
    return f"{row['selection_loss']:.3g}{' (vacuous)' if row['selection_is_vacuous'] else ''}"


bound.__doc__ = f"{bound.__doc__}\n\n{_HELP}\n{_EXAMPLES}"
