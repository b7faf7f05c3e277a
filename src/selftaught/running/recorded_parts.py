"""Tasks and improvers as a record keeps them: enough to execute a run again without their code."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from selftaught.description import Detail
from selftaught.errors import ProgramError
from selftaught.solution import Solution
from selftaught.task import Split, Task, independent_seeds


def parts_as_recorded(
    kind: str, improver: Solution, tasks: Sequence[Task], *, detail: Detail
) -> dict[str, object]:
    """Returns what the record of a run keeps of its parts.

    Args:
        kind: What is done with them: ``run`` or ``improve``.
        improver: I_0, or the improver that is applied.
        tasks: The downstream tasks.
        detail: How much their descriptions tell.
    """
    recorded = [_as_recorded(task, detail) for task in tasks]
    return {"kind": kind, "improver": improver, "tasks": recorded}


def _as_recorded(task: Task, detail: Detail) -> dict[str, object]:
    draws = {tuple(task.draw_seeds(0, Split.GATE, stream, 1)) for stream in ("a", "b")}
    return {
        "id": task.id,
        "title": task.title,
        "preset": task.preset,
        "digest": task.digest,
        "seed": task.seed,
        "description": task.describe(detail),
        "counts": {str(split): task.counts[split] for split in Split},
        "draws_vary": len(draws) > 1,
        "highest": task.highest if math.isfinite(task.highest) else None,
    }


@dataclass(frozen=True)
class RecordedTask(Task):
    """A task that knows how it was scored, and cannot score."""

    recorded_digest: str = ""
    recorded_description: str = ""

    @property
    def digest(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride] - it is cached there
        """Of the task that it stands for."""
        return self.recorded_digest

    def describe(self, detail: Detail = Detail.GREY_BOX) -> str:  # noqa: ARG002 - what was told, was
        """Returns what a language model was told about the task."""
        return self.recorded_description


def tasks_of(parts: Mapping[str, object]) -> tuple[Task, ...]:
    """Returns the tasks of a record; every program that the journal has no score of gets 0."""
    recorded = cast("Sequence[Mapping[str, Any]]", parts["tasks"])
    return tuple(_task(each) for each in recorded)


def improver_of(parts: Mapping[str, object]) -> Solution:
    """Returns the improver of a record."""
    return cast("Solution", parts["improver"])


def _task(recorded: Mapping[str, Any]) -> RecordedTask:
    return RecordedTask(
        id=recorded["id"],
        title=recorded["title"],
        preset=recorded["preset"],
        seed=recorded["seed"],
        source="",
        instance=_no_instance,
        score=_no_score,
        counts={split: recorded["counts"][split] for split in Split},
        draw_seeds=independent_seeds if recorded["draws_vary"] else _same_seeds,
        recorded_digest=recorded["digest"],
        recorded_description=recorded["description"],
    )


def _same_seeds(run_seed: int, split: Split, stream: str, count: int) -> list[int]:
    del run_seed, stream
    return independent_seeds(0, split, "", count)


def _no_instance(seed: int) -> tuple[tuple[object, ...], object]:
    del seed
    return (), None


def _no_score(answer: object, expected: object) -> float:
    del answer, expected
    raise ProgramError("the journal has no such score")
