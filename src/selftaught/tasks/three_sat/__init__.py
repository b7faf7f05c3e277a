"""3-SAT with a planted solution (paper, section 5.2).

``standard``: a formula is solved or not, and a failed call costs only itself. ``paper``: sizes,
counts, draws and rules of the research code, where one exception costs the whole utility and a
program may make the formula easier.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum

from selftaught.description import Told
from selftaught.instances import ScoreAnswer, Verdict, mean
from selftaught.sandbox import Limits, Status
from selftaught.task import Anchors, Task
from selftaught.task_files.loading import with_constants
from selftaught.tasks import research
from selftaught.tasks.folder import folder_task, text_in
from selftaught.tasks.research import PAPER, as_in_the_paper, base_of, defects_in

_TITLE = "Satisfy a formula of clauses with three literals each."
_ANCHORS = Anchors(seed=0.55, reference=1.0)
_FLOOR = 0.01


class Defect(StrEnum):
    """What is known to be wrong with this task in the research code."""

    REWRITTEN_FORMULA = "rewritten_formula"
    ONE_FAILURE = "one_failure"
    FLOOR = "floor"


DEFECTS: dict[StrEnum, str] = {
    Defect.REWRITTEN_FORMULA: "the answer is checked against the clauses as the program leaves "
    "them: it may write others in their place",
    Defect.ONE_FAILURE: "one call that raises, or answers what is no assignment, makes the whole "
    "utility 0, or the floor; a time-out costs only itself",
    Defect.FLOOR: "a formula that is not solved scores 0.01, and so does a program that fails",
    research.Defect.FIXED_INSTANCES: research.FIXED_INSTANCES,
    research.Defect.MISLEADING_TEXT: "the text speaks of 100 formulas of 50 variables, 0.01 s, and "
    "0 for any exception; there are 30 of 5 to 50, and 0.1 s",
}
_TOLD = {"FEWEST_VARIABLES": 50, "UNSOLVED": 0}
_CALLER = '''\
def call(function, formula):
    """Hands over a list that shares its clauses with the formula that is judged."""
    answer = function(list(formula))
    return answer, formula
'''


def task(preset: str) -> Task:
    """Returns the task in one of its presets."""
    in_paper = base_of(preset) == PAPER
    standard = folder_task(
        __name__,
        title=_TITLE,
        preset=preset,
        counts=(30, 30, 30) if in_paper else (6, 6, 12),
        limits=Limits(cpu_seconds=0.1 if in_paper else 0.5),
    )
    return _as_in_the_paper(standard) if in_paper else replace(standard, anchors=_ANCHORS)


def _as_in_the_paper(task: Task) -> Task:
    defects = defects_in(task.preset, DEFECTS, task=task.id)
    floor = _FLOOR if Defect.FLOOR in defects else 0.0
    text = with_constants(text_in(__name__, "paper_utility.py"), {"UNSOLVED": floor})
    spoiled = Defect.ONE_FAILURE in defects
    told = "If a call fails, the utility of the whole program is 0."
    note = f"If a call fails and not by its time, the utility of the whole program is {floor:g}."
    ours = as_in_the_paper(
        task,
        defects,
        set(DEFECTS),
        scored=text,
        shown=with_constants(text, _TOLD),
        told=Told(instances=100, cpu_seconds=0.01, note=told if spoiled else ""),
    )
    rewritten = Defect.REWRITTEN_FORMULA in defects
    return replace(
        ours,
        note=note if spoiled else "",
        caller=_CALLER if rewritten else "",
        score=judging_what_is_left(ours.score) if rewritten else ours.score,
        answer_in=_assignment if rewritten else task.answer_in,
        aggregate=research_rule(floor, one_failure_fails_all=spoiled),
    )


def judging_what_is_left(score: ScoreAnswer) -> ScoreAnswer:
    """Returns a score of answers that come with the formula as the program left it."""

    def score_what_is_left(answer: object, expected: object) -> float:
        assignment, formula = _pair(answer)
        if len(_clauses(formula)) != len(_clauses(expected)):
            raise ValueError("the formula came back with another number of clauses")
        return score(assignment, formula)

    return score_what_is_left


def research_rule(
    floor: float, *, one_failure_fails_all: bool
) -> Callable[[Sequence[Verdict]], float]:
    """Returns the research code's rule, as it works from Python 3.11 on."""

    def aggregate(verdicts: Sequence[Verdict]) -> float:
        kinds = {verdict.failure for verdict in verdicts} - {"", Status.TIMED_OUT}
        return floor if kinds and one_failure_fails_all else max(mean(verdicts), floor)

    return aggregate


def _assignment(returned: object) -> object:
    try:
        return _pair(returned)[0]
    except (AssertionError, ValueError):
        return returned


def _pair(answer: object) -> tuple[object, object]:
    assert isinstance(answer, tuple), "the caller returns a pair"
    assignment, formula = answer  # pyright: ignore[reportUnknownVariableType] - a program's
    return assignment, formula  # pyright: ignore[reportUnknownVariableType]


def _clauses(formula: object) -> list[object]:
    assert isinstance(formula, list), "a formula is a list of clauses"
    return formula  # pyright: ignore[reportUnknownVariableType] - a program's
