"""Runs and their events in a database."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from postgres import PostgresServer
from selftaught.errors import StoreError, UsageError
from selftaught.events import (
    Attempted,
    Event,
    GenerationEnded,
    PhaseStarted,
    RunEnded,
    RunStarted,
    SessionScored,
    SolutionScored,
)
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.store import Journal, RunRecord, find_program

PROGRAM = Solution("def algorithm(x):\n    return 'é☃'")
PLACE = Place(("t1", "search", "lpn", "0"))


def started(run: str) -> RunStarted:
    return RunStarted(run, {"tasks": ["lpn"], "seed": 1}, {"python": "3"}, "full")


EVENTS: list[Event] = [
    PhaseStarted(PLACE, "baseline", 5),
    SolutionScored(PLACE, PROGRAM, 0.5, (0.25, 0.75), {"error": 1}, "why " * 100, 0.125),
    SessionScored(PLACE, PROGRAM, "search", "lpn", 0, 0.5),
    GenerationEnded(0, PROGRAM, None, True, "seed", (0.5,), None, None, None),
    RunEnded("done", "", {"calls": 3.0}, "hash"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, file: Path) -> str:
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        return server.new_store()
    return ":memory:" if request.param == "memory" else str(file)


@pytest.fixture
def journal(store: str) -> Iterator[Journal]:
    with closing(Journal(store)) as opened:
        yield opened


def recorded(journal: Journal, run: str, *events: Event) -> None:
    with closing(journal.begin(started(run))) as writer:
        for event in events:
            writer.append(event)


def test_events_come_back_in_the_order_of_their_writing(journal: Journal) -> None:
    recorded(journal, "first", *EVENTS)

    assert list(journal.events("first")) == [started("first"), *EVENTS]


def test_the_events_of_runs_are_kept_apart(journal: Journal) -> None:
    recorded(journal, "first", *EVENTS[:2])
    recorded(journal, "second", *EVENTS[2:])

    assert list(journal.events("second")) == [started("second"), *EVENTS[2:]]


def test_only_the_kinds_that_are_asked_for_are_read(journal: Journal) -> None:
    recorded(journal, "first", *EVENTS)

    read = list(journal.events("first", kinds=(RunEnded, PhaseStarted)))

    assert read == [EVENTS[0], EVENTS[4]]


def test_a_run_that_does_not_exist_has_no_events(journal: Journal) -> None:
    assert list(journal.events("nothing")) == []
    assert journal.runs() == []


def test_a_journal_is_read_by_another_one(file: Path) -> None:
    with closing(Journal(str(file))) as journal:
        recorded(journal, "first", *EVENTS)

    with closing(Journal(f"sqlite:///{file}")) as journal:
        assert list(journal.events("first")) == [started("first"), *EVENTS]
        assert find_program(journal, PROGRAM.id, run="first") == PROGRAM


def test_a_journal_is_read_while_it_is_written(file: Path) -> None:
    with closing(Journal(str(file))) as journal, closing(Journal(str(file))) as reader:
        writer = journal.begin(started("first"))
        writer.append(EVENTS[0])
        before = len(list(reader.events("first")))
        writer.append(EVENTS[1])
        after = len(list(reader.events("first")))

    assert (before, after) == (2, 3)


def test_the_same_text_is_kept_once(file: Path) -> None:
    text = "x" * 100_000
    with closing(Journal(str(file))) as journal:
        recorded(journal, "first", *(Attempted(PLACE, Solution(text), text) for _ in range(50)))
    with closing(Journal(str(file))) as journal:
        recorded(journal, "second", Attempted(PLACE, Solution(text), text))

        assert list(journal.events("second"))[1] == Attempted(PLACE, Solution(text), text)
    assert sum(path.stat().st_size for path in file.parent.iterdir()) < 1_000_000


def test_a_run_name_can_be_used_once(journal: Journal) -> None:
    recorded(journal, "first")

    with pytest.raises(UsageError, match="there is a run 'first' already: give another --name"):
        journal.begin(started("first"))

    assert len(list(journal.events("first"))) == 1


def test_a_run_name_can_be_used_once_by_all_who_share_a_file(file: Path) -> None:
    with closing(Journal(str(file))) as ours, closing(Journal(str(file))) as theirs:
        recorded(ours, "first")

        with pytest.raises(UsageError, match="there is a run 'first' already"):
            theirs.begin(started("first"))


def test_runs_are_listed_newest_first_with_how_they_ended(journal: Journal) -> None:
    recorded(journal, "first", *EVENTS)
    recorded(journal, "second", RunEnded("cut short", "why " * 100, {}, None))
    recorded(journal, "third")

    runs = journal.runs()

    assert [(record.run, record.status) for record in runs] == [
        ("third", "unfinished"),
        ("second", "cut short"),
        ("first", "done"),
    ]
    assert all(isinstance(record, RunRecord) and record.started > 1.7e9 for record in runs)


@pytest.mark.parametrize("id", [PROGRAM.id, PROGRAM.digest, PROGRAM.id[:6], PROGRAM.id.upper()])
def test_a_program_is_found_by_the_beginning_of_its_digest(journal: Journal, id: str) -> None:  # noqa: A002
    recorded(journal, "first", *EVENTS)

    assert find_program(journal, id, run="first") == PROGRAM


@pytest.mark.parametrize("id", ["", "zzz", "%", "_" * 12, "' OR 1=1 --", "é", "\ud800", "0" * 100])
def test_a_program_that_does_not_exist_is_the_users_error(journal: Journal, id: str) -> None:  # noqa: A002
    recorded(journal, "first", *EVENTS)

    with pytest.raises(UsageError, match="no program"):
        find_program(journal, id, run="first")


def test_a_text_is_found_by_its_digest(journal: Journal) -> None:
    recorded(journal, "first", *EVENTS)

    assert journal.text(PROGRAM.digest) == PROGRAM.text
    with pytest.raises(StoreError, match="has lost the text 000000000000"):
        journal.text("0" * 64)


def test_hostile_text_is_kept(journal: Journal) -> None:
    hostile = "\ud800 \0 '; DROP TABLE events; -- é☃ \udfff"
    event = SolutionScored(
        Place((hostile,)), Solution(hostile), 0.0, (), {hostile: 1}, hostile, 0.0
    )

    recorded(journal, "first", event, EVENTS[0])

    _, first, second = journal.events("first")
    assert isinstance(first, SolutionScored)
    assert first.solution == Solution(hostile)
    assert first.message == "? \ufffd '; DROP TABLE events; -- é☃ ?"
    assert second == EVENTS[0]


def test_a_place_of_any_depth_is_kept(journal: Journal) -> None:
    event = PhaseStarted(Place(("deep",) * 500), "gate", 1)

    recorded(journal, "first", event)

    assert list(journal.events("first"))[1] == event


def test_threads_write_without_losing_anything(journal: Journal) -> None:
    writer = journal.begin(started("first"))
    barrier = threading.Barrier(16)

    def write(thread: int) -> None:
        barrier.wait()
        for repeat in range(10):
            scored = SessionScored(PLACE, PROGRAM, "search", str(thread), repeat, 0.5)
            writer.append(scored)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(16)))

    events = list(journal.events("first", kinds=(SessionScored,)))
    assert len(set(events)) == 160
    for thread in range(16):
        own = [event.repeat for event in events if event.task == str(thread)]  # type: ignore[union-attr]
        assert own == list(range(10))


WRITER = """
import sys
from contextlib import closing
from selftaught.events import Attempted, Place, RunStarted
from selftaught.solution import Solution
from selftaught.store import Journal

