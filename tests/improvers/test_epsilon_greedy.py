"""The epsilon-greedy pool."""

from __future__ import annotations

import pytest
from tests.improvers.conftest import Apply, replies, shown, temperatures

from selftaught.meta_utility import SessionBudget
from selftaught.testing.applications import Applied

LONG = SessionBudget(calls=40, samples_per_call=1, evaluations=60)


def explores(done: Applied) -> list[bool]:
    return ["very different" in call[0].message for call in done.calls]


def test_it_explores_at_twice_the_temperature_which_falls(applied: Apply) -> None:
    done = applied("epsilon_greedy", replies(*[0.5 + 0.01 * n for n in range(40)]), session=LONG)

    modes = explores(done)
    assert {True, False} == set(modes)
    base = [used / (1 + mode) for used, mode in zip(temperatures(done), modes, strict=True)]
    assert base == pytest.approx([0.3 + 0.4 * (1 - turn / 40) for turn in range(40)])


def test_after_three_calls_without_success_it_explores(applied: Apply) -> None:
    modes = explores(applied("epsilon_greedy", replies(), session=LONG))

    assert not all(modes[:3])
    assert all(modes[3:])


def test_it_shows_the_best_or_one_of_the_best_three(applied: Apply) -> None:
    done = applied("epsilon_greedy", replies(0.7, 0.6, 0.5), session=LONG)

    seen = {mode: set[float]() for mode in (True, False)}
    for call, mode in list(enumerate(explores(done)))[3:]:
        seen[mode] |= {max(shown(done, call)[0])}
    assert seen[True] == {0.7, 0.6, 0.5}
    assert seen[False] <= {0.7}


def test_it_spreads_its_samples_over_the_calls(applied: Apply) -> None:
    session = SessionBudget(calls=4, samples_per_call=6, evaluations=9)

    done = applied("epsilon_greedy", replies(), session=session)

    assert [len(call) for call in done.calls] == [2, 2, 2, 2]
