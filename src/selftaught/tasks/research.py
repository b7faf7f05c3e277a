"""What the presets `paper` have in common: the research code's seeds, and its defects as switches.

A defect pays for what is no solution, or hides what is one. The preset ``paper`` has them all;
``paper-without:sign,slowness`` leaves some out, so that the effect of each can be measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from enum import StrEnum

from selftaught.description import ENDLESS, Told
from selftaught.instances import Split, Verdict, independent_seeds, mean
from selftaught.lookup import WITHOUT, left_out
from selftaught.task import Task
from selftaught.task_files.loading import functions_of

PAPER = "paper"
_WITHOUT = f"{PAPER}{WITHOUT}"
_SEEDS = {Split.SEARCH: 4321, Split.TEST: 5678, Split.GATE: 8765}
"""The research code has the first two; the gate is ours."""


class Defect(StrEnum):
    """Defects of the research code that all its tasks share."""

    MISLEADING_TEXT = "misleading_text"
    FIXED_INSTANCES = "fixed_instances"


FIXED_INSTANCES = (
    "every evaluation draws the same instances, from seeds that are published: a program that "
    "knows them knows the answers"
)


def base_of(preset: str) -> str:
    """Returns the preset without what it leaves out.

    Example:
        >>> base_of("paper-without:sign"), base_of("standard")
        ('paper', 'standard')
    """
    return PAPER if preset.startswith(_WITHOUT) else preset


def defects_in(preset: str, known: Mapping[StrEnum, str], *, task: str) -> dict[StrEnum, str]:
    """Returns the defects that are left in a preset, with what they do.

    Args:
        preset: ``paper``, or ``paper-without:`` and names of defects with commas between them.
        known: All defects of the task, and what they do.
        task: The task's id, for the message.

    Raises:
        UsageError: A name is not that of a defect; the message lists those that exist.
    """
    names = left_out(preset, PAPER, known, kind=f"defect of {task}")
    return {defect: what for defect, what in known.items() if defect not in names}


def as_in_the_paper(
    task: Task,
    defects: Mapping[StrEnum, str],
    known: Set[StrEnum],
    *,
    scored: str,
    shown: str,
    told: Told,
) -> Task:
    """Returns a task by the research code's rules.

    Args:
        task: The task in its standard form.
        defects: Those that are left in.
        known: All defects of the task.
        scored: The text that draws and scores.
        shown: The text that language models read, if the defect `misleading_text` is left in.
        told: What the description says of counts and limits, in the same case.
    """
    instance, score = functions_of(scored, f"{task.id}/paper_utility.py")
    misleads = Defect.MISLEADING_TEXT in defects
    left_out = sorted(known - set(defects))
    return replace(
        task,
        preset=_WITHOUT + ",".join(left_out) if left_out else PAPER,
        source=shown if misleads else scored,
        scoring_source=scored,
        told=told if misleads else None,
        instance=instance,
        score=score,
        draw_seeds=research_seeds if Defect.FIXED_INSTANCES in defects else independent_seeds,
        defects={str(defect): what for defect, what in defects.items()},
        patience=ENDLESS,
        anchors=None,
    )


def research_seeds(run_seed: int, split: Split, stream: str, count: int) -> list[int]:  # noqa: ARG001
    """Returns the research code's seeds, whatever the run and the stream."""
    return [_SEEDS[split] + number for number in range(count)]


def at_least(floor: float) -> Callable[[Sequence[Verdict]], float]:
    """Returns the mean, but never less than a floor."""

    def aggregate(verdicts: Sequence[Verdict]) -> float:
        return max(mean(verdicts), floor)

    return aggregate


def patched(text: str, *patches: tuple[str, str]) -> str:
    """Returns a text with passages replaced, each of which it must hold once."""
    for old, new in patches:
        assert text.count(old) == 1, f"expected once: {old!r}"
        text = text.replace(old, new)
    return text
