"""How a sample is put together from runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.studies.samples import Part, parts_for


@pytest.mark.parametrize(
    ("wanted", "done", "parts"),
    [
        (20, [], [((0, 20), (0, 20))]),
        (20, [(0, 20)], [((0, 20), (0, 20))]),
        (20, [(0, 12)], [((0, 12), (0, 12)), ((12, 20), (12, 20))]),
        (20, [(0, 13)], [((0, 13), (0, 12)), ((12, 20), (12, 20))]),
        (20, [(0, 13), (12, 20)], [((0, 13), (0, 12)), ((12, 20), (12, 20))]),
        (10, [(0, 20)], [((0, 20), (0, 10))]),
        (20, [(0, 5)], [((0, 20), (0, 20))]),
        (20, [(6, 20)], [((0, 20), (0, 20))]),
    ],
)
def test_runs_that_are_done_are_taken_over_call_by_call(
    wanted: int,
    done: list[tuple[int, int]],
    parts: list[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    found = parts_for(wanted, size=6, done=[range(*each) for each in done])

    assert found == [Part(range(*asked), range(*used)) for asked, used in parts]


@given(
    st.integers(1, 60),
    st.integers(1, 7),
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 70))),
)
def test_every_reply_is_used_once(wanted: int, size: int, done: list[tuple[int, int]]) -> None:
    known = [range(first * size, first * size + count) for first, count in done]

    parts = parts_for(wanted, size=size, done=known)

    assert [number for part in parts for number in part.used] == list(range(wanted))
    assert all(set(part.used) <= set(part.asked) for part in parts)
    assert all(part.asked.start % size == 0 for part in parts)
    assert all(part.asked in known or part is parts[-1] for part in parts)
