"""Chain of thought."""

from __future__ import annotations

import pytest
from tests.improvers.conftest import Apply, program

from selftaught.testing.applications import INITIAL, fenced


def test_it_asks_once_for_reasons_before_code(applied: Apply) -> None:
    done = applied("chain_of_thought", lambda _: fenced(program(0.6)))

    assert [len(call) for call in done.calls] == [1]
    assert "step by step" in done.calls[0][0].message
    assert done.text == program(0.6)


@pytest.mark.parametrize(
    "reply", ["no code", fenced("def algorithm(:"), fenced("def other():\n    return 0.9")]
)
def test_what_cannot_be_a_solution_gives_way_to_the_initial_one(applied: Apply, reply: str) -> None:
    assert applied("chain_of_thought", lambda _: reply).text == INITIAL
