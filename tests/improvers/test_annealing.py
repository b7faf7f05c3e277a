"""Simulated annealing."""

from __future__ import annotations

from tests.improvers.conftest import Apply, program, shown

from selftaught.meta_utility import SessionBudget
from selftaught.testing.applications import INITIAL, fenced

LONG = SessionBudget(calls=30, samples_per_call=1, evaluations=40)


def test_it_goes_on_from_worse_solutions_at_first_only(applied: Apply) -> None:
    worse = (fenced(program(0.39 - 0.0001 * number)) for number in range(30))

    done = applied("annealing", worse, session=LONG)

    starts = [shown(done, call)[0].pop() for call in range(30)]
    assert any(start < 0.4 for start in starts[:5])
    assert len(set(starts[-8:])) == 1
    assert done.text == INITIAL


def test_it_goes_on_from_better_ones_always(applied: Apply) -> None:
    better = (fenced(program(0.5 + 0.01 * number)) for number in range(30))

    done = applied("annealing", better, session=LONG)

    starts = [shown(done, call)[0].pop() for call in range(1, 30)]
    assert starts == [round(0.5 + 0.01 * number, 4) for number in range(29)]


def test_what_is_much_worse_is_hardly_ever_accepted(applied: Apply) -> None:
    much_worse = (fenced(program(0.001 * number)) for number in range(30))

    done = applied("annealing", much_worse, session=LONG)

    starts = [shown(done, call)[0].pop() for call in range(30)]
    assert starts.count(0.4) >= 25
