"""Improvers on one task, in the same sessions: a run in the journal that studies share."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from selftaught.experiment import Experiment
from selftaught.parts import find_task
from selftaught.running.measuring import Measuring, Sessions, sessions_of
from selftaught.solution import Solution
from selftaught.studies.study import Team, named

Name = TypeVar("Name", bound=Hashable)


def side_by_side(
    improvers: Mapping[Name, Solution], experiment: Experiment, task: str, team: Team
) -> tuple[str, dict[Name, Sessions]]:
    """Measures improvers on the test split of a task, and tells in which run.

    Args:
        improvers: The improvers, by name.
        experiment: Names the model, the seed, what a session may spend, and how many there are.
        task: The task's name.
        team: Carries it out.

    Raises:
        RunCutShort: It was stopped, or reached a limit.
    """
    programs = list(improvers.values())
    of_task = experiment.model_copy(update={"tasks": (task,)})
    digests = [program.digest for program in programs]
    this = named(of_task, experiment.seed, prefix="measure", also=digests)
    team.carry_out(Measuring(this, programs, team.watch))
    found = sessions_of(this, programs, find_task(task, experiment.preset).id)
    return str(this.name), dict(zip(improvers, found, strict=True))
