"""Beam search with temperature decay, caching and threads."""

from __future__ import annotations

import pytest
from tests.improvers.conftest import Apply, program, replies, shown, temperatures

from selftaught.budget import Unit
from selftaught.testing.applications import fenced


def test_the_temperature_falls_with_depth(applied: Apply) -> None:
    used = temperatures(applied("beam_search_decay", replies()))

    assert used == pytest.approx([1.0, 0.6, 0.36, 0.216])


def test_it_refines_the_best_three(applied: Apply) -> None:
    done = applied("beam_search_decay", replies(0.5, 0.1, 0.7, 0.6))

    assert sorted(map(max, shown(done, 1))) == [0.5, 0.5, 0.6, 0.6, 0.7, 0.7]


def test_it_scores_nothing_twice(applied: Apply) -> None:
    done = applied("beam_search_decay", lambda _: fenced(program(0.6)))

    assert done.spent[Unit.EVALUATIONS] == 2
