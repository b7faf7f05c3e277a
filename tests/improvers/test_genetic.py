"""The genetic algorithm with explicit fitness."""

from __future__ import annotations

from collections import Counter

from tests.improvers.conftest import Apply, replies, shown, temperatures

from selftaught.meta_utility import SessionBudget


def test_it_founds_a_population_and_then_breeds(applied: Apply) -> None:
    done = applied("genetic", replies(0.5, 0.6))

    assert temperatures(done) == [0.8, 0.4, 0.4, 0.4]
    assert shown(done, 0) == [{0.4}] * 6
    assert all(len(parents) == 2 for parents in shown(done, 1))


def test_it_tells_the_fitness_of_both_parents(applied: Apply) -> None:
    done = applied("genetic", replies(0.5))

    for request, parents in zip(done.calls[1], shown(done, 1), strict=True):
        assert all(f"its fitness is {score:.4f}" in request.message for score in parents)


def test_the_fitter_a_program_the_more_often_it_is_a_parent(applied: Apply) -> None:
    session = SessionBudget(calls=2, samples_per_call=60, evaluations=200)

    done = applied("genetic", replies(0.9, 0.2), session=session)

    parents = Counter(score for pair in shown(done, 1) for score in pair)
    assert parents[0.9] > parents[0.4] > parents[0.2] > 0
    assert len(parents) <= 10
