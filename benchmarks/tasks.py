"""Measures what docs/tasks.md says of the tasks: anchors, and what each known defect does.

``uv run python benchmarks/tasks.py [--defects]``. Anchors are means over 400 instances; defects
are shown on the test split, where the research code has its published seeds.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from selftaught.budget import Budget
from selftaught.host import Host
from selftaught.instances import Split
from selftaught.language_models.scripted import Scripted
from selftaught.parts import find_task
from selftaught.place import Place
from selftaught.sandboxes.local import LocalSandbox
from selftaught.solution import Solution
from selftaught.task import Task
from selftaught.task_utility import TaskUtility
from selftaught.tasks import KNOWN, PRESETS
from selftaught.testing.defects import DEMONSTRATIONS
from selftaught.utility import Score

INSTANCES = 400


def main() -> None:
    """Prints the tables in Markdown."""
    with LocalSandbox() as sandbox, ThreadPoolExecutor(2) as executor:
        host = Host(Scripted([]), sandbox, executor, [].append, Budget("run", {}))
        if "--defects" in sys.argv:
            show_defects(host)
        else:
            show_anchors(host)


def show_anchors(host: Host) -> None:
    """Scores seed and reference of every preset but `paper` on many instances."""
    print("| task | preset | seed | reference | CPU seconds of the seed, per evaluation |")
    print("| --- | --- | ---: | ---: | ---: |")
    for name in KNOWN:
        for preset in PRESETS[name]:
            task = find_task(name, preset)
            if preset != "paper":
                many = replace(task, counts=dict.fromkeys(Split, INSTANCES))
                seed, reference = (
                    scored(many, program.text, host) for program in (task.seed, task.reference)
                )
                seconds = seed.cpu_seconds / INSTANCES * task.counts[Split.SEARCH]
                row = f"{seed.value:.3f} | {reference.value:.3f} | {seconds:.2f}"
                print(f"| {name} | {preset} | {row} |", flush=True)


def show_defects(host: Host) -> None:
    """Scores the demonstration of every defect with it and without it."""
    print("| task | defect | with it | without | plain program, with it | both in standard |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for shown in DEMONSTRATIONS:
        with_it, without, standard = (
            find_task(shown.task, preset)
            for preset in ("paper", f"paper-without:{shown.defect}", "standard")
        )
        values = [
            scored(task, program, host).value
            for task, program in (
                (with_it, shown.program),
                (without, shown.program),
                (with_it, shown.plain),
                (standard, shown.program),
                (standard, shown.plain),
            )
        ]
        texts = [f"{value:.6g}" if value < 0.001 else f"{value:.4f}" for value in values]
        last = " / ".join(texts[3:])
        row = " | ".join([*texts[:3], last])
        print(f"| {shown.task} | {shown.defect} | {row} |", flush=True)


def scored(task: Task, text: str, host: Host) -> Score:
    """Scores a program on the test split."""
    utility = TaskUtility(task, host, split=Split.TEST, stream="score")
    return utility.score(Solution(text), Place())


if __name__ == "__main__":
    main()
