"""Which run a command begins, takes up again or refuses."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from selftaught import keeping
from selftaught.analysis.summary import RunSummary
from selftaught.errors import RunCutShort, UsageError
from selftaught.events import Event, RunResumed, RunStarted, SeedSolutionScored
from selftaught.experiment import Experiment, parse
from selftaught.running.execution import no_listener
from selftaught.running.runner import Run
from selftaught.running.verification import verify
from selftaught.store import Journal

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


@pytest.fixture
def task(tmp_path: Path) -> Path:
    path = tmp_path / "large.py"
    path.write_text(TASK)
    return path


@pytest.fixture
def described(task: Path, own_store: str) -> dict[str, Any]:
    session = {"calls": 1, "samples_per_call": 2, "evaluations": 2}
    return {
        "tasks": [str(task)],
        "store": own_store,
        "iterations": 0,
        "repeats": 1,
        "test_repeats": 1,
        "session": session,
        "workers": 1,
    }


def run(described: dict[str, Any], watch: Any = no_listener, **changes: object) -> RunSummary:
    return Run(experiment(described, **changes), watch)()


def experiment(described: dict[str, Any], **changes: object) -> Experiment:
    return parse(described | changes, where="the test")


def events(described: dict[str, Any], run: str) -> list[Event]:
    with closing(Journal(described["store"])) as journal:
        return list(journal.events(run))


def test_a_run_that_was_cut_short_goes_on_by_the_same_command(described: dict[str, Any]) -> None:
    cut = run(described, name="a", limits={"evaluations": 2})
    summary = run(described, name="a")
    unbroken = run(described, name="b")

    assert (cut.status, summary.status) == ("cut short", "done")
    assert summary.result_hash == unbroken.result_hash
    assert summary.resumptions == 1
    units = ("calls", "samples", "evaluations")
    assert [summary.spent[unit] for unit in units] == [unbroken.spent[unit] for unit in units]


@pytest.mark.slow
def test_a_limit_holds_over_all_resumptions(described: dict[str, Any]) -> None:
    for _ in range(3):
        summary = run(described, name="a", limits={"evaluations": 2})

    assert summary.status == "cut short"
    assert summary.spent["evaluations"] == 2


@pytest.mark.slow
def test_without_a_name_the_newest_unfinished_run_that_does_the_same_goes_on(
    described: dict[str, Any],
) -> None:
    cut = run(described, limits={"evaluations": 2})
    other = run(described, seed=5)
    summary = run(described)

    assert (cut.status, summary.status) == ("cut short", "done")
    assert summary.run == cut.run
    assert other.run != cut.run


def test_a_run_that_is_done_is_not_repeated(described: dict[str, Any]) -> None:
    first = run(described, name="a")
    before = events(described, "a")
    told: list[Event] = []

    again = run(described, told.append, name="a")

    assert again == first
    assert told == []
    assert events(described, "a") == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"seed": 5}, "its seed is 0, not 5"), ({"iterations": 1}, "its iterations is 0, not 1")],
    ids=str,
)
def test_another_experiment_under_the_same_name_is_refused(
    described: dict[str, Any], changes: dict[str, object], words: str
) -> None:
    run(described, name="a", limits={"evaluations": 2})

    with pytest.raises(UsageError, match=f"there is a run 'a' already, and {words}"):
        run(described, name="a", **changes)


def test_a_task_that_changed_is_refused_under_the_same_name(
    described: dict[str, Any], task: Path
) -> None:
    run(described, name="a", limits={"evaluations": 2})
    task.write_text(TASK.replace("0.1", "0.2"))

    with pytest.raises(UsageError, match="another task or improver: a file was changed since"):
        run(described, name="a")


@pytest.mark.slow
def test_a_run_that_another_process_writes_is_not_taken_up(described: dict[str, Any]) -> None:
    run(described, name="a", limits={"evaluations": 2})

    with (
        closing(Journal(described["store"])) as journal,
        closing(journal.resume("a")),
        pytest.raises(UsageError, match="the run a is under way in another process"),
    ):
        run(described, name="a")


def test_a_run_that_had_just_begun_goes_on(described: dict[str, Any]) -> None:
    def interrupt(event: Event) -> None:
        if isinstance(event, RunStarted):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(described, interrupt, name="a")
    summary = run(described, name="a")

    assert summary.status == "done"
    assert keeping.verify("a", store=described["store"]).problems == ()


@pytest.mark.slow
def test_a_resumed_run_tells_what_it_had_spent(described: dict[str, Any]) -> None:
    run(described, name="a", limits={"evaluations": 2})
    told: list[Event] = []
    run(described, told.append, name="a")

    resumed = [event for event in told if isinstance(event, RunResumed)]

    assert [event.spent["evaluations"] for event in resumed] == [2]


def test_a_stop_file_lets_no_run_begin(
    described: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "stop"
    file.touch()
    monkeypatch.setenv("SELFTAUGHT_STOP_FILE", str(file))

    with pytest.raises(UsageError, match=f"the stop file {file} forbids runs"):
        run(described, name="a")


@pytest.mark.slow
def test_a_stop_file_stops_a_run_which_goes_on_without_it(
    described: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "stop"
    monkeypatch.setenv("SELFTAUGHT_STOP_FILE", str(file))

    def stop_at(event: Event) -> None:
        if isinstance(event, SeedSolutionScored):
            file.touch()
            assert is_closed_within_seconds(running)

    running = Run(experiment(described, name="a"), stop_at)
    stopped = running()
    file.unlink()
    summary = run(described, name="a")

    assert (stopped.status, stopped.reason) == ("cut short", f"stopped by the file {file}")
    assert summary.status == "done"


def is_closed_within_seconds(running: Run) -> bool:
    for _ in range(1000):
        try:
            with running.budget.reserve({}):
                time.sleep(0.01)
        except RunCutShort:
            return True
    return False


AHEAD = {"ahead": True}


@pytest.mark.slow
def test_a_run_that_scores_ahead_comes_to_the_same_and_can_be_verified(
    described: dict[str, Any],
) -> None:
    small = described | {"iterations": 1, "gate_repeats": 2, "self_session": described["session"]}

    plain = run(small, name="plain")
    ahead = run(small, name="ahead", endpoint=AHEAD)

    assert plain.status == ahead.status == "done"
    assert ahead.result_hash == plain.result_hash
    with closing(Journal(small["store"])) as journal:
        assert verify(journal, "ahead").problems == ()


@pytest.mark.slow
@pytest.mark.parametrize("limit", [4, 9])
def test_a_run_that_scores_ahead_stays_within_its_limits_and_goes_on(
    described: dict[str, Any], limit: int
) -> None:
    small = described | {"iterations": 1, "gate_repeats": 2, "self_session": described["session"]}

    cut = run(small, name="a", endpoint=AHEAD, limits={"samples": limit})
    done = run(small, name="a", endpoint=AHEAD)

    assert (cut.status, done.status) == ("cut short", "done")
    assert cut.spent["samples"] <= limit
    assert done.result_hash == run(small, name="b").result_hash
    with closing(Journal(small["store"])) as journal:
        assert verify(journal, "a").problems == ()
