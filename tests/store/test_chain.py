"""Whatever is changed in a journal behind our back is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
import sqlalchemy as sql
from hypothesis import given
from hypothesis import strategies as st

from selftaught.errors import StoreError
from selftaught.events import Attempted, PhaseStarted, RunEnded, RunStarted, SessionScored
from selftaught.place import Place
from selftaught.running.verification import verify
from selftaught.solution import Solution
from selftaught.store import Journal, Row, breaks

PLACE = Place(("t1", "search", "é☃"))
EVENTS = (
    SessionScored(PLACE, Solution("x = 1"), "search", "lpn", 0, 0.5),
    Attempted(PLACE, Solution("x = 2"), "long " * 100),
    PhaseStarted(PLACE, "gate", 1),
    RunEnded("cut short", "why", {"calls": 0.0}, None),
)


@pytest.fixture
def journal(store: str) -> Iterator[Journal]:
    with closing(Journal(store)) as opened:
        with closing(opened.begin(RunStarted("first", {}, {}, "full"))) as writer:
            for event in EVENTS:
                writer.append(event, key=event.key if isinstance(event, SessionScored) else None)
        yield opened


def changed(store: str, statement: str) -> None:
    """Changes a store as somebody would who has the database and not the program."""
    url = store if "://" in store else f"sqlite:///{store}"
    engine = sql.create_engine(url)
    with engine.begin() as connection:
        assert connection.execute(sql.text(statement)).rowcount > 0
    engine.dispose()


def problems(journal: Journal) -> list[str]:
    found = verify(journal, "first").problems
    return [each for each in found if "cannot be computed again" not in each]


def test_a_chain_that_nobody_touched_holds(journal: Journal) -> None:
    assert list(breaks(journal.rows("first"))) == []
    assert problems(journal) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("time", "time + 0.001"),
        ("kind", "'Attempted '"),
        ("place", "place || '.'"),
        ("key", "'other'"),
        ("key", "NULL"),
        ("question", "'other'"),
        ("body", "replace(body, '0.5', '0.6')"),
        ("hash", "replace(hash, substr(hash, 1, 1), 'x')"),
    ],
)
def test_a_changed_column_is_named(journal: Journal, store: str, column: str, value: str) -> None:
    changed(store, f"UPDATE events SET {column} = {value} WHERE number = 1")

    found = problems(journal)

    assert found
    assert "event 1 (" in found[0]
    assert "was changed" in found[0]


def test_a_removed_row_is_named(journal: Journal, store: str) -> None:
    changed(store, "DELETE FROM events WHERE number = 2")

    assert "expected event 2, found event 3 (PhaseStarted" in problems(journal)[0]


def test_an_inserted_row_is_named(journal: Journal, store: str) -> None:
    for number in (4, 3, 2):
        changed(store, f"UPDATE events SET number = {number + 1} WHERE number = {number}")
    changed(
        store,
        "INSERT INTO events (run, number, time, kind, place, body, hash) "
        "SELECT run, 2, time, kind, place, body, hash FROM events WHERE number = 1",
    )

    assert "event 2 (SessionScored" in problems(journal)[0]


def test_rows_that_changed_places_are_named(journal: Journal, store: str) -> None:
    for before, after in ((1, 9), (2, 1), (9, 2)):
        changed(store, f"UPDATE events SET number = {after} WHERE number = {before}")

    assert "event 1 (Attempted" in problems(journal)[0]


@pytest.mark.parametrize("left", [4, 2, 1])
def test_events_that_are_missing_at_the_end_are_missed(
    journal: Journal, store: str, left: int
) -> None:
    changed(store, f"DELETE FROM events WHERE number >= {left}")

    assert "events are missing at the end" in problems(journal)[0]


def test_a_run_whose_end_is_missing_is_not_taken_up_again(journal: Journal, store: str) -> None:
    changed(store, "DELETE FROM events WHERE number >= 3")

    with pytest.raises(StoreError, match="events are missing at its end"):
        journal.resume("first")


def test_a_changed_text_is_named(journal: Journal, store: str) -> None:
    digest = Solution("x = 2").digest
    changed(store, f"UPDATE blobs SET text = 'x = 3' WHERE digest = '{digest}'")

    assert problems(journal) == [f"the text {digest[:12]} was changed: it does not have its digest"]


def test_a_lost_text_is_named(journal: Journal, store: str) -> None:
    digest = Solution("x = 2").digest
    changed(store, f"DELETE FROM blobs WHERE digest = '{digest}'")

    assert [each for each in problems(journal) if f"has lost the text {digest[:12]}" in each]


rows = st.builds(
    Row,
    number=st.integers(0, 9),
    time=st.floats(allow_nan=False, allow_infinity=False),
    kind=st.text(max_size=5),
    place=st.text(max_size=5),
    key=st.none() | st.text(max_size=5),
    question=st.none() | st.text(max_size=5),
    body=st.text(max_size=5),
)


@given(rows, rows, st.text(max_size=64))
def test_rows_have_the_same_hash_where_they_are_the_same(one: Row, two: Row, before: str) -> None:
    assert (one.linked(before).hash == two.linked(before).hash) == (one == two)


@given(rows, st.text(max_size=8), st.text(max_size=8))
def test_rows_have_the_same_hash_after_the_same_row_only(row: Row, one: str, other: str) -> None:
    assert (row.linked(one) == row.linked(other)) == (one == other)


def test_a_break_is_named_once() -> None:
    linked: list[Row] = []
    for number in range(5):
        row = Row(number, 1.0, "Kind", "", None, None, "{}")
        linked.append(row.linked(linked[-1].hash if linked else ""))
    linked[2] = replace(linked[2], body="[]")

    assert len(list(breaks(linked))) == 1
