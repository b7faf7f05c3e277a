"""Beam search."""

from __future__ import annotations

from tests.improvers.conftest import Apply, replies, shown, temperatures

from selftaught.meta_utility import SessionBudget


def test_it_widens_and_then_refines_at_a_lower_temperature(applied: Apply) -> None:
    done = applied("beam_search", replies())

    assert temperatures(done) == [0.9, 0.9, 0.4, 0.4]
    assert shown(done, 1) == [{0.4}] * 6


def test_it_refines_the_best_three_then_the_best_two(applied: Apply) -> None:
    done = applied("beam_search", replies(0.5, 0.1, 0.7, 0.6))

    assert sorted(map(max, shown(done, 2))) == [0.5, 0.5, 0.6, 0.6, 0.7, 0.7]
    assert sorted(map(max, shown(done, 3))) == [0.6, 0.6, 0.6, 0.7, 0.7, 0.7]


def test_single_samples_take_turns_on_the_beam(applied: Apply) -> None:
    session = SessionBudget(calls=10, samples_per_call=1, evaluations=11)

    done = applied("beam_search", replies(0.5, 0.6, 0.7), session=session)

    assert {max(shown(done, call)[0]) for call in range(5, 10)} == {0.6, 0.7}
