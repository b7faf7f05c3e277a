"""The genetic algorithm with implicit fitness."""

from __future__ import annotations

from collections import Counter

from tests.improvers.conftest import Apply, program, replies, shown, temperatures

from selftaught.meta_utility import SessionBudget
from selftaught.testing.applications import fenced

WIDE = SessionBudget(calls=3, samples_per_call=60, evaluations=200)


def test_it_crosses_five_times_as_often_as_it_mutates(applied: Apply) -> None:
    done = applied("genetic_implicit", replies(0.5, 0.6), session=WIDE)

    wishes = Counter(len(parents) for parents in shown(done, 1))
    assert wishes[2] + wishes[1] == 60
    assert wishes[2] > 2 * wishes[1] > 0
    assert temperatures(done) == [0.5] * 3


def test_it_neither_selects_by_score_nor_tells_it(applied: Apply) -> None:
    done = applied("genetic_implicit", replies(*[0.9] * 3, *[0.0001 * n for n in range(1, 90)]))

    parents = {score for pair in shown(done, 1) for score in pair}
    assert min(parents) < 0.01
    assert not any("0.9" in request.message.replace(program(0.9), "") for request in done.calls[1])


def test_what_does_not_work_at_all_has_no_children(applied: Apply) -> None:
    done = applied("genetic_implicit", lambda _: fenced("def algorithm("))

    assert all(parents == {0.4} for call in range(4) for parents in shown(done, call))
