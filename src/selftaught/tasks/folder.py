"""The texts in the folder of a task that comes with the package, and the `Task` made of them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

from selftaught.description import ENDLESS
from selftaught.instances import Split
from selftaught.sandbox import Limits
from selftaught.solution import Solution
from selftaught.task import Task
from selftaught.task_files.loading import functions_of, with_constants


def text_in(package: str, name: str) -> str:
    """Returns the text of a file of a package."""
    return (resources.files(package) / name).read_text("utf-8")


def folder_task(
    package: str,
    *,
    title: str,
    counts: tuple[int, int, int],
    limits: Limits,
    preset: str = "standard",
    constants: Mapping[str, object] | None = None,
) -> Task:
    """Makes a task of ``utility.py``, ``seed.py`` and ``reference.py``.

    Args:
        package: The task's package; its last name is the task's id.
        title: What is to be done, in a line.
        counts: Instances per evaluation in search, gate and test.
        limits: What a solution may use.
        preset: Name of the preset.
        constants: Other values for constants of the utility.
    """
    task_id = package.rpartition(".")[2]
    source = with_constants(text_in(package, "utility.py"), constants or {})
    instance, score = functions_of(source, f"{task_id}/utility.py")
    return Task(
        id=task_id,
        title=title,
        preset=preset,
        seed=Solution(text_in(package, "seed.py")),
        reference=Solution(text_in(package, "reference.py")),
        source=source,
        instance=instance,
        score=score,
        counts=dict(zip((Split.SEARCH, Split.GATE, Split.TEST), counts, strict=True)),
        limits=limits,
        patience=ENDLESS,  # no score may depend on the order of instances
    )
