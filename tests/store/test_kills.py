"""A run that is killed again and again ends as if nothing had happened, and pays nothing twice.

A model's reply can be lost in one way only: between the moment in which the model is asked and the
moment in which the reply is in the journal. So each life of a run may ask for what the journal does
not hold yet, and for nothing else; what was in flight at a kill is the most that is asked again.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import durable
from postgres import PostgresServer
from selftaught import journals, keeping
from selftaught.events import ReplyReceived, RunEnded
from selftaught.store import Journal, breaks

TASK = '''
"""Numbers that are large."""
import random

def instance(seed):
    return (random.Random(seed).random(),), 1

def score(answer, expected):
    return min(1.0, max(0.0, float(answer)))

def algorithm(number):
    best = number / 2
    return best + 0.1
'''
SESSION = {"calls": 2, "samples_per_call": 2, "evaluations": 3}
SERIAL = {
    "iterations": 1,
    "repeats": 1,
    "gate_repeats": 1,
    "test_repeats": 1,
    "session": SESSION,
    "self_session": {"calls": 1, "samples_per_call": 2, "evaluations": 1},
    "workers": 1,
    "seed": 3,
}
"""One session at a time: at most one request is in flight."""
THREADS = """
import threading
from helpers import extract_code

def improve_algorithm(initial_solution, utility, language_model):
    replies = [None, None]

    def ask(number):
        message = f"Improve, hint {number}:\\n```python\\n{initial_solution}\\n```\\n{utility.str}"
        replies[number] = language_model.prompt("You program.", message, 2, 0.7)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [initial_solution, *extract_code(replies[0] + replies[1])][:3]
    scores = utility.map(found)
    return found[scores.index(max(scores))]
"""
"""An improver that asks from two threads at once."""
WHIMSICAL = """
import os, time
from helpers import extract_code

def improve_algorithm(initial_solution, utility, language_model):
    whim = os.urandom(8).hex() + str(time.time_ns())
    message = f"{whim}:\\n```python\\n{initial_solution}\\n```\\n{utility.str}"
    found = extract_code(language_model.prompt("You program.", message, 2, 0.7))
    found += extract_code(language_model.prompt("You program.", message + ".", 2, 0.7))
    return max([initial_solution, *found][:3], key=utility)
