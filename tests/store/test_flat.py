"""Tables of events, as other programs load them."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import selftaught
from selftaught.events import ReplyReceived, RunEnded, SolutionScored
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.store import Journal
from selftaught.store.flat import COLUMNS
from selftaught.store.flat_files import arrow_schema


@pytest.fixture
def lines(journal: Journal, tmp_path: Path) -> list[dict[str, Any]]:
    path = tmp_path / "first.jsonl"
    selftaught.export_run("first", path, store=journal.name)
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def of_kind(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["kind"] == kind]


def test_every_event_is_a_line_with_every_column(
    lines: list[dict[str, Any]], journal: Journal
) -> None:
    rows = list(journal.rows("first"))

    assert [line["hash"] for line in lines] == [row.hash for row in rows]
    assert [line["body"] for line in lines] == [row.body for row in rows]
    assert all(list(line) == list(COLUMNS) for line in lines)
    assert {line["run"] for line in lines} == {"first"}


def test_times_are_those_of_the_journal(lines: list[dict[str, Any]], journal: Journal) -> None:
    for line, row in zip(lines, journal.rows("first"), strict=True):
        time = datetime.fromisoformat(line["time"])
        assert time.tzinfo == UTC
        assert math.isclose(time.timestamp(), row.time, abs_tol=1e-6)


def test_a_reply_is_a_prompt_an_answer_and_a_program(lines: list[dict[str, Any]]) -> None:
    first, second = of_kind(lines, "ReplyReceived")

    assert first["prompt"] == "Improve this ☃ program.\n" * 20
    assert first["reply"].startswith("```python\nx = 0")
    assert first["program"] == "x = 0"
    assert first["solution"] == Solution("x = 0").digest
    assert (first["t"], first["phase"], first["task"], first["repeat"]) == (1, "search", "lpn", 0)
    assert (first["tokens"], first["dollars"], first["message"]) == (None, None, "")
    assert (second["tokens"], second["dollars"]) == (2**60 + 1, 0.25)


def test_a_score_has_its_instances_and_its_failure(lines: list[dict[str, Any]]) -> None:
    (scored,) = of_kind(lines, "SolutionScored")

    assert (scored["score"], scored["instances"]) == (0.5, [0.25, 0.75])
    assert scored["message"] == "why " * 100
    assert scored["program"] == "def algorithm(x):\n    return x"
    assert scored["cpu_seconds"] == 0.125


def test_a_generation_has_its_improver_and_its_challenger(lines: list[dict[str, Any]]) -> None:
    first, second = of_kind(lines, "GenerationEnded")

    assert (first["t"], first["status"], first["message"]) == (0, "accepted", "seed")
    assert first["solution"] == ""
    assert first["program"].endswith("pass  # é☃")
    assert second["solution"] == second["improver"]
    assert second["program"].endswith("𝄞")


def test_a_session_has_its_improver_and_what_it_returned(lines: list[dict[str, Any]]) -> None:
    (ended,) = of_kind(lines, "SessionEnded")
    (scored,) = of_kind(lines, "SessionScored")

    assert ended["status"] == "returned"
    assert ended["program"] == "def algorithm(x):\n    return x"
    assert ended["improver"] != ended["solution"]
    assert (scored["split"], scored["score"], scored["improver"]) == (
        "search",
        0.5,
        ended["improver"],
    )


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("", (None, "", "", None)),
        ("seed solution/lpn", (None, "seed solution", "lpn", None)),
        ("improve/lpn", (None, "improve", "lpn", None)),
        ("t12/propose", (12, "propose", "", None)),
        ("t1/gate/0123456789ab", (1, "gate", "", None)),
        ("t1/gate/0123456789ab/my/task/3/result", (1, "gate", "my/task", 3)),
        ("t1/propose/0123456789ab/lpn/10", (1, "propose", "lpn", 10)),
        ("t99999999999999999999/x", (None, "t99999999999999999999", "x", None)),
    ],
)
def test_places_are_taken_apart(
    own_store: str, tmp_path: Path, place: str, expected: tuple[object, ...]
) -> None:
    where = Place(tuple(place.split("/")) if place else ())
    scored = SolutionScored(where, Solution("x"), math.nan, (1.0, math.inf), {}, "", 1.0)
    lines = exported(own_store, tmp_path, scored)

    assert tuple(lines[1][name] for name in ("t", "phase", "task", "repeat")) == expected
    assert (lines[1]["score"], lines[1]["instances"]) == (None, [1.0, None])


def exported(own_store: str, tmp_path: Path, *events: Any) -> list[dict[str, Any]]:
    started = selftaught.events.RunStarted("run", {}, {}, "full")
    with closing(Journal(own_store)) as journal, closing(journal.begin(started)) as writer:
        for event in events:
            writer.append(event)
    selftaught.export_run("run", tmp_path / "run.jsonl")
    return [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]


def test_what_no_column_can_hold_is_in_the_body(own_store: str, tmp_path: Path) -> None:
    request = (Place(("t1",)), "m", "", "p", 0.5, "s", 0, "reply", "stop")
    lines = exported(own_store, tmp_path, ReplyReceived(*request, 2**70, 0.0, None))

    assert lines[1]["tokens"] is None
    assert json.loads(lines[1]["body"])["tokens"] == 2**70


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_the_same_run_gives_the_same_bytes(journal: Journal, tmp_path: Path, kind: str) -> None:
    first, second = tmp_path / f"1.{kind}", tmp_path / f"2.{kind}"

    exports = [selftaught.export_run("first", path, store=journal.name) for path in (first, second)]

    assert first.read_bytes() == second.read_bytes()
    assert [(each.events, each.status) for each in exports] == [(17, "done")] * 2


def test_parquet_holds_what_the_lines_hold(
    journal: Journal, lines: list[dict[str, Any]], tmp_path: Path
) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    selftaught.export_run("first", tmp_path / "first.parquet", store=journal.name)

    table = pq.read_table(tmp_path / "first.parquet")
    assert table.schema.equals(arrow_schema())
    read = table.to_pylist()
    for row in read:
        row["time"] = row["time"].isoformat(timespec="microseconds")
    assert read == lines


def test_pandas_loads_both(journal: Journal, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    selftaught.export_run("first", tmp_path / "first.jsonl", store=journal.name)
    selftaught.export_run("first", tmp_path / "first.parquet", store=journal.name)

    json_lines = pandas.read_json(tmp_path / "first.jsonl", lines=True, dtype=False)
    json_lines["time"] = pandas.to_datetime(json_lines["time"])
    parquet = pandas.read_parquet(tmp_path / "first.parquet", dtype_backend="numpy_nullable")

    for frame in (json_lines, parquet):
        assert list(frame.columns) == list(COLUMNS)
        assert str(frame["time"].dt.tz) == "UTC"
        replies = frame[frame["kind"] == "ReplyReceived"]
        assert list(replies["prompt"]) == ["Improve this ☃ program.\n" * 20] * 2
        assert replies["dollars"].sum() == 0.25
    assert parquet["tokens"].dropna().tolist() == [2**60 + 1]


LOAD = """
import sys
from datasets import load_dataset

