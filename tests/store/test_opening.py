"""A store is opened: a new one, an old one, and what is none."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from selftaught.errors import StoreError, UsageError
from selftaught.events import RunStarted
from selftaught.store import Journal

STARTED = RunStarted("first", {}, {}, "full")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.mark.parametrize(
    "name",
    ["a b.db", "what?.db", "x?mode=ro", "100%.db", "%41.db", "a#b.db", "größe ☃.db", "a:b.db"],
)
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name

    with closing(Journal(str(path))) as journal, closing(journal.begin(STARTED)) as writer:
        assert writer.run == "first"

    assert path.is_file()


def test_folders_on_the_way_to_the_file_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "journal.db"

    with closing(Journal(str(path))):
        assert path.is_file()


def test_a_path_below_a_file_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "journal.db"

    with pytest.raises(StoreError) as caught:
        Journal(str(path))

    assert str(path) in str(caught.value)
    assert "opening the journal" in str(caught.value)


def test_a_folder_is_no_journal(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="opening the journal"):
        Journal(str(tmp_path))


def test_a_file_of_something_else_is_no_journal(file: Path) -> None:
    file.write_bytes(b"not a database" * 1000)

    with pytest.raises(StoreError, match="opening the journal"):
        Journal(str(file))

    assert file.read_bytes() == b"not a database" * 1000


@pytest.mark.parametrize("url", ["nosuch://x", "://", "sqlite://host/x", "mysql://host/x"])
def test_a_url_of_no_known_kind_is_the_users_error(url: str) -> None:
    with pytest.raises(UsageError, match="expected the path of a file, or a URL of SQLite"):
        Journal(url)


def test_a_url_that_leads_nowhere_cannot_be_opened() -> None:
    with pytest.raises(StoreError, match="opening the journal"):
        Journal("postgresql://")


def test_another_database_is_refused_and_not_changed(file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE events (their TEXT)")
        other.execute("CREATE TABLE theirs (their TEXT)")
    before = file.read_bytes()

    with pytest.raises(UsageError, match="is no journal but another database, with events, theirs"):
        Journal(str(file))

    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_messages_hold_the_databases_words_and_not_ours(file: Path) -> None:
    file.write_bytes(b"not a database" * 1000)

    with pytest.raises(StoreError) as caught:
        Journal(str(file))

    assert str(caught.value) == f"opening the journal at {file}: file is not a database"
