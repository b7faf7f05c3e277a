"""Stores of older versions open; those of newer ones, and of others, are left alone."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sql
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from selftaught import journals
from selftaught.errors import StoreError, UsageError
from selftaught.solution import Solution
from selftaught.store import Journal, find_program
from selftaught.store.schema import migrate
from selftaught.store.tables import TABLES

PROGRAM = "def improve_algorithm(s, u, l):\n    return s"
DIGEST = Solution(PROGRAM).digest
SCORED = {
    "cpu_seconds": 0.1,
    "failures": {},
    "instances": [0.5],
    "message": "",
    "place": "t0",
    "score": 0.5,
    "solution": {"$program": DIGEST},
}
OLD = (
    ("RunStarted", "", None, {"experiment": {}, "run": "old", "sandbox": "full", "versions": {}}),
    ("Attempted", "t0", None, {"place": "t0", "solution": {"$program": DIGEST}, "what": "w"}),
    *[("SolutionScored", "t0", "a key that was not unique", SCORED)] * 2,
    ("RunEnded", "", None, {"reason": "", "result_hash": "h", "spent": {}, "status": "done"}),
)
"""A run as the first version wrote it."""


def engine_of(store: str) -> sql.Engine:
    return sql.create_engine(store if "://" in store else f"sqlite:///{store}")


@pytest.fixture
def old_store(store: str) -> str:
    """A store with the first tables, which had no version, and a run in them."""
    engine = engine_of(store)
    with engine.begin() as connection:
        migrate(connection, "base", target="0001")
        connection.execute(sql.text("DROP TABLE alembic_version"))
        connection.execute(sql.text("INSERT INTO runs VALUES ('old', 1.5)"))
        for number, (kind, place, key, body) in enumerate(OLD):
            connection.execute(
                sql.text("INSERT INTO events VALUES ('old', :n, 2.5, :kind, :place, :key, :body)"),
                {"n": number, "kind": kind, "place": place, "key": key, "body": json.dumps(body)},
            )
        connection.execute(
            sql.text("INSERT INTO blobs VALUES (:digest, :text)"),
            {"digest": DIGEST, "text": PROGRAM},
        )
    engine.dispose()
    return store


def test_a_store_of_the_first_version_opens_and_shows_its_runs(old_store: str) -> None:
    summary = journals.show("old", store=old_store)

    assert (summary.status, summary.attempts, summary.result_hash) == ("done", 1, "h")
    with closing(Journal(old_store)) as journal:
        assert [record.run for record in journal.runs()] == ["old"]
        assert find_program(journal, DIGEST[:12], run="old").text == PROGRAM


def test_a_run_of_the_first_version_is_not_taken_up_again(old_store: str) -> None:
    with (
        closing(Journal(old_store)) as journal,
        pytest.raises(StoreError, match=r"an older version .* wrote it.* give another --name"),
    ):
        journal.resume("old")


def test_tables_that_were_migrated_are_the_newest_ones(old_store: str) -> None:
    Journal(old_store).close()

    assert differences(old_store) == []


def test_new_tables_are_the_newest_ones(store: str) -> None:
    Journal(store).close()

    assert differences(store) == []


def differences(store: str) -> list[object]:
    engine = engine_of(store)
    with engine.connect() as connection:
        # Alembic compares no empty text with SQLite's own spelling of it.
        defaults = engine.dialect.name == "postgresql"
        options = {"compare_type": True, "compare_server_default": defaults}
        context = MigrationContext.configure(connection, opts=options)
        found = compare_metadata(context, TABLES)
    engine.dispose()
    return found


def test_a_store_is_migrated_once(old_store: str) -> None:
    Journal(old_store).close()
    with closing(Journal(old_store)) as journal:
        assert len(list(journal.rows("old"))) == len(OLD)


def test_a_store_of_a_newer_version_is_refused(store: str) -> None:
    Journal(store).close()
    engine = engine_of(store)
    with engine.begin() as connection:
        connection.execute(sql.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(StoreError, match=r"written by a newer version .*'9999'"):
        Journal(store)


@pytest.mark.parametrize("version", [None, "0001", "0002", "of theirs"])
def test_another_programs_database_is_refused_and_not_changed(
    store: str, version: str | None
) -> None:
    engine = engine_of(store)
    with engine.begin() as connection:
        connection.execute(sql.text("CREATE TABLE theirs (id INTEGER)"))
        if version:
            connection.execute(sql.text("CREATE TABLE alembic_version (version_num TEXT)"))
            connection.execute(sql.text(f"INSERT INTO alembic_version VALUES ('{version}')"))

    with pytest.raises(UsageError, match="is no journal but another database, with theirs"):
        Journal(store)

    left = {"theirs", "alembic_version"} if version else {"theirs"}
    assert set(sql.inspect(engine).get_table_names()) == left
    engine.dispose()


def test_a_migration_that_fails_changes_nothing(
    old_store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("alembic.op.create_index", failing)
    with pytest.raises(StoreError, match="the disk is gone"):
        Journal(old_store)
    monkeypatch.undo()

    assert journals.show("old", store=old_store).status == "done"


OPENER = """
import sys
from selftaught.store import Journal
print("ready", flush=True)
sys.stdin.readline()
journal = Journal(sys.argv[1])
print(len(journal.runs()), flush=True)
"""


def opened_by_three_at_once(store: str) -> list[tuple[int, str]]:
    command = [sys.executable, "-c", OPENER, store]
    openers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for opener in openers:
        assert opener.stdout
        assert opener.stdout.readline() == "ready\n"
    for opener in openers:
        assert opener.stdin
        opener.stdin.write("\n")
        opener.stdin.flush()
    said = [opener.communicate(timeout=60)[0] for opener in openers]
    return [(opener.returncode, text) for opener, text in zip(openers, said, strict=True)]


@pytest.mark.slow
def test_processes_open_the_same_new_store_at_once(store: str) -> None:
    assert opened_by_three_at_once(store) == [(0, "0\n")] * 3
    assert differences(store) == []


@pytest.mark.slow
def test_processes_migrate_the_same_old_store_at_once(old_store: str) -> None:
    assert opened_by_three_at_once(old_store) == [(0, "1\n")] * 3
    assert differences(old_store) == []


def test_a_store_stays_where_it_is_when_it_is_migrated(old_store: str, tmp_path: Path) -> None:
    Journal(old_store).close()

    assert {path.name for path in tmp_path.iterdir()} <= {"runs.db"}
