"""One writer a run, and nobody waits for one that is dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from selftaught.errors import UsageError
from selftaught.events import PhaseStarted, RunStarted
from selftaught.place import Place
from selftaught.store import Journal, RunWriter

STARTED = RunStarted("first", {}, {}, "full")
HOLDER = """
import sys
from selftaught.store import Journal
writer = Journal(sys.argv[1]).resume("first")
print("claimed", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def journal(store: str) -> Iterator[Journal]:
    with closing(Journal(store)) as opened:
        opened.begin(STARTED).close()
        yield opened


@contextmanager
def holder(store: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, store],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "claimed\n"
        yield process
        process.kill()


def test_a_run_under_way_is_not_taken_up_by_another_journal(journal: Journal, store: str) -> None:
    with (
        closing(Journal(store)) as other,
        closing(journal.resume("first")),
        pytest.raises(UsageError, match="the run first is under way in another process"),
    ):
        other.resume("first")


def test_a_run_under_way_is_not_taken_up_by_another_thread(journal: Journal) -> None:
    def resume(_: int) -> RunWriter | None:
        try:
            return journal.resume("first")
        except UsageError:
            return None

    with ThreadPoolExecutor(8) as pool:
        writers = [writer for writer in pool.map(resume, range(8)) if writer]

    assert len(writers) == 1
    writers[0].close()


def test_a_name_is_begun_by_one_of_several_threads(journal: Journal) -> None:
    def begin(_: int) -> RunWriter | None:
        try:
            return journal.begin(RunStarted("second", {}, {}, "full"))
        except UsageError:
            return None

    with ThreadPoolExecutor(8) as pool:
        writers = [writer for writer in pool.map(begin, range(8)) if writer]
    for writer in writers:
        writer.append(PhaseStarted(Place(), "gate", 1))
        writer.close()

    assert len(writers) == 1
    assert len(list(journal.rows("second"))) == 2


def test_other_runs_can_be_written_meanwhile(journal: Journal) -> None:
    with closing(journal.resume("first")), closing(journal.begin(RunStarted("x", {}, {}, ""))):
        assert journal.is_claimed("first")
        assert journal.is_claimed("x")


def test_a_claim_ends_when_it_is_given_back(journal: Journal) -> None:
    journal.resume("first").close()

    assert not journal.is_claimed("first")
    journal.resume("first").close()


def test_a_claim_is_given_back_where_the_run_cannot_be_begun(journal: Journal) -> None:
    with pytest.raises(UsageError, match="there is a run 'first' already"):
        journal.begin(STARTED)

    assert not journal.is_claimed("first")


def test_looking_at_a_claim_takes_nothing(journal: Journal, store: str) -> None:
    assert not journal.is_claimed("first")
    with closing(Journal(store)) as other, closing(other.resume("first")):
        assert journal.is_claimed("first")
    assert not journal.is_claimed("first")


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_claim_ends_with_its_process(journal: Journal, store: str, how: signal.Signals) -> None:
    with holder(store) as process:
        assert journal.is_claimed("first")
        with pytest.raises(UsageError, match="under way"):
            journal.resume("first")

        os.kill(process.pid, how)
        process.wait()

        freed_within_a_moment(journal)
        journal.resume("first").close()


def freed_within_a_moment(journal: Journal) -> None:
    # A server learns of the end of a connection a moment after it.
    for _ in range(100):
        if not journal.is_claimed("first"):
            return
        signal.sigtimedwait([], 0.01)
    pytest.fail("the claim outlives its process by a second")


def test_claims_leave_no_files_behind(tmp_path: Path) -> None:
    store = tmp_path / "runs.db"
    with closing(Journal(str(store))) as journal:
        journal.begin(STARTED).close()

    assert list(Path(f"{store}.claims").iterdir()) == []
