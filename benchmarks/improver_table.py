"""Every task, every improver, the embedded model: what comes of it, and what it uses.

Prints two Markdown tables, and with ``--write`` puts them into docs/improvers.md; ``--help`` tells
what else can be chosen. It fails where an improver crashed or was refused anything. All improvers
get the same instances and the same randomness, whatever is measured beside them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from selftaught.analysis.intervals import FRACTIONS, Measured, estimate, in_words
from selftaught.budget import Budget, Unit
from selftaught.events import Event, Refused, SessionEnded
from selftaught.experiment import Experiment
from selftaught.host import Host
from selftaught.improvers import KNOWN as IMPROVERS
from selftaught.language_models.editor import Editor
from selftaught.meta_utility import Measurement, MetaUtility
from selftaught.parts import find_task, improver_summary, known_improver
from selftaught.place import Place
from selftaught.sandbox import Sandbox, Status
from selftaught.sandboxes.local import LocalSandbox
from selftaught.task import Split, Task
from selftaught.task_utility import TaskUtility
from selftaught.tasks import KNOWN as TASKS

PAGE = Path(__file__).parents[1] / "docs" / "improvers.md"
BEGIN, END = "<!-- improver_table begins -->", "<!-- improver_table ends -->"
SOURCES = {
    "annealing": "figure A.15",
    "bandit": "figure A.16",
    "beam_search": "figure A.10",
    "beam_search_decay": "figure A.11",
    "best_of_n": "control for table 1",
    "chain_of_thought": "section 5.1 (third version)",
    "early_seed": "figure A.19",
    "epsilon_greedy": "figure 5",
    "genetic": "figures A.7, A.9",
    "genetic_implicit": "figure A.8",
    "greedy_iterative": "section 5.1 (third version)",
    "hints": "figure A.17",
    "local_search": "figure A.14",
    "part_by_part": "figure A.12",
    "seed": "figure 2",
    "ucb": "figure A.13",
}
"""Where the paper has a strategy; A.n are figures of its appendices in the first version."""
UNITS = (Unit.CALLS, Unit.SAMPLES, Unit.EVALUATIONS)


@dataclass(frozen=True)
class Cell:
    """The sessions of one improver on one task."""

    scores: tuple[float, ...]
    """On the test split, of what was returned."""
    spent: tuple[float, ...]
    """Per session, by `UNITS`."""
    faults: tuple[str, ...]
    """Crashes and refusals, in words."""


def main() -> None:
    """Measures, prints and writes the tables."""
    asked = arguments()
    cells: dict[tuple[str, str], Cell] = {}
    starts: dict[str, float] = {}
    with LocalSandbox() as sandbox, ThreadPoolExecutor() as executor:
        for name in asked.tasks:
            task = find_task(name, "standard")
            starts[name] = start(task, sandbox, executor, repeats=asked.repeats)
            for improver in asked.improvers:
                cells[name, improver] = cell(
                    task, improver, sandbox, executor, repeats=asked.repeats
                )
                print(name, improver, cells[name, improver].scores, file=sys.stderr)
    faults = [fault for each in cells.values() for fault in each.faults]
    text = "\n\n".join(
        (
            usage(cells, asked.improvers),
            results(cells, starts, asked.improvers),
            f"Sessions per cell: {asked.repeats}. Crashes and refusals: {len(faults)}.",
        )
    )
    print(text)
    if asked.write:
        write(text)
    if faults:
        sys.exit("\n".join(faults))


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=1, help="sessions per cell")
    parser.add_argument("--tasks", nargs="+", default=sorted(TASKS), choices=sorted(TASKS))
    parser.add_argument("--improvers", nargs="+", default=list(IMPROVERS), choices=IMPROVERS)
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    return parser.parse_args()


def cell(task: Task, improver: str, sandbox: Sandbox, executor: Executor, *, repeats: int) -> Cell:
    """Runs the sessions of one improver on one task, within the default budget."""
    events: list[Event] = []
    budget = Budget("cell", {})
    host = Host(Editor(), sandbox, executor, events.append, budget)
    search = Measurement(Split.TEST, "table", repeats)
    session = Experiment().session.budget()
    utility = MetaUtility((task,), search=search, session=session, evaluations=1, host=host)
    scores = utility.measure(known_improver(improver), search, Place((task.id,)))
    used = dict(budget.spent)
    used[Unit.EVALUATIONS] -= repeats  # the scores of the results are the host's
    return Cell(
        scores,
        tuple(used[unit] / repeats for unit in UNITS),
        tuple(f"{task.id}, {improver}: {fault}" for event in events for fault in faults_of(event)),
    )


def faults_of(event: Event) -> list[str]:
    """Returns what an event tells against an improver."""
    match event:
        case SessionEnded(status=status, message=message) if status != Status.OK:
            return [message]
        case Refused(message=message):
            return [message]
        case _:
            return []


def start(task: Task, sandbox: Sandbox, executor: Executor, *, repeats: int) -> float:
    """Returns the score of the seed solution on the instances of the sessions."""
    host = Host(Editor(), sandbox, executor, lambda _: None, Budget("start", {}))
    streams = [f"{Split.TEST}/table/{task.id}/{repeat}" for repeat in range(repeats)]
    utilities = [TaskUtility(task, host, split=Split.TEST, stream=stream) for stream in streams]
    scores = [utility.score(task.seed, Place((task.id,))).value for utility in utilities]
    return sum(scores) / repeats


def usage(cells: dict[tuple[str, str], Cell], improvers: Sequence[str]) -> str:
    """Returns the table of strategies and of what they use."""
    rows = [["improver", "strategy", "source", "calls", "samples", "evaluations"]]
    for improver in improvers:
        spent = [each.spent for (_, name), each in cells.items() if name == improver]
        means = [sum(amounts) / len(amounts) for amounts in zip(*spent, strict=True)]
        summary = improver_summary(known_improver(improver))
        rows.append(
            [f"`{improver}`", summary, SOURCES.get(improver, ""), *(f"{x:.1f}" for x in means)]
        )
    return markdown(rows)


def results(
    cells: dict[tuple[str, str], Cell], starts: dict[str, float], improvers: Sequence[str]
) -> str:
    """Returns the table of test scores."""
    rows = [["improver", *starts], ["(seed solution)", *(f"{x:.3f}" for x in starts.values())]]
    for improver in improvers:
        shown = [score_text(cells[task, improver].scores) for task in starts]
        rows.append([f"`{improver}`", *shown])
    return markdown(rows)


def score_text(scores: Sequence[float]) -> str:
    """Writes a mean, and where there are several sessions its interval."""
    if len(scores) == 1:
        return f"{scores[0]:.3f}"
    return in_words(estimate(scores, of=Measured.SESSIONS, within=FRACTIONS))


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Writes a table; the first row is its head."""
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def write(text: str) -> None:
    """Puts the tables between the page's markers."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
