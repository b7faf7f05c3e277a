"""An improver as it was found, on a task that it never saw, beside others in the same sessions.

All draw the same instances, session by session. Two of them may ask for as many samples as the
improver really used: the comparison that table 1 of the paper lacks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from selftaught.analysis.comparison import Comparison, compare
from selftaught.analysis.intervals import Estimate, Measured, Range, estimate
from selftaught.experiment import Experiment, SessionLimits
from selftaught.parts import find_task, known_improver
from selftaught.running.measuring import Sessions
from selftaught.solution import Solution
from selftaught.studies.side_by_side import side_by_side
from selftaught.studies.study import Team
from selftaught.task import Anchors

NOTHING = Solution(
    '''def improve_algorithm(initial_solution, utility, language_model):
    """Change nothing."""
    return initial_solution
'''
)
"""What it returns scores u(s)."""


class Column(StrEnum):
    """Who is measured."""

    SOLUTION = "seed_solution"
    SEED = "seed_improver"
    IMPROVED = "improved_improver"
    BEST_OF_N = "best_of_n"
    """The seed improver's one idea, as often as samples allow."""
    GREEDY = "greedy_iterative"

    @property
    def heading(self) -> str:
        """As tables and charts call it."""
        return "u(s)" if self is Column.SOLUTION else self.replace("_", " ")


MATCHED = (Column.BEST_OF_N, Column.GREEDY)
"""Those that get as many samples as the improved improver used."""
RIVALS = (Column.SEED, *MATCHED)
"""Whom it is compared with."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of an improver on a task."""

    task: str
    matched: SessionLimits
    """What a session of those in `MATCHED` could spend."""
    sessions: Mapping[Column, Sessions]
    runs: tuple[str, ...]
    """Names of the runs in the journal."""
    within: Range
    """Where scores of the task can lie."""
    anchors: Anchors | None
    """The 0 and the 1 of the task's scale, where it has one."""

    def mean(self, column: Column) -> Estimate:
        """Returns the meta-utility of a column on the task."""
        return estimate(self.sessions[column].scores, of=Measured.SESSIONS, within=self.within)

    def gain_over(self, rival: Column) -> Comparison:
        """Compares the improved improver with a rival, session by session."""
        scores = self.sessions[rival].scores, self.sessions[Column.IMPROVED].scores
        return compare(*scores, of=Measured.SESSIONS, within=self.within)


@dataclass(frozen=True, slots=True)
class Pair:
    """What self-improvement began with, and what it ended with."""

    seed: Solution
    improved: Solution


def tried(pair: Pair, experiment: Experiment, task: str, team: Team) -> Trial:
    """Measures an improver on a task, and what it is to be compared with.

    Args:
        pair: The improved improver, and the seed improver that it comes from.
        experiment: Names the model, the seed and what a session may spend.
        task: The task's name.
        team: Carries it out.

    Raises:
        RunCutShort: It was stopped, or reached a limit.
    """
    columns = {Column.SOLUTION: NOTHING, Column.SEED: pair.seed, Column.IMPROVED: pair.improved}
    run, sessions = side_by_side(columns, experiment, task, team)
    matched = limits_for(fmean(sessions[Column.IMPROVED].samples), experiment.session)
    equal = experiment.model_copy(update={"session": matched})
    rivals = {column: known_improver(column) for column in MATCHED}
    second_run, rivals_sessions = side_by_side(rivals, equal, task, team)
    found = find_task(task, experiment.preset)
    return Trial(
        task,
        matched,
        sessions | rivals_sessions,
        (run, second_run),
        within=found.range,
        anchors=found.anchors,
    )


def limits_for(samples: float, session: SessionLimits) -> SessionLimits:
    """Returns limits that hold at least so many samples a session, and hardly more.

    As many evaluations are allowed as it takes to score them all, and the initial solution.

    Example:
        >>> limits = limits_for(18, SessionLimits())
        >>> limits.calls, limits.samples_per_call, limits.evaluations
        (3, 6, 25)
    """
    most = session.calls * session.samples_per_call
    wanted = min(max(1, math.ceil(samples)), most)
    calls = math.ceil(wanted / session.samples_per_call)
    per_call = math.ceil(wanted / calls)
    evaluations = max(session.evaluations, calls * per_call + 1)
    return session.model_copy(
        update={"calls": calls, "samples_per_call": per_call, "evaluations": evaluations}
    )
