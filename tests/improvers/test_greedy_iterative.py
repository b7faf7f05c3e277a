"""The greedy iterative improver."""

from __future__ import annotations

from tests.improvers.conftest import Apply, program, replies, shown


def test_it_goes_on_from_the_best_and_tells_its_score(applied: Apply) -> None:
    scores = [0.1, 0.5, *[0.0001 * n for n in range(1, 5)], 0.7, *[0.0002 * n for n in range(1, 6)]]

    done = applied("greedy_iterative", replies(*scores))

    assert [shown(done, call) for call in range(4)] == [
        [{score}] * 6 for score in (0.4, 0.5, 0.7, 0.7)
    ]
    assert "its score is 0.5000" in done.calls[1][0].message
    assert done.text == program(0.7)
