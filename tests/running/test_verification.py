"""What was changed in a journal is found, and named."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from selftaught import journals, keeping
from selftaught.errors import StoreError
from selftaught.store import Journal

COLUMNS = {
    "number": "number = number + 1000 WHERE number = 7 AND run = 'done'",
    "time": "time = time + 0.001 WHERE number = 7 AND run = 'done'",
    "kind": "kind = 'Refused' WHERE number = 7 AND run = 'done'",
    "place": "place = place || ' ' WHERE number = 7 AND run = 'done'",
    "key": "key = upper(key) || '0' WHERE number = 7 AND run = 'done'",
    "question": "question = 'x' WHERE number = 7 AND run = 'done'",
    "body": "body = body || ' ' WHERE number = 7 AND run = 'done'",
    "hash": "hash = iif(hash < 'f', 'f', 'e') || substr(hash, 2) WHERE number = 7 AND run = 'done'",
}


def changed(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def problems(file: Path, run: str = "done") -> tuple[str, ...]:
    return keeping.verify(run, store=str(file)).problems


@pytest.mark.parametrize("run", ["done", "applied"])
def test_a_run_that_nobody_touched_holds(finished: Path, run: str) -> None:
    found = keeping.verify(run, store=str(finished))

    assert found.holds
    assert found.events > 10
    assert found.texts > 5
    assert found.decisions >= 2
    assert len(found.head) == 64


@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_in_any_column_is_found_and_named(copied: Path, column: str) -> None:
    changed(copied, f"UPDATE events SET {COLUMNS[column]}")

    assert any("event 7" in each or "event 8" in each for each in problems(copied))


def test_a_text_that_was_changed_is_named_by_its_digest(copied: Path) -> None:
    digest = "(SELECT min(digest) FROM blobs)"
    changed(copied, f"UPDATE blobs SET text = text || '#' WHERE digest = {digest}")

    (problem,) = problems(copied) or problems(copied, "applied")

    assert problem.startswith("the text ")
    assert "does not have its digest" in problem


def test_a_text_that_is_lost_is_named(copied: Path) -> None:
    changed(copied, "DELETE FROM blobs")

    assert all("lost the text" in problem for problem in problems(copied))
    assert problems(copied)


def test_events_cut_off_at_the_end_are_missed(copied: Path) -> None:
    changed(copied, "DELETE FROM events WHERE run = 'done' AND kind = 'RunEnded'")

    assert any("missing at the end" in problem for problem in problems(copied))


def test_a_row_in_the_middle_that_is_gone_is_missed(copied: Path) -> None:
    changed(copied, "DELETE FROM events WHERE run = 'done' AND number = 5")

    assert any("expected event 5" in problem for problem in problems(copied))


def test_numbers_that_do_not_follow_are_found_though_the_chain_was_forged(copied: Path) -> None:
    changed(
        copied,
        "UPDATE events SET body = json_set(body, '$.accepted', json('true')) "
        "WHERE kind = 'GenerationEnded' AND run = 'done'",
        "UPDATE events SET body = json_set(body, '$.spent.samples', 1) WHERE kind = 'RunEnded'",
    )
    with closing(Journal(str(copied))) as journal:
        forged, previous = [], ""
        for row in journal.rows("done"):
            forged.append(row.linked(previous))
            previous = forged[-1].hash
    with closing(sqlite3.connect(copied)) as connection, connection:
        for row in forged:
            connection.execute(
                "UPDATE events SET hash = ? WHERE run = 'done' AND number = ?",
                (row.hash, row.number),
            )
        connection.execute("UPDATE runs SET head = ? WHERE run = 'done'", (previous,))

    assert any("says 1 samples were spent" in problem for problem in problems(copied))


DAMAGE = {
    "no JSON": "body = 'x' || body WHERE kind = 'ReplyReceived'",
    "an empty end": "body = '' WHERE kind = 'RunEnded'",
    "a list": "body = '[]' WHERE kind = 'RunEnded'",
    "bytes": "body = x'ff00' WHERE number = 5",
    "a number that is a text": "number = 'zz' WHERE number = 5 AND run = 'done'",
    "deep nesting": "body = replace(hex(zeroblob(50000)), '00', '[') WHERE number = 5",
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_of_any_kind_is_named_and_raises_nothing(copied: Path, name: str) -> None:
    changed(copied, f"UPDATE events SET {DAMAGE[name]}")

    assert problems(copied)


def test_a_run_without_events_is_named(copied: Path) -> None:
    changed(copied, "DELETE FROM events WHERE run = 'done'")

    assert "it has no events" in problems(copied)
    with pytest.raises(StoreError, match="cannot be read"):
        journals.show("done", store=str(copied))


def test_a_result_hash_that_does_not_follow_is_found_though_the_chain_was_forged(
    copied: Path,
) -> None:
    changed(
        copied,
        "UPDATE events SET body = json_set(body, '$.result_hash', '00') WHERE kind = 'RunEnded'",
    )
    with closing(Journal(str(copied))) as journal:
        forged, previous = [], ""
        for row in journal.rows("done"):
            forged.append(row.linked(previous))
            previous = forged[-1].hash
    with closing(sqlite3.connect(copied)) as connection, connection:
        connection.executemany(
            "UPDATE events SET hash = ? WHERE run = 'done' AND number = ?",
            [(row.hash, row.number) for row in forged],
        )
        connection.execute("UPDATE runs SET head = ? WHERE run = 'done'", (previous,))

    assert "the result_hash differs, computed again" in problems(copied)


def test_a_head_that_its_author_published_stands_for_the_events(finished: Path) -> None:
    head = keeping.verify("done", store=str(finished)).head

    assert keeping.verify("done", store=str(finished), head=head).holds
    assert not keeping.verify("done", store=str(finished), head="0" * 64).holds