"""
"""An improver that asks for something else whenever it runs."""


@dataclass
class Lives:
    """The lives of a run, one process each."""

    folder: Path
    store: str
    experiment: dict[str, Any]
    improve: bool = False
    asked: list[Counter[str]] = field(default_factory=list[Counter[str]])
    """Requests to the model, life by life."""

    def live(self, *, kill: tuple[int, str] | None = None) -> dict[str, Any] | None:
        """Lives once; returns the result, or None after a kill."""
        return self.end_of(self.start(kill=kill))

    def end_of(self, process: subprocess.Popen[str]) -> dict[str, Any] | None:
        """Waits for the end of a life; see `live`."""
        out, err = process.communicate(timeout=100)
        self.asked.append(self._asked_so_far() - sum(self.asked, Counter()))
        if process.returncode == -signal.SIGKILL:
            return None
        assert process.returncode == 0, err
        return json.loads(out)

    def start(self, *, kill: tuple[int, str] | None = None) -> subprocess.Popen[str]:
        experiment = {"name": "r", "store": self.store, "tasks": [str(self.task)]}
        plan = {"log": str(self.log), "experiment": experiment | self.experiment}
        plan |= {"improve": self.improve} | ({"kill": kill} if kill else {})
        return subprocess.Popen(
            [sys.executable, durable.__file__, json.dumps(plan)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.task = self.folder / "large.py"
        self.task.write_text(TASK)
        self.log = self.folder / "log"
        self.log.touch()

    def _asked_so_far(self) -> Counter[str]:
        return Counter(self.log.read_text().split())

    def journaled(self) -> Counter[str]:
        """Returns the requests whose replies are in the journal."""
        with closing(Journal(self.store)) as journal:
            if not journal.has("r"):
                return Counter()
            return Counter(
                durable.name_of(each) for each in journal.events("r", kinds=(ReplyReceived,))
            )

    def rows(self) -> int:
        with closing(Journal(self.store)) as journal:
            found = list(journal.rows("r"))
            assert list(breaks(found)) == []
            return len(found)


@pytest.fixture
def other_store(store: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A second store, of the same kind."""
    if "://" not in store:
        return str(tmp_path / "other.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_store()


def same_task(lives: Lives, other: Lives) -> Lives:
    other.task = lives.task
    return other


def survives(lives: Lives, unbroken: Lives, *, kills: int, seed: int, in_flight: int) -> None:
    """Kills a run at random events, and compares what it comes to with an unbroken one."""
    wanted = unbroken.live()
    assert wanted is not None
    assert wanted["status"] in {"done", "improved", "not improved"}
    all_asked, length = unbroken.journaled(), unbroken.rows()
    rng = random.Random(seed)
    died, lost = 0, 0
    while died < kills:
        known = lives.journaled()
        event = rng.randint(1, max(3, length // kills))
        result = lives.live(kill=(event, rng.choice(["before", "after"])))
        # The heart of it: nothing that the journal holds is asked for again.
        assert lives.asked[-1] <= all_asked - known
        lost += (lives.asked[-1] - (lives.journaled() - known)).total()
        assert result is None, "it ended before it was killed often enough"
        died += 1
    known = lives.journaled()
    result = lives.live()

    assert lives.asked[-1] == all_asked - known
    assert result is not None
    assert {**result, "spent": counts(result)} == {**wanted, "spent": counts(wanted)}
    assert lives.journaled() == all_asked
    assert sum(lives.asked, Counter()).total() == all_asked.total() + lost
    assert lost <= in_flight * died
    assert lives.rows() >= length
    assert checked(lives) == []


def counts(result: dict[str, Any]) -> dict[str, float]:
    return {unit: result["spent"][unit] for unit in ("calls", "samples", "evaluations")}


def checked(lives: Lives) -> list[str]:
    return list(keeping.verify("r", store=lives.store).problems)


@pytest.fixture
def lives(tmp_path: Path, store: str) -> Lives:
    return Lives(tmp_path / "killed", store, SERIAL)


@pytest.fixture
def unbroken(tmp_path: Path, other_store: str, lives: Lives) -> Lives:
    return same_task(lives, Lives(tmp_path / "unbroken", other_store, SERIAL))


@pytest.mark.timeout(300)
def test_a_run_survives_a_few_kills(tmp_path: Path) -> None:
    lives = Lives(tmp_path / "killed", str(tmp_path / "a.db"), SERIAL | {"iterations": 0})
    unbroken = Lives(tmp_path / "unbroken", str(tmp_path / "b.db"), lives.experiment)

    survives(lives, same_task(lives, unbroken), kills=4, seed=1, in_flight=1)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_run_survives_50_kills(lives: Lives, unbroken: Lives) -> None:
    lives.experiment = unbroken.experiment = SERIAL | {"iterations": 2, "test_repeats": 3}

    survives(lives, unbroken, kills=50, seed=2, in_flight=16)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_run_whose_improver_uses_threads_survives_kills(lives: Lives, unbroken: Lives) -> None:
    improver = lives.folder / "threads.py"
    improver.write_text(THREADS)
    more = {"improver": str(improver), "repeats": 2, "iterations": 1}
    lives.experiment = unbroken.experiment = SERIAL | more

    survives(lives, unbroken, kills=10, seed=3, in_flight=16)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_application_survives_kills(lives: Lives, unbroken: Lives) -> None:
    lives.improve = unbroken.improve = True

    survives(lives, unbroken, kills=8, seed=4, in_flight=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_whimsical_improver_is_told_of_and_overspends_nothing(lives: Lives) -> None:
    improver = lives.folder / "whimsical.py"
    improver.write_text(WHIMSICAL)
    limits = {"samples": 60, "calls": 40, "evaluations": 400}
    lives.experiment = SERIAL | {"improver": str(improver), "limits": limits}
    for _ in range(6):
        result = lives.live(kill=(14, "after"))
        if result is not None:
            break
    known = lives.journaled()

    result = lives.live()

    assert result is not None
    assert result["status"] in {"done", "cut short"}
    assert all(result["spent"][unit] <= limit for unit, limit in limits.items())
    assert result["spent"]["samples"] == lives.journaled().total()
    assert (lives.asked[-1] & known) == Counter()
    assert result["diverged"] > 0
    assert journals.show("r", store=lives.store).diverged == result["diverged"]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", [0, 5])
def test_a_run_survives_restarts_of_the_server_under_it(
    tmp_path: Path, postgres: PostgresServer, kills: int
) -> None:
    unbroken = Lives(tmp_path / "unbroken", str(tmp_path / "b.db"), SERIAL)
    wanted = unbroken.live()
    lives = same_task(unbroken, Lives(tmp_path / "shaken", postgres.new_store(), SERIAL))
    rng = random.Random(5)
    restarts = 0
    for _ in range(kills):
        process = lives.start(kill=(rng.randint(4, 16), "after"))
        restarts += restarted_under(process, lives, postgres, most=1)
        lives.end_of(process)
    process = lives.start()
    restarts += restarted_under(process, lives, postgres, most=4)

    result = lives.end_of(process)

    assert result is not None
    assert wanted is not None
    assert restarts >= 1 + kills // 2
    assert result["result_hash"] == wanted["result_hash"]
    assert counts(result) == counts(wanted)
    assert lives.journaled() == unbroken.journaled()
    assert sum(lives.asked, Counter()).total() <= unbroken.journaled().total() + kills
    assert checked(lives) == []


def restarted_under(
    process: subprocess.Popen[str], lives: Lives, postgres: PostgresServer, *, most: int
) -> int:
    """Restarts the server each time the run has come further; returns how often."""
    with closing(Journal(lives.store)) as journal:
        before, restarts = len(list(journal.rows("r"))), 0
        while process.poll() is None and restarts < most:
            rows = len(list(journal.rows("r")))
            if rows > before + 2:
                postgres.restart()
                restarts, before = restarts + 1, rows
            time.sleep(0.02)
    return restarts


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_process_outlives_a_killed_host(lives: Lives) -> None:
    seen: set[Path] = set()
    with lives.start(kill=(12, "before")) as process:
        while process.poll() is None:
            seen |= descendants(process.pid)
            time.sleep(0.01)

    assert process.returncode == -signal.SIGKILL
    assert seen
    for _ in range(500):
        if not any(is_running(each) for each in seen):
            break
        time.sleep(0.01)
    assert [each for each in seen if is_running(each)] == []


def descendants(pid: int) -> set[Path]:
    """Returns the folders in /proc of all processes below one."""
    found: set[Path] = set()
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            numbers = children.read_text().split()
        except OSError:
            continue
        for number in numbers:
            found |= {Path(f"/proc/{number}"), *descendants(int(number))}
    return found


def is_running(process: Path) -> bool:
    try:
        return process.joinpath("stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_run_that_is_asked_to_stop_ends_soon_and_is_taken_up_again(
    lives: Lives, unbroken: Lives
) -> None:
    wanted = unbroken.live()
    process = lives.start()
    with closing(Journal(lives.store)) as journal:
        while not journal.is_claimed("r"):
            time.sleep(0.02)
        while len(list(journal.rows("r"))) < 3:
            time.sleep(0.02)
        journal.ask_to_stop("r", "that is enough")
        stopped = json.loads(process.communicate(timeout=100)[0])
        ends = list(journal.events("r", kinds=(RunEnded,)))

    assert (stopped["status"], stopped["reason"]) == ("cut short", "that is enough")
    assert [end.status for end in ends if isinstance(end, RunEnded)] == ["cut short"]
    result = lives.live()
    assert result is not None
    assert wanted is not None
    assert result["result_hash"] == wanted["result_hash"]
