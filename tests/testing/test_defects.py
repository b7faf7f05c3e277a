"""What each known defect of the research code does, and that it does nothing in `standard`."""

from __future__ import annotations

import pytest

from selftaught.instances import Split
from selftaught.parts import find_task
from selftaught.sandboxes.local import LocalSandbox
from selftaught.solution import Solution
from selftaught.tasks import KNOWN
from selftaught.testing.defects import DEMONSTRATIONS, Demonstration
from selftaught.testing.tasks import score

NOT_SHOWN = {
    # What is read, not what is scored.
    *((task, "misleading_text") for task in KNOWN),
    # The arguments hold all that decides the score: to know them beforehand saves time alone.
    ("quadratic_assignment", "fixed_instances"),
    ("max_cut", "fixed_instances"),
}


def test_every_defect_that_can_be_shown_is() -> None:
    known = {(task, defect) for task in KNOWN for defect in find_task(task, "paper").defects}

    assert {(shown.task, shown.defect) for shown in DEMONSTRATIONS} == known - NOT_SHOWN


def value(shown: Demonstration, preset: str, program: str, sandbox: LocalSandbox) -> float:
    task = find_task(shown.task, preset)
    return score(task, Solution(program), sandbox, split=Split.TEST, instances=3).value


@pytest.mark.parametrize("shown", DEMONSTRATIONS, ids=lambda shown: f"{shown.task}-{shown.defect}")
def test_a_defect_changes_a_score_in_the_paper_and_pays_nothing_in_standard(
    real_sandbox: LocalSandbox, shown: Demonstration
) -> None:
    paper, without = (
        value(shown, preset, shown.program, real_sandbox)
        for preset in ("paper", f"paper-without:{shown.defect}")
    )
    standard, plain = (
        value(shown, "standard", program, real_sandbox) for program in (shown.program, shown.plain)
    )

    assert abs(paper - without) > 5e-7
    assert standard <= plain
