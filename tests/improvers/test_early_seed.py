"""The earlier seed improver."""

from __future__ import annotations

from tests.improvers.conftest import Apply, program, replies, temperatures

from selftaught.meta_utility import SessionBudget
from selftaught.testing.applications import INITIAL


def test_it_asks_for_five_replies_in_as_many_calls_as_it_takes(applied: Apply) -> None:
    session = SessionBudget(calls=4, samples_per_call=2, evaluations=25)

    done = applied("early_seed", replies(0.1, 0.6), session=session)

    assert [len(call) for call in done.calls] == [2, 2, 1]
    assert temperatures(done) == [0.7] * 3
    assert done.text == program(0.6)


def test_it_keeps_the_initial_solution_unless_it_is_beaten(applied: Apply) -> None:
    assert applied("early_seed", replies(0.1, 0.39)).text == INITIAL


def test_with_one_evaluation_any_working_reply_wins_as_in_the_paper(applied: Apply) -> None:
    session = SessionBudget(calls=1, samples_per_call=6, evaluations=1)

    assert applied("early_seed", replies(0.1), session=session).text == program(0.1)
