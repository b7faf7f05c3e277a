"""`selftaught tasks`, `improvers` and `models`: what can be named."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from selftaught.cli.options import JsonOption
from selftaught.cli.output import new_console, print_json

if TYPE_CHECKING:
    from selftaught.task import Task


@dataclass(frozen=True, slots=True)
class _Listing:
    title: str
    rows: list[dict[str, str]]
    note: str

    def show(self, *, as_json: bool) -> None:

        from selftaught.cli.tables import print_table, table, words

        if as_json:
            print_json(self.rows)
            return
        rows = table(self.title, *self.rows[0])
        for row in self.rows:
            rows.add_row(*(words(cell) for cell in row.values()))
        console = new_console()
        print_table(console, rows)
        console.print(words(self.note, style="dim"))


def tasks(*, as_json: JsonOption = False) -> None:
    """List the tasks that come with the package, with their presets, headroom and defects."""
    from selftaught import api
    from selftaught.cli.tables import print_table, table, words
    from selftaught.tasks import PRESETS

    found = api.list_tasks()
    if as_json:
        print_json([_as_row(task) | {"defects": dict(task.defects)} for task in found])
        return
    console = new_console()
    for name in PRESETS:
        presets = [_as_row(task) for task in found if task.id == name]
        console.print(words(f"{name}: {presets[0]['title']}", "bold"))
        rows = table("", "preset", "instances", "scores", "seed to reference", "")
        for row in presets:
            instances = row["instances (search / gate / test)"]
            anchors = row["seed to reference"]
            cells = (row["preset"], instances, row["scores"], anchors, row["special"])
            rows.add_row(*(words(cell) for cell in cells))
        print_table(console, rows)
    notes = (
        "Instances for search / gate / test; scores of the seed solution and of a strong one.",
        "A task of your own: selftaught improve my_task.py",
        "",
    )
    for note in notes:
        console.print(words(note, style="dim"))
    defects = [
        {"task": task.id, "defect": name, "what it does": what}
        for task in found
        for name, what in task.defects.items()
    ]
    leaving_out = "Without one or several: --preset paper-without:DEFECT,DEFECT"
    _Listing("Defects of the preset paper", defects, leaving_out).show(as_json=False)


def _as_row(task: Task) -> dict[str, str]:
    from selftaught.task import Split
    from selftaught.tasks import PRESETS

    anchors = task.anchors
    return {
        "task": task.id,
        "preset": task.preset,
        "title": task.title,
        "special": PRESETS[task.id][task.preset],
        "instances (search / gate / test)": " / ".join(str(task.counts[split]) for split in Split),
        "scores": f"0 to {task.highest:g}" if math.isfinite(task.highest) else "from 0 on",
        "seed to reference": f"{anchors.seed:.2f} to {anchors.reference:.2f}" if anchors else "-",
    }


def improvers(*, as_json: JsonOption = False) -> None:
    """List the improvers that come with the package."""
    from selftaught import api
    from selftaught.parts import improver_summary

    rows = [
        {"improver": name, "digest": program.id, "what it does": improver_summary(program)}
        for name, program in api.list_improvers().items()
    ]
    _Listing("Improvers", rows, "One of your own: --improver my_improver.py").show(as_json=as_json)


def models(*, as_json: JsonOption = False) -> None:
    """List the language models that can be named, and which keys are missing."""
    import os

    from selftaught import api
    from selftaught.language_models.servers.providers import OTHER_KEY, PROVIDERS

    rows = [
        {"model": name, "what it is": what, "key": "none needed"}
        for name, what in api.list_models().items()
    ]
    for name, provider in PROVIDERS.items():
        where = provider.base_url or "at the address of each customer: --base-url"
        key = provider.key or "none needed"
        if provider.key:
            key += ": set" if os.environ.get(provider.key) else ": missing"
        row = {"model": f"{name}/NAME", "what it is": f"{provider.title}, {where}", "key": key}
        rows.append(row)
    is_set = "set" if os.environ.get(OTHER_KEY) else "not set"
    rows.append(
        {
            "model": "any with --base-url",
            "what it is": "any server with OpenAI's interface: --model openai/NAME --base-url URL",
            "key": f"{OTHER_KEY}, if it wants one: {is_set}",
        }
    )
    note = (
        "Several: --model ensemble:openai/NAME=2,ollama/NAME=1. "
        "One of your own: --model module:name, which is called with the seed"
    )
    _Listing("Language models", rows, note).show(as_json=as_json)


for _command, _name in ((tasks, "tasks"), (improvers, "improvers"), (models, "models")):
    assert _command.__doc__
    _command.__doc__ += f"\n\nExample:\n\n  selftaught {_name} --json\n"
