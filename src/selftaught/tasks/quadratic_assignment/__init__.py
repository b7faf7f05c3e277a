"""Modified quadratic assignment (paper, section 5.2).

Facilities are assigned to locations; the cost is flow times distance over all pairs, less a part of
the preferences. ``standard``: a lower cost scores more. ``paper``: sizes, counts, draws and rules
of the research code, where the score is the cost, so that the seed, which lowers it, scores less
than doing nothing.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from selftaught.description import Told
from selftaught.instances import Verdict, mean, unchanged
from selftaught.sandbox import Limits
from selftaught.task import Anchors, Task
from selftaught.task_files.loading import with_constants
from selftaught.tasks import research
from selftaught.tasks.folder import folder_task, text_in
from selftaught.tasks.research import PAPER, as_in_the_paper, at_least, base_of, defects_in, patched

_TITLE = "Assign facilities to locations at a low cost."
_ANCHORS = Anchors(seed=0.142, reference=0.174)
_SQUARES = 15 * 15


class Defect(StrEnum):
    """What is known to be wrong with this task in the research code."""

    SIGN = "sign"
    SLOWNESS = "slowness"
    NO_PERMUTATION = "no_permutation"
    FLOOR = "floor"


DEFECTS: dict[StrEnum, str] = {
    Defect.SIGN: "the score is the cost, so that the dearest assignment is best, and the seed, "
    "which lowers it, scores less than doing nothing",
    Defect.SLOWNESS: "the seconds that a call takes are added to what is scored",
    Defect.NO_PERMUTATION: "only the set of all entries is checked: 15 equal locations pass, if "
    "all locations follow them",
    Defect.FLOOR: "a program that fails always scores 0.01",
    research.Defect.FIXED_INSTANCES: research.FIXED_INSTANCES,
    research.Defect.MISLEADING_TEXT: "the text speaks of 20 instances, of 0.01 s and 500 ms, and "
    "of the cost itself; there are 10 of 0.5 s, and the cost is divided by 225",
}
_MENDED = {
    Defect.SIGN: ("return cost / SCALE", "return 1 - cost / SCALE"),
    Defect.NO_PERMUTATION: (
        "if set(answer) != set(range(N)):",
        "if sorted(answer) != list(range(N)):",
    ),
}


def task(preset: str) -> Task:
    """Returns the task in one of its presets."""
    in_paper = base_of(preset) == PAPER
    standard = folder_task(
        __name__,
        title=_TITLE,
        preset=preset,
        counts=(10, 10, 10) if in_paper else (6, 6, 12),
        limits=Limits(cpu_seconds=0.5),
    )
    return _as_in_the_paper(standard) if in_paper else replace(standard, anchors=_ANCHORS)


def _as_in_the_paper(task: Task) -> Task:
    defects = defects_in(task.preset, DEFECTS, task=task.id)
    mended = [patch for defect, patch in _MENDED.items() if defect not in defects]
    text = patched(text_in(__name__, "paper_utility.py"), *mended)
    ours = as_in_the_paper(
        task,
        defects,
        set(DEFECTS),
        scored=text,
        shown=with_constants(text, {"SCALE": 1}),
        told=Told(
            instances=20,
            cpu_seconds=0.01,
            note="A call that takes more than 500 milliseconds is a failure.",
        ),
    )
    return replace(
        ours,
        title="Assign facilities to locations; return the objective, where higher is better.",
        highest=1.1,
        adjust=slowness_pays if Defect.SLOWNESS in defects else unchanged,
        aggregate=at_least(0.01) if Defect.FLOOR in defects else mean,
    )


def slowness_pays(verdict: Verdict) -> Verdict:
    """Adds the seconds of the call to the objective, as the research code does.

    It measures the time that passes; here it is CPU time, so that a busy machine changes nothing.
    """
    if verdict.failure or not verdict.score:
        return verdict
    return verdict._replace(score=verdict.score + verdict.cpu_seconds / _SQUARES)
