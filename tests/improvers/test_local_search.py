"""Local search."""

from __future__ import annotations

from itertools import cycle

from tests.improvers.conftest import Apply, program, replies, shown, temperatures

from selftaught.budget import Unit
from selftaught.meta_utility import SessionBudget
from selftaught.testing.applications import INITIAL, fenced


def test_it_takes_five_temperatures_in_turn(applied: Apply) -> None:
    session = SessionBudget(calls=6, samples_per_call=2, evaluations=25)

    done = applied("local_search", replies(), session=session)

    assert temperatures(done) == [0.2, 0.4, 0.6, 0.8, 1.0, 0.2]
    assert "small change" in done.calls[0][0].message


def test_it_moves_to_the_best_neighbour(applied: Apply) -> None:
    done = applied("local_search", replies(0.5, 0.7, 0.6))

    assert shown(done, 1) == [{0.7}] * 6


def test_it_scores_only_what_parses_and_differs_in_more_than_layout(applied: Apply) -> None:
    texts = ["def algorithm(", f"{INITIAL}  # new", f"# new\n{program(0.4)}\n", program(0.5)]

    done = applied("local_search", cycle(map(fenced, texts)))

    assert done.spent[Unit.EVALUATIONS] == 2
    assert done.text == program(0.5)
