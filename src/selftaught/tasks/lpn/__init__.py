"""Learning parity with noise (paper, section 5.1).

``standard``: the sizes of the paper; a failed instance costs only itself, and every session draws
instances of its own. ``hard``: so many bits that trying all parities does not fit into the time; at
the paper's size that gets 100 %. ``paper``: sizes, counts, draws and rules of the research code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum

from selftaught.description import Told
from selftaught.instances import Verdict, mean
from selftaught.sandbox import Limits
from selftaught.task import Anchors, Task
from selftaught.tasks import research
from selftaught.tasks.folder import folder_task, text_in
from selftaught.tasks.research import PAPER, as_in_the_paper, base_of, defects_in

_TITLE = "Learn a parity of some of the bits from labelled samples, with noise."
_SIZES = {
    "standard": {},
    # A table of all 2**32 parities does not fit into the memory either.
    "hard": {"N_BITS": 32, "N_TRAIN": 400},
}
_ANCHORS = Anchors(seed=0.5, reference=1.0)


class Defect(StrEnum):
    """What is known to be wrong with this task in the research code."""

    ONE_FAILURE = "one_failure"
    FLOOR = "floor"


DEFECTS: dict[StrEnum, str] = {
    Defect.ONE_FAILURE: "one call that fails makes the whole utility 0, or the floor",
    Defect.FLOOR: "a failed call gives 0.000001, which is not 0, so that no rule takes it for a "
    "failure; a program that cannot be loaded gives 0",
    research.Defect.FIXED_INSTANCES: research.FIXED_INSTANCES,
    research.Defect.MISLEADING_TEXT: "the text speaks of 3 instances and 0.1 s; there are 20 or "
    "50, and 2 s",
}


def task(preset: str) -> Task:
    """Returns the task in one of its presets."""
    in_paper = base_of(preset) == PAPER
    standard = folder_task(
        __name__,
        title=_TITLE,
        preset=preset,
        constants=_SIZES.get(preset),
        counts=(20, 20, 50) if in_paper else (6, 6, 12),
        limits=Limits(cpu_seconds=2.0 if in_paper else 1.0),
    )
    return _as_in_the_paper(standard) if in_paper else replace(standard, anchors=_ANCHORS)


def _as_in_the_paper(task: Task) -> Task:
    defects = defects_in(task.preset, DEFECTS, task=task.id)
    text = text_in(__name__, "paper_utility.py")
    spoiled = Defect.ONE_FAILURE in defects
    told = "If a call fails, the utility of the whole program is 0." if spoiled else ""
    ours = as_in_the_paper(
        task,
        defects,
        set(DEFECTS),
        scored=text,
        shown=text,
        told=Told(instances=3, cpu_seconds=0.1, note=told),
    )
    floor = 1e-6 if Defect.FLOOR in defects else 0.0
    if not spoiled:
        return replace(ours, floor=floor)
    note = f"If a call fails, the utility of the whole program is {floor:g}."
    return replace(ours, note=note, patience=1, aggregate=one_failure_fails_all(floor))


def one_failure_fails_all(floor: float) -> Callable[[Sequence[Verdict]], float]:
    """Returns the research code's rule.

    A time-out or an exception in a call gives the floor for the whole utility, and a program that
    cannot be loaded gives 0.
    """

    def aggregate(verdicts: Sequence[Verdict]) -> float:
        if verdicts[0].while_loading:
            return 0.0
        return floor if any(verdict.failure for verdict in verdicts) else mean(verdicts)

    return aggregate
