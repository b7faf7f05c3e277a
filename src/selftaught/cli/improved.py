"""What `selftaught improve` says at its end: the gain, the program, the price, and what is next."""

from __future__ import annotations

import difflib
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

    from selftaught.experiment import Experiment
    from selftaught.running.application import Improved

_LONGEST_DIFF = 80
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    task: str
    """As it was named."""
    experiment: Experiment
    """What was done."""
    source: Path | None
    """The file of the experiment."""
    described: Experiment
    """The experiment of the file alone, or the defaults."""

    def again(self, **changes: str | int) -> str:
        """Returns the command that does the same but for some options."""
        parts = ["selftaught", "improve", self.task]
        parts += [] if self.source is None else ["--experiment", str(self.source)]
        for name in ("model", "improver", "preset", "detail"):
            value = changes.get(name, getattr(self.experiment, name))
            parts += [f"--{name}", value] if value != getattr(self.described, name) else []
        base_url = self.experiment.endpoint.base_url
        parts += ["--base-url", base_url] if base_url != self.described.endpoint.base_url else []
        parts += ["--seed", str(changes["seed"])] if "seed" in changes else []
        return shlex.join(map(str, parts))


def tell(improved: Improved, file: Path | None, asked: Asked) -> None:
    """Prints what came of an application of an improver to stderr.

    Args:
        improved: What came of it.
        file: Where the program was written; None: it went to stdout.
        asked: What was asked for.
    """
    from selftaught.cli.output import about_model, new_console
    from selftaught.cli.tables import print_comparison, spent, words

    console = new_console(stderr=True)
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
    for line in _remarks(improved):
        console.print(words(line))
    console.print(words(spent(improved.spent), style="dim"))
    for line in about_model(asked.experiment.model):
        console.print(words(line, style="dim"))
    for line in where(improved, file):
        # Not broken into lines: paths and commands are copied.
        console.print(words(line), soft_wrap=True)
    console.print("Next:")
    for command, what in next_steps(improved, file, asked):
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


def _remarks(improved: Improved) -> list[str]:
    """Says what went wrong, as far as something did."""
    from selftaught.analysis.replies import in_words

    failure = f"{improved.status.capitalize()}: {improved.message}" if improved.message else ""
    return [line for line in (failure, in_words(improved.replies)) if line]


def where(improved: Improved, file: Path | None) -> list[str]:
    """Returns where the program lies, in lines."""
    if improved.status == "failed":
        return []
    what = (
        "The better program" if improved.status == "improved" else "The seed solution, as it was,"
    )
    place = "was printed" if file is None else f"is in {file}"
    return [f"{what} {place}. The journal keeps it: {_kept(improved)}"]


def _kept(improved: Improved) -> str:
    return f"selftaught show {improved.run} --program {improved.solution.id}"


def next_steps(improved: Improved, file: Path | None, asked: Asked) -> list[tuple[str, str]]:
    """Returns commands that make sense now, and what each is for."""
    experiment = asked.experiment
    other_draws = (asked.again(seed=experiment.seed + 1), "the same with other draws")
    if improved.status == "improved":
        return [_with_the_program(improved, file, asked.task), other_draws]
    steps: list[tuple[str, str]] = [other_draws]
    if experiment.improver == "seed":
        named = asked.again(improver="greedy_iterative")
        steps.append((named, "asks again about what was best"))
    if experiment.model == "editor":
        named = asked.again(model="openai/gpt-4o")
        steps.append((named, "a language model; see: selftaught models"))
    return steps


def _with_the_program(improved: Improved, file: Path | None, task: str) -> tuple[str, str]:
    if file is None:
        return f"{_kept(improved)} > better.py", "into a file, as -o better.py does at once"
    score = shlex.join(["selftaught", "score", task, str(file), "--split", "test"])
    return score, "what it scores on instances drawn anew"
