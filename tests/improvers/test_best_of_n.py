"""Best of n."""

from __future__ import annotations

from tests.improvers.conftest import Apply, program, replies

from selftaught.budget import Unit
from selftaught.meta_utility import SessionBudget
from selftaught.testing.applications import INITIAL, fenced


def test_every_request_is_the_same(applied: Apply) -> None:
    done = applied("best_of_n", replies(0.9, 0.8))

    requests = [request for call in done.calls for request in call]
    assert len(requests) == 24
    assert len({(request.message, request.temperature) for request in requests}) == 1
    assert done.text == program(0.9)


def test_it_asks_for_no_more_than_it_can_score(applied: Apply) -> None:
    session = SessionBudget(calls=4, samples_per_call=6, evaluations=9)

    done = applied("best_of_n", replies(), session=session)

    assert done.spent[Unit.SAMPLES] == 8
    assert done.text == INITIAL


def test_it_asks_again_in_the_place_of_repeated_replies(applied: Apply) -> None:
    session = SessionBudget(calls=4, samples_per_call=6, evaluations=7)

    done = applied("best_of_n", lambda _: fenced(program(0.6)), session=session)

    assert [len(call) for call in done.calls] == [6, 5, 5, 5]
    assert done.spent[Unit.EVALUATIONS] == 2