kind, path, cache = sys.argv[1:]
loaded = load_dataset(kind, data_files=path, split="train", cache_dir=cache)
replies = loaded.filter(lambda row: row["kind"] == "ReplyReceived")
assert len(loaded) == 17, len(loaded)
assert replies["tokens"][:] == [None, 2**60 + 1], replies["tokens"][:]
assert replies["dollars"][:] == [None, 0.25]
assert replies["prompt"][0].startswith("Improve this \\u2603")
assert loaded["instances"][2] == [0.25, 0.75]
print(loaded.features["time"], loaded.features["tokens"])
"""


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "suffix"), [("json", "jsonl"), ("parquet", "parquet")])
def test_hugging_face_loads_both(
    journal: Journal, tmp_path: Path, kind: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    path = tmp_path / f"first.{suffix}"
    selftaught.export_run("first", path, store=journal.name)

    command = [sys.executable, "-c", LOAD, kind, str(path), str(tmp_path / "cache")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    time = "string" if kind == "json" else "timestamp[us, tz=UTC]"
    assert done.stdout == f"Value('{time}') Value('int64')\n"


def test_without_pyarrow_parquet_says_what_to_install(journal: Journal, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from selftaught.cli.main import exit_code\n"
        f"sys.exit(exit_code(['export', 'first', {str(tmp_path / 'x.parquet')!r}, "
        f"'--store', {journal.name!r}]))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "install: pip install 'selftaught[parquet]'" in done.stderr
    assert not (tmp_path / "x.parquet").exists()


def test_an_unfinished_run_says_so(journal: Journal, tmp_path: Path) -> None:
    exported = selftaught.export_run("unfinished", tmp_path / "u.jsonl")
    with closing(journal.resume("unfinished")) as writer:
        writer.append(RunEnded("cut short", "stopped", {}, None))

    again = selftaught.export_run("unfinished", tmp_path / "u.jsonl", replace=True)

    assert (exported.status, again.status) == ("unfinished", "cut short")


def test_the_documentation_lists_every_column() -> None:
    page = (Path(__file__).parents[2] / "docs" / "journal.md").read_text("utf-8")

    for name, column in COLUMNS.items():
        assert f"| `{name}` | {column.type} | {column.meaning} |" in page
