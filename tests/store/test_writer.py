"""What is written is there, once, whatever happens meanwhile."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from postgres import PostgresServer
from selftaught.errors import StoreError, UsageError
from selftaught.events import Attempted, PhaseStarted, RunEnded, RunStarted, SessionScored
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.store import Journal, RunWriter, breaks, database, engines

STARTED = RunStarted("first", {}, {}, "full")
PHASE = PhaseStarted(Place(("t1",)), "gate", 1)


def scored(repeat: int) -> SessionScored:
    return SessionScored(Place(), Solution("x"), "search", "lpn", repeat, 0.5)


@pytest.fixture
def journal(store: str) -> Iterator[Journal]:
    with closing(Journal(store)) as opened:
        yield opened


def test_a_run_taken_up_again_goes_on_with_its_chain(journal: Journal, store: str) -> None:
    with closing(journal.begin(STARTED)) as writer:
        writer.append(scored(0), key="a")

    with closing(Journal(store)) as again, closing(again.resume("first")) as writer:
        assert (writer.has("a"), writer.has("b")) == (True, False)
        assert (writer.at("a"), writer.at("b")) == (scored(0), None)
        writer.append(scored(1), key="b")

    assert list(journal.events("first")) == [STARTED, scored(0), scored(1)]
    assert list(breaks(journal.rows("first"))) == []


def test_a_run_that_does_not_exist_cannot_be_taken_up(journal: Journal) -> None:
    with pytest.raises(UsageError, match="there is no run 'nothing'"):
        journal.resume("nothing")


def test_nothing_with_a_key_is_written_twice(journal: Journal) -> None:
    with closing(journal.begin(STARTED)) as writer:
        writer.append(scored(0), key="a")

        writer.append(scored(1), key="a")

    assert list(journal.events("first")) == [STARTED, scored(0)]


def test_a_run_is_there_with_its_first_event_or_not_at_all(
    journal: Journal, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("selftaught.store.writer.insert_rows", interrupted)
        with pytest.raises(KeyboardInterrupt):
            journal.begin(STARTED)

    assert journal.runs() == []
    with closing(Journal(store)) as again:
        again.begin(STARTED).close()


@pytest.mark.parametrize("is_committed", [False, True])
def test_writing_that_was_interrupted_is_settled_before_the_next_event(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, *, is_committed: bool
) -> None:
    write = database.Database.write

    def interrupted(*arguments: object) -> object:
        if is_committed:
            write(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with closing(journal.begin(STARTED)) as writer:
        with monkeypatch.context() as patched:
            patched.setattr(database.Database, "write", interrupted)
            with pytest.raises(KeyboardInterrupt):
                writer.append(scored(0), key="a")
        writer.append(RunEnded("cut short", "interrupted", {}, None))

        assert writer.has("a") == is_committed
    kinds = [row.kind for row in journal.rows("first")]
    assert kinds == ["RunStarted", *["SessionScored"] * is_committed, "RunEnded"]
    assert list(breaks(journal.rows("first"))) == []


def test_a_text_of_an_event_that_was_not_written_is_written_with_the_next(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = Attempted(Place(), Solution("x"), "long " * 100)

    def fails(*_: object) -> None:
        raise StoreError("the disk is full")

    with closing(journal.begin(STARTED)) as writer:
        with monkeypatch.context() as patched:
            patched.setattr("selftaught.store.writer.insert_rows", fails)
            with pytest.raises(StoreError):
                writer.append(event, key="a")

        writer.append(event, key="b")

    assert list(journal.events("first")) == [STARTED, event]


def test_a_writer_whose_run_was_taken_goes_no_further(tmp_path: Path) -> None:
    file = tmp_path / "runs.db"
    with closing(Journal(str(file))) as journal, closing(journal.begin(STARTED)) as writer:
        for claim in Path(f"{file}.claims").iterdir():
            claim.unlink()  # as somebody may who cleans up
        with closing(Journal(str(file))) as other, closing(other.resume("first")) as theirs:
            theirs.append(PHASE)

            with pytest.raises(StoreError, match="another process has taken up the run first"):
                writer.append(PHASE)

        assert list(breaks(journal.rows("first"))) == []


def test_the_end_of_a_run_is_remembered(journal: Journal) -> None:
    with closing(journal.begin(STARTED)) as writer:
        assert journal.head("first") is None
        writer.append(RunEnded("done", "", {}, "hash"))

    assert journal.head("first") == list(journal.rows("first"))[-1].hash


def test_what_is_in_flight_is_told_by_place(journal: Journal) -> None:
    with closing(journal.begin(STARTED)) as writer:
        assert writer.in_flight() == {}


class Clients:
    """Two journals of one database, the first of which writes a run."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self.store = server.new_store()
        self.journal = Journal(self.store)
        self.writer: RunWriter = self.journal.begin(STARTED)
        self.other = Journal(self.store)

    def kinds(self) -> list[str]:
        rows = list(self.other.rows("first"))
        assert list(breaks(rows)) == []
        return [row.kind for row in rows]


