"""What `selftaught improve` says at its end: the gain, the program, the price, and what is next."""

from __future__ import annotations

import difflib
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

    from selftaught.experiment import Experiment
    from selftaught.running.application import Improved

_LONGEST_DIFF = 80
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def tell(improved: Improved, task: str, file: Path | None, experiment: Experiment) -> None:
    """Prints what came of an application of an improver to stderr.

    Args:
        improved: What came of it.
        task: As the command line named it.
        file: Where the program was written; None: it went to stdout.
        experiment: What was done.
    """
    from rich.console import Console

    from selftaught.cli.tables import MODEL_NOTE, print_comparison, spent, words

    console = Console(stderr=True, highlight=False)
    if file is not None:
        for line in changes(improved):
            console.print(line, soft_wrap=True)
    if improved.comparison is not None:
        print_comparison(
            console,
            improved.comparison,
            names=("seed solution", f"returned ({improved.status})"),
            unit="new instances",
        )
    if improved.message:
        console.print(words(f"{improved.status.capitalize()}: {improved.message}"))
    console.print(words(spent(improved.spent), style="dim"))
    if experiment.model.partition(":")[0] == "editor":
        console.print(words(MODEL_NOTE, style="dim"))
    for line in where(improved, file):
        # Not broken into lines: paths and commands are copied.
        console.print(words(line), soft_wrap=True)
    console.print("Next:")
    for command, what in next_steps(improved, task, file, experiment):
        console.print(words(f"  {command}"), words(f"# {what}", style="dim"), soft_wrap=True)


def changes(improved: Improved) -> list[Text]:
    """Returns the lines in which a program differs from the seed solution; the first ones."""
    from selftaught.cli.tables import words

    before, after = (each.text.splitlines() for each in (improved.seed, improved.solution))
    lines = list(
        difflib.unified_diff(before, after, "seed solution", "better program", lineterm="")
    )
    shown = [words(line, _STYLES.get(line[:1], "")) for line in lines[:_LONGEST_DIFF]]
    if len(lines) > _LONGEST_DIFF:
        shown.append(words(f"... and {len(lines) - _LONGEST_DIFF} more lines", "dim"))
    return shown


def where(improved: Improved, file: Path | None) -> list[str]:
    """Returns where the program lies, in lines."""
    if improved.status == "failed":
        return []
    what = (
        "The better program" if improved.status == "improved" else "The seed solution, as it was,"
    )
    place = "was printed" if file is None else f"is in {file}"
    kept = f"selftaught show {improved.run} --program {improved.solution.id}"
    return [f"{what} {place}. The journal keeps it: {kept}"]


def next_steps(
    improved: Improved, task: str, file: Path | None, experiment: Experiment
) -> list[tuple[str, str]]:
    """Returns commands that make sense now, and what each is for."""
    named = f"selftaught improve {shlex.quote(task)}"
    if experiment.model != "editor":
        named += f" --model {shlex.quote(experiment.model)}"
    if experiment.endpoint.base_url:
        named += f" --base-url {shlex.quote(experiment.endpoint.base_url)}"
    steps = [(f"{named} --seed {experiment.seed + 1}", "the same with other draws")]
    if improved.status == "improved":
        program = shlex.quote(str(file or "better.py"))
        score = f"selftaught score {shlex.quote(task)} {program} --split test"
        steps.insert(0, (score, "what it scores on instances drawn anew"))
        return steps
    if experiment.improver == "seed":
        steps.append((f"{named} --improver greedy_iterative", "asks again about what was best"))
    if experiment.model == "editor":
        steps.append((f"{named} --model openai/gpt-4o", "a language model; see: selftaught models"))
    return steps
