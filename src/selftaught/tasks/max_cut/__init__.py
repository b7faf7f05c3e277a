"""Maximum cut of a weighted graph (paper, section 5.2).

``standard``: how much more than half of the weight is cut, on graphs that the seed can cut in time.
``paper``: sizes, counts, draws and rules of the research code, which counts an edge between any two
labels and gives weights, not shares; one failure costs the whole utility, and the seed is too slow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum

from selftaught.description import Told
from selftaught.instances import Verdict, mean
from selftaught.sandbox import Limits
from selftaught.task import Anchors, Task
from selftaught.task_files.loading import with_constants
from selftaught.tasks import research
from selftaught.tasks.folder import folder_task, text_in
from selftaught.tasks.research import PAPER, as_in_the_paper, at_least, base_of, defects_in, patched

_TITLE = "Divide the nodes of a graph into two parts with much weight between them."
_ANCHORS = Anchors(seed=0.254, reference=0.295)
_FLOOR = 0.01


class Defect(StrEnum):
    """What is known to be wrong with this task in the research code."""

    MANY_LABELS = "many_labels"
    ONE_FAILURE = "one_failure"
    FLOOR = "floor"


DEFECTS: dict[StrEnum, str] = {
    Defect.MANY_LABELS: "labels need not be two: with a label for each node, every edge is cut",
    Defect.ONE_FAILURE: "one call that fails makes the whole utility 0, or the floor; a list of a "
    "wrong length makes it 0",
    Defect.FLOOR: "a program that fails scores 0.01",
    research.Defect.FIXED_INSTANCES: research.FIXED_INSTANCES,
    research.Defect.MISLEADING_TEXT: "the text speaks of 3 graphs of 300 nodes, no limit, and of "
    "exactly two labels; there are 100 of 50 to 200, and 0.1 s",
}
_TWO_LABELS = (
    "    cut = sum(",
    "    if len(set(labels)) != 2:\n        return 0.0\n    cut = sum(",
)
_TOLD = {"FEWEST_NODES": 300, "MOST_NODES": 300}
_WRONG_LENGTH = "wrong length"
"""As the score function says it."""


def task(preset: str) -> Task:
    """Returns the task in one of its presets."""
    in_paper = base_of(preset) == PAPER
    standard = folder_task(
        __name__,
        title=_TITLE,
        preset=preset,
        counts=(100, 100, 100) if in_paper else (6, 6, 12),
        limits=Limits(cpu_seconds=0.1 if in_paper else 0.5),
    )
    return _as_in_the_paper(standard) if in_paper else replace(standard, anchors=_ANCHORS)


def _as_in_the_paper(task: Task) -> Task:
    defects = defects_in(task.preset, DEFECTS, task=task.id)
    plain = text_in(__name__, "paper_utility.py")
    strict = patched(plain, _TWO_LABELS)
    ours = as_in_the_paper(
        task,
        defects,
        set(DEFECTS),
        scored=plain if Defect.MANY_LABELS in defects else strict,
        shown=with_constants(strict, _TOLD),
        told=Told(instances=3),
    )
    ours = replace(ours, highest=math.inf)
    floor = _FLOOR if Defect.FLOOR in defects else 0.0
    if Defect.ONE_FAILURE in defects:
        return replace(ours, patience=1, aggregate=first_failure_decides(floor))
    return replace(ours, aggregate=at_least(floor))


def first_failure_decides(floor: float) -> Callable[[Sequence[Verdict]], float]:
    """Returns the research code's rule."""

    def aggregate(verdicts: Sequence[Verdict]) -> float:
        for verdict in verdicts:
            if verdict.failure:
                return 0.0 if _WRONG_LENGTH in verdict.message else floor
        return max(mean(verdicts), floor)

    return aggregate
