"""Hints."""

from __future__ import annotations

from tests.improvers.conftest import Apply, replies, shown

from selftaught.meta_utility import SessionBudget


def test_samples_get_five_hints_in_turn_across_calls(applied: Apply) -> None:
    session = SessionBudget(calls=5, samples_per_call=3, evaluations=30)

    done = applied("hints", replies(), session=session)

    messages = [request.message for call in done.calls for request in call]
    assert len(messages) == 15
    assert len(set(messages)) == len(set(messages[:5])) == 5
    assert messages[:5] == messages[5:10] == messages[10:]


def test_it_goes_on_from_the_best_solution(applied: Apply) -> None:
    done = applied("hints", replies(0.3, 0.8))

    assert shown(done, 1) == [{0.8}] * 6