@pytest.fixture
def clients(postgres: PostgresServer) -> Iterator[Clients]:
    made = Clients(postgres)
    with closing(made.journal), closing(made.other), closing(made.writer):
        yield made


@pytest.mark.slow
def test_a_server_that_restarts_is_waited_for(clients: Clients) -> None:
    clients.server.restart()

    clients.writer.append(PHASE)

    assert clients.kinds() == ["RunStarted", "PhaseStarted"]


@pytest.mark.slow
def test_a_server_that_is_gone_for_a_while_is_waited_for(clients: Clients) -> None:
    clients.server.stop()
    writing = threading.Thread(target=clients.writer.append, args=(PHASE,))
    writing.start()
    time.sleep(2)

    clients.server.start()

    writing.join()
    assert clients.kinds() == ["RunStarted", "PhaseStarted"]


@pytest.mark.slow
def test_a_claim_is_renewed_after_a_restart_whoever_noticed_it_first(clients: Clients) -> None:
    clients.server.restart()
    assert clients.journal.has("first")

    clients.writer.append(PHASE)

    with pytest.raises(UsageError, match="under way"):
        clients.other.resume("first")


@pytest.mark.slow
def test_a_run_that_was_taken_during_a_restart_is_left_to_the_other(clients: Clients) -> None:
    clients.server.restart()
    with closing(clients.other.resume("first")) as theirs:
        theirs.append(PHASE)

        with pytest.raises(StoreError, match="another process has taken up the run first"):
            clients.writer.append(PHASE)

    assert clients.kinds() == ["RunStarted", "PhaseStarted"]


@pytest.mark.slow
def test_a_server_that_stays_away_is_an_error_and_loses_nothing(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE_SECONDS", 0.3)
    clients.server.stop()
    try:
        with pytest.raises(StoreError, match="writing to the journal at postgresql"):
            clients.writer.append(PHASE)
    finally:
        clients.server.start()
    clients.writer.append(RunEnded("failed", "the server was away", {}, None))

    assert clients.kinds() == ["RunStarted", "RunEnded"]


@pytest.mark.slow
def test_threads_that_write_during_restarts_lose_nothing(clients: Clients) -> None:
    def write(thread: int) -> None:
        for repeat in range(100):
            event = scored(1000 * thread + repeat)
            clients.writer.append(event, key=event.key)
            time.sleep(0.01)

    threads = [threading.Thread(target=write, args=(each,)) for each in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        clients.server.restart()
    for thread in threads:
        thread.join()

    assert clients.kinds() == ["RunStarted", *["SessionScored"] * 400]
    assert clients.other.is_claimed("first")


def test_a_file_that_stays_locked_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_BUSY_SECONDS", 0.05)
    file = tmp_path / "runs.db"
    with closing(Journal(str(file))) as journal, closing(journal.begin(STARTED)) as writer:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match=r"writing to the journal .*: database is locked"):
                writer.append(PHASE)
        writer.append(RunEnded("failed", "", {}, None))

        assert [row.kind for row in journal.rows("first")] == ["RunStarted", "RunEnded"]


@pytest.mark.slow
def test_who_is_to_end_waits_for_a_server_a_few_seconds_at_most(clients: Clients) -> None:
    clients.server.stop()
    clients.journal.hurry()
    started = time.monotonic()

    def append(_: int) -> None:
        with pytest.raises(StoreError):
            clients.writer.append(PHASE)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(8)))

    assert time.monotonic() - started < 30
    clients.server.start()
