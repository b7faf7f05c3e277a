"""What the embedded model replies to every bundled task's and improver's seed prompt.

``uv run python benchmarks/editor.py [--replies 100] [--run]``. Prints a Markdown table: how many
replies hold a program that parses and differs from its parent, how many distinct ones there are,
how many read a name that nothing defines, and the CPU time of a reply. With ``--run`` every program
that was made of an improver is applied once, in the sandbox, to a utility that reads a number off a
program: how many define the entry, how many return a program, and how many return the best one that
they scored.
"""

from __future__ import annotations

import argparse
import ast
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from selftaught.client import Request, replies_of
from selftaught.description import Detail
from selftaught.extraction import code_in, parses
from selftaught.improver import ENTRY
from selftaught.improvers import KNOWN as IMPROVERS
from selftaught.language_models.editor import Editor
from selftaught.language_models.editor.scopes import undefined_names
from selftaught.meta_utility import SessionBudget, describe
from selftaught.parts import find_task, known_improver
from selftaught.sandboxes.local import LocalSandbox
from selftaught.solution import Solution
from selftaught.tasks import KNOWN as TASKS
from selftaught.testing.applications import apply
from selftaught.testing.improvers import varied

REQUEST = """Here is a solution to a problem:
```python
{solution}
```

Its quality is measured by this utility:
```python
{utility}
```

Write a better solution. State your idea first, then give the whole program."""


@dataclass(frozen=True)
class Subject:
    """A program that the model is asked to better."""

    name: str
    program: str
    utility: str

    @property
    def message(self) -> str:
        """The request, as improvers write it."""
        return REQUEST.format(solution=self.program, utility=self.utility)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--replies", type=int, default=100, help="to each prompt")
    parser.add_argument("--skill", type=float, default=1.0, help="of the model, from 0 to 1")
    parser.add_argument("--run", action="store_true", help="run the programs made of improvers")
    asked = parser.parse_args()
    editor = Editor(skill=asked.skill)
    print("| prompt | parse | differ | distinct | undefined names | median ms | 90 % below ms |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    written: dict[str, list[str]] = {}
    taken: list[float] = []
    for subject in (*tasks(), *improvers()):
        written[subject.name], seconds = programs(editor, subject, asked.replies)
        taken += seconds
        print(row(subject, written[subject.name], seconds, asked.replies), flush=True)
    print(f"\nMedian of all {len(taken)} replies: {1e3 * statistics.median(taken):.1f} ms CPU time")
    if asked.run:
        show_runs({name: written[name] for name in IMPROVERS})


def tasks() -> list[Subject]:
    """Returns the seed solution of every task, with what a model is told of its utility."""
    found = [find_task(name, "standard") for name in TASKS]
    return [Subject(task.id, task.seed.text, task.describe(Detail.GREY_BOX)) for task in found]


def improvers() -> list[Subject]:
    """Returns every improver, with what a model is told of the meta-utility."""
    utility = describe(5, SessionBudget(), 8)
    return [Subject(name, known_improver(name).text, utility) for name in IMPROVERS]


def programs(editor: Editor, subject: Subject, count: int) -> tuple[list[str], list[float]]:
    """Returns the programs in as many replies that parse, and the CPU time of each reply."""
    found: list[str] = []
    seconds: list[float] = []
    for index in range(count):
        request = Request("You are an expert.", subject.message, 0.7, "benchmark", index)
        started = time.process_time()
        reply = replies_of(editor, [request])[0]
        seconds.append(time.process_time() - started)
        code = code_in(reply.text)
        if code is not None and parses(code):
            found.append(code)
    return found, seconds


def row(subject: Subject, found: list[str], seconds: Sequence[float], count: int) -> str:
    """Returns a row of the first table."""
    before = ast.unparse(ast.parse(subject.program))
    different = sum(ast.unparse(ast.parse(code)) != before for code in found)
    undefined = sum(bool(undefined_names(code)) for code in found)
    median, high = statistics.median(seconds), statistics.quantiles(seconds, n=10)[-1]
    cells = (f"{len(found)} of {count}", different, len(set(found)), undefined)
    times = (f"{1e3 * median:.1f}", f"{1e3 * high:.1f}")
    return f"| {subject.name} | {' | '.join(map(str, (*cells, *times)))} |"


def show_runs(written: dict[str, list[str]]) -> None:
    """Applies every program that was made of an improver."""
    print("\n| improver | programs | define the entry | return a program | return their best |")
    print("| --- | ---: | ---: | ---: | ---: |")
    with LocalSandbox() as sandbox:
        for name, found in written.items():
            applications = [apply(Solution(code), sandbox, varied) for code in found]
            returned = [each for each in applications if each.text is not None]
            best = sum(bool(each.scores) and is_best(each.text, each.scores) for each in returned)
            entries = sum(Solution(code).defines(ENTRY) for code in found)
            cells = (len(found), entries, len(returned), best)
            print(f"| {name} | {' | '.join(map(str, cells))} |", flush=True)


def is_best(text: str | None, scores: dict[str, float]) -> bool:
    """Tells whether nothing that was scored beats a program."""
    return text is not None and scores.get(text, 0.0) >= max(scores.values())


if __name__ == "__main__":
    main()
