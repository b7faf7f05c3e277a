"""Learning parity without noise (paper, section 5.2).

``standard``: the sizes of the paper; elimination modulo 2 gets 100 %. ``hard``: so many bits that
trying parities one by one is out of reach. ``paper``: sizes, counts, draws and rules of the
research code, which compares arrays of any shape.
"""

from __future__ import annotations

import math
from dataclasses import replace
from enum import StrEnum

from selftaught.description import Told
from selftaught.sandbox import Limits
from selftaught.task import Anchors, Task
from selftaught.task_files.loading import with_constants
from selftaught.tasks import research
from selftaught.tasks.folder import folder_task, text_in
from selftaught.tasks.research import PAPER, as_in_the_paper, base_of, defects_in, patched

_TITLE = "Learn a parity of some of the bits from labelled samples, without noise."
_SIZES = {"standard": {}, "hard": {"N_BITS": 48}}
_ANCHORS = Anchors(seed=0.5, reference=1.0)
_TOLD_SAMPLES = 80
_FLATTENED = (
    "    return float(np.sum(np.array(answer) == expected) / N_TEST)",
    "    predictions = np.array(answer).reshape(-1)\n"
    "    if predictions.shape != expected.shape:\n"
    "        return 0.0\n"
    "    return float(np.sum(predictions == expected) / N_TEST)",
)
_LIMITS = Limits(
    cpu_seconds=10.0,  # the research code has no limit; this one keeps a loop from being endless
    message_bytes=1 << 20,  # an answer is compared with every label, at 20 times its size
)


class Defect(StrEnum):
    """What is known to be wrong with this task in the research code."""

    SHAPE = "shape"


DEFECTS: dict[StrEnum, str] = {
    Defect.SHAPE: "an answer of another shape is compared with every label: a column of 20 labels "
    "scores about 10, which is 1000 %",
    research.Defect.FIXED_INSTANCES: research.FIXED_INSTANCES,
    research.Defect.MISLEADING_TEXT: "the text speaks of 3 instances of 80 training samples; there "
    "are 20 of 100",
}


def task(preset: str) -> Task:
    """Returns the task in one of its presets."""
    in_paper = base_of(preset) == PAPER
    standard = folder_task(
        __name__,
        title=_TITLE,
        preset=preset,
        constants=_SIZES.get(preset),
        counts=(20, 20, 20) if in_paper else (20, 20, 40),
        limits=_LIMITS if in_paper else Limits(cpu_seconds=1.0),
    )
    return _as_in_the_paper(standard) if in_paper else replace(standard, anchors=_ANCHORS)


def _as_in_the_paper(task: Task) -> Task:
    defects = defects_in(task.preset, DEFECTS, task=task.id)
    is_hacked = Defect.SHAPE in defects
    text = patched(text_in(__name__, "paper_utility.py"), *([] if is_hacked else [_FLATTENED]))
    ours = as_in_the_paper(
        task,
        defects,
        set(DEFECTS),
        scored=text,
        shown=with_constants(text, {"N_TRAIN": _TOLD_SAMPLES}),
        told=Told(instances=3),
    )
    # One call that never ends would hold up the research code for ever.
    return replace(ours, highest=math.inf if is_hacked else 1.0, patience=1)
