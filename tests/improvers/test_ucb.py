"""Upper confidence bound over a pool."""

from __future__ import annotations

from collections import Counter

from tests.improvers.conftest import Apply, program, replies, shown

from selftaught.client import Request
from selftaught.meta_utility import SessionBudget
from selftaught.testing.applications import fenced


def test_one_call_serves_all_of_the_pool(applied: Apply) -> None:
    done = applied("ucb", replies(0.5, 0.6, 0.7))

    assert shown(done, 0) == [{0.4}] * 6
    assert {score for parents in shown(done, 1) for score in parents} == {0.5, 0.6, 0.7}


def test_what_leads_to_good_solutions_is_tried_more_often(applied: Apply) -> None:
    first, second = program(0.8), program(0.79)
    numbers = iter(range(1, 1000))

    def reply(request: Request) -> str:
        if second in request.message:
            return fenced(program(0.7 + 0.00010 * next(numbers)))
        if first in request.message:
            return fenced(program(0.0001 * next(numbers)))
        return fenced([first, second][next(numbers) % 2])

    session = SessionBudget(calls=40, samples_per_call=2, evaluations=200)
    done = applied("ucb", reply, session=session)

    tried = Counter(score for call in range(1, 40) for score in map(max, shown(done, call)))
    assert tried[0.79] > 1.3 * tried[0.8] > 0
