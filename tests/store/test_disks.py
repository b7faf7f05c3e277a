"""Disks that are full and folders that are read-only: a clear error, and nothing is corrupted."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from selftaught.errors import StoreError, UsageError
from selftaught.events import PhaseStarted, RunStarted, SessionScored
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.store import Journal, breaks

STARTED = RunStarted("first", {}, {}, "full")
FILLER = """
import resource, sys
from selftaught.errors import StoreError
from selftaught.events import Attempted, PhaseStarted
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.store import Journal

writer = Journal(sys.argv[1]).resume("first")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
written = 0
try:
    while True:
        writer.append(Attempted(Place(), Solution(f"x = {written}"), "long " * 1000 + str(written)))
        written += 1
except StoreError as error:
    print(written, error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.append(PhaseStarted(Place(), "there is room again", 1))
"""


@pytest.mark.slow
@pytest.mark.parametrize("size", [150_000, 300_000, 500_001])
def test_a_full_disk_is_an_error_and_what_was_written_is_there(tmp_path: Path, size: int) -> None:
    file = str(tmp_path / "runs.db")
    with closing(Journal(file)) as journal:
        journal.begin(STARTED).close()

    # The most that a file may hold stands for the end of the disk.
    filled = subprocess.run(
        [sys.executable, "-c", FILLER, file, str(size)], capture_output=True, text=True, check=False
    )

    assert filled.returncode == 0, filled.stderr
    written, _, message = filled.stdout.partition(" ")
    assert message.startswith(f"writing to the journal at {file}: ")
    assert "disk" in message
    with closing(Journal(file)) as journal:
        rows = list(journal.rows("first"))
        assert [row.kind for row in rows[1:]] == ["Attempted"] * int(written) + ["PhaseStarted"]
        assert list(breaks(rows)) == []
        assert len(list(journal.events("first"))) == len(rows)


@pytest.fixture
def read_only(tmp_path: Path) -> Path:
    """A folder with a journal, in which nothing can be changed."""
    folder = tmp_path / "fixed"
    folder.mkdir()
    file = str(folder / "runs.db")
    with closing(Journal(file)) as journal, closing(journal.begin(STARTED)) as writer:
        writer.append(SessionScored(Place(), Solution("x"), "search", "lpn", 0, 0.5))
        writer.append(PhaseStarted(Place(), "gate", 1))
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder  # type: ignore[misc]
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Runs a command as one whom permissions bind, as they don't bind root."""
    unprivileged = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    prefix = unprivileged if os.geteuid() == 0 else []
    return subprocess.run(
        [*prefix, sys.executable, "-c", "import selftaught.cli.main as m; m.main()", *words],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [("show",), ("show", "first", "--json"), ("export", "first", "-")], ids=str
)
def test_a_journal_in_a_read_only_folder_can_be_read(
    read_only: Path, words: tuple[str, ...]
) -> None:
    before = sorted(path.name for path in read_only.iterdir())
    options = ("--format", "jsonl") if words[0] == "export" else ()

    ended = command(*words, *options, "--store", str(read_only / "runs.db"))

    assert ended.returncode == 0, ended.stderr
    assert "first" in ended.stdout
    assert sorted(path.name for path in read_only.iterdir()) == before


def test_a_journal_that_is_deleted_while_it_is_written_is_missed(tmp_path: Path) -> None:
    file = tmp_path / "runs.db"
    with closing(Journal(str(file))) as journal, closing(journal.begin(STARTED)) as writer:
        for path in tmp_path.glob("runs.db*"):
            if path.is_file():
                path.unlink()

        with pytest.raises(StoreError, match=r"runs\.db was deleted or replaced"):
            writer.append(PhaseStarted(Place(), "gate", 1))


def test_one_file_by_two_names_is_one_journal(tmp_path: Path) -> None:
    file, other = tmp_path / "runs.db", tmp_path / "link.db"
    with closing(Journal(str(file))) as journal, closing(journal.begin(STARTED)):
        other.symlink_to(file)
        names = [str(other), f"sqlite:///file:{file}?uri=true"]

        for name in names:
            with (
                closing(Journal(name)) as again,
                pytest.raises(UsageError, match="under way in another process"),
            ):
                again.resume("first")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["runs.db", "new.db"])
def test_a_run_in_a_read_only_folder_is_a_clear_error(read_only: Path, name: str) -> None:
    words = ("run", "--iterations", "0")
    file = str(read_only / name)
    before = sorted(path.name for path in read_only.iterdir())

    ended = command(*words, "--store", file)

    assert ended.returncode in {1, 2}, ended.stdout
    assert len(ended.stderr.strip().splitlines()) == 1
    assert f"journal at {file}: " in ended.stderr
    assert sorted(path.name for path in read_only.iterdir()) == before
