"""`selftaught export` and `selftaught import`, as a person meets them."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from selftaught.cli.main import exit_code
from selftaught.events import RunEnded, RunStarted
from selftaught.experiment import Experiment
from selftaught.store import Journal

MAIN = "from selftaught.cli.main import main; main()"


@pytest.fixture(autouse=True)
def run(own_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run, and the folder of the test as the current one."""
    monkeypatch.chdir(tmp_path)
    started = RunStarted("first", Experiment(name="first").plain(), {"python": "3"}, "full")
    with closing(Journal(own_store)) as journal, closing(journal.begin(started)) as writer:
        writer.append(RunEnded("done", "", {"calls": 1.0}, "hash"))


def test_a_run_goes_to_a_file_and_into_another_journal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    codes = [
        exit_code(["export", "first", "first.zip"]),
        exit_code(["import", "first.zip", "--store", "other.db"]),
        exit_code(["import", "first.zip", "--store", "other.db"]),
    ]

    exported, imported, see, again = capsys.readouterr().out.splitlines()
    assert codes == [0, 0, 0]
    head = exported.partition("head ")[2]
    assert exported == f"first: 2 events to first.zip; head {head}"
    assert imported == f"Imported first: 2 events; head {head}"
    assert see == "See it with: selftaught show first"
    assert again == f"The run first is here already, and the same; head {head}"
    assert (tmp_path / "other.db").is_file()


def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(["export", "first", "first.zip", "--json"])
    exported = json.loads(capsys.readouterr().out)
    exit_code(["import", "first.zip", "--store", "other.db", "--name", "theirs", "--json"])
    imported = json.loads(capsys.readouterr().out)

    assert exported == {
        "run": "first",
        "file": "first.zip",
        "format": "bundle",
        "events": 2,
        "head": imported["head"],
        "status": "done",
        "servers": [],
    }
    assert (imported["run"], imported["added"], imported["events"]) == ("theirs", True, 2)


def test_what_is_imported_is_shown_as_where_it_was_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exit_code(["export", "first", "first.zip"])
    exit_code(["import", "first.zip", "--store", "other.db"])
    capsys.readouterr()

    exit_code(["show", "first", "--json"])
    here = capsys.readouterr().out
    exit_code(["show", "first", "--json", "--store", "other.db"])
    there = capsys.readouterr().out

    assert here == there


def test_a_run_goes_to_stdout() -> None:
    command = [sys.executable, "-c", MAIN, "export", "first", "-", "--format", "jsonl"]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert [json.loads(line)["kind"] for line in done.stdout.splitlines()] == [
        "RunStarted",
        "RunEnded",
    ]


@pytest.mark.parametrize("name", ["first.zip", "first.jsonl"])
def test_a_file_is_replaced_only_where_that_is_asked_for(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text("mine")

    refused = exit_code(["export", "first", name])
    kept = (tmp_path / name).read_text()
    replaced = exit_code(["export", "first", name, "--force"])

    assert (refused, kept, replaced) == (2, "mine", 0)
    assert "there is a file" in capsys.readouterr().err
    assert (tmp_path / name).read_bytes() != b"mine"
    assert [path.name for path in tmp_path.glob("*first*")] == [name]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["export"], "Missing argument 'run'"),
        (["export", "first"], "Missing argument 'file'"),
        (["export", "fist", "x.zip"], "unknown run 'fist': did you mean 'first'?"),
        (["export", "first", "x.txt"], "expected a file that ends with .zip, .jsonl, .parquet"),
        (["export", "first", "-"], "or a --format, not '-'"),
        (["export", "first", "x", "--format", "csv"], "unknown format 'csv': known are bundle"),
        (["export", "first", "no/x.zip"], "there is no folder no"),
        (["export", "first", ".", "--format", "jsonl"], ". is no file: expected the path of one"),
        (["export", "first", "/dev/null", "--format", "jsonl", "--force"], "is no file"),
        (["export", "first", "x\0.zip"], "cannot be the path of a file"),
        (["export", "first", "-", "--format", "jsonl", "--json"], "cannot both go to stdout"),
        (["export", "first", "x.zip", "--store", "no.db"], "no journal at no.db"),
        (["import"], "Missing argument 'file'"),
        (["import", "no.zip"], "there is no file no.zip: expected a bundle"),
        (["import", "."], "there is no file .: expected a bundle"),
        (["import", "journal.db"], "journal.db is no bundle, or not all of it"),
    ],
)
def test_wrong_usage_is_one_line(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())

    code = exit_code(arguments)

    printed = capsys.readouterr()
    assert code == 2
    assert expected in printed.err
    assert printed.err.count("\n") == 1
    assert bool(printed.out) == ("--json" in arguments)
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_cannot_be_made_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code = exit_code(["export", "first", "/proc/first.zip"])

    assert code == 1
    assert capsys.readouterr().err.startswith("selftaught: cannot write /proc/first.zip: ")


def test_a_damaged_bundle_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(["export", "first", "first.zip"])
    content = bytearray((tmp_path / "first.zip").read_bytes())
    content[100] ^= 255
    (tmp_path / "first.zip").write_bytes(content)
    capsys.readouterr()

    code = exit_code(["import", "first.zip", "--store", "other.db"])

    assert code == 1
    printed = capsys.readouterr().err
    assert "first.zip: events.jsonl" in printed
    assert printed.count("\n") == 1
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize("command", ["export", "import"])
def test_help_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([command, "--help"]) == 0

    assert f"selftaught {command} " in capsys.readouterr().out