print("ready", flush=True)
sys.stdin.readline()
with closing(Journal(sys.argv[1])) as journal:
    for run in range(3):
        name = f"{sys.argv[2]}-{run}"
        writer = journal.begin(RunStarted(name, {}, {}, "full"))
        for number in range(20):
            what = "long " * 100 + str(number)
            writer.append(Attempted(Place((name,)), Solution(f"x = {number}"), what))
"""


@pytest.mark.slow
def test_processes_share_a_new_file(file: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(file)]
    writers = [
        subprocess.Popen([*command, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for name in ("a", "b")
    ]
    for writer in writers:
        assert writer.stdout
        writer.stdout.readline()

    for writer in writers:
        assert writer.stdin
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)

    assert [writer.returncode for writer in writers] == [0, 0]
    with closing(Journal(str(file))) as journal:
        assert len(journal.runs()) == 6
        for record in journal.runs():
            written = [
                event for event in journal.events(record.run) if isinstance(event, Attempted)
            ]
            assert [event.solution.text for event in written] == [f"x = {n}" for n in range(20)]
            assert all(len(event.what) > 500 for event in written)


def test_programs_of_other_runs_and_other_texts_are_not_found(journal: Journal) -> None:
    recorded(journal, "first", *EVENTS)
    recorded(journal, "second", PhaseStarted(PLACE, "improve", None))

    with pytest.raises(UsageError, match=r"no program .* in run second"):
        find_program(journal, PROGRAM.id, run="second")


def test_an_id_of_several_programs_is_the_users_error(journal: Journal) -> None:
    programs = [Solution(f"x = {number}") for number in range(17)]
    scored = [SolutionScored(PLACE, each, 0.5, (0.5,), {}, "", 0.1) for each in programs]
    recorded(journal, "first", *scored)
    digits = [program.digest[0] for program in programs]
    shared = next(digit for digit in digits if digits.count(digit) > 1)

    with pytest.raises(UsageError, match=f"programs begin with '{shared}'"):
        find_program(journal, shared, run="first")
