"""String grid distance (paper, section 5.2; problem 1852D of Codeforces in other words).

The distance of two texts of A and B is the number of places where they differ, and of changes of
letter within each. ``standard``: the draws and scores of the paper; every session draws instances
of its own. ``paper``: counts and seeds of the research code.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from selftaught.description import Told
from selftaught.sandbox import Limits
from selftaught.task import Anchors, Task
from selftaught.tasks import research
from selftaught.tasks.folder import folder_task
from selftaught.tasks.research import PAPER, as_in_the_paper, base_of, defects_in

_TITLE = "Find a text of A and B at a given distance from another one."
_ANCHORS = Anchors(seed=0.443, reference=1.0)

DEFECTS: dict[StrEnum, str] = {
    research.Defect.FIXED_INSTANCES: research.FIXED_INSTANCES,
    research.Defect.MISLEADING_TEXT: "the text speaks of 10 instances; there are 50",
}


def task(preset: str) -> Task:
    """Returns the task in one of its presets."""
    in_paper = base_of(preset) == PAPER
    standard = folder_task(
        __name__,
        title=_TITLE,
        preset=preset,
        counts=(50, 50, 50) if in_paper else (20, 20, 40),
        limits=Limits(cpu_seconds=0.1),
    )
    if not in_paper:
        return replace(standard, anchors=_ANCHORS)
    return as_in_the_paper(
        standard,
        defects_in(preset, DEFECTS, task=standard.id),
        set(DEFECTS),
        scored=standard.source,
        shown=standard.source,
        told=Told(instances=10, cpu_seconds=0.1),
    )
