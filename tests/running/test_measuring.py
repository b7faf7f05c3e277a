"""Improvers side by side, in the real sandbox, and measured again from the journal."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from selftaught import keeping
from selftaught.analysis.summary import RunSummary
from selftaught.analysis.summary_json import as_json
from selftaught.events import Event, SolutionScored
from selftaught.experiment import Experiment
from selftaught.running.measuring import Measuring, Sessions, sessions_of
from selftaught.solution import Solution

TASK = '''"""Add up numbers."""

def instance(seed):
    numbers = [seed % 7, seed % 11, seed % 13]
    return (numbers,), sum(numbers)

def score(answer, expected):
    return float(answer == expected)

def algorithm(numbers):
    return max(numbers) + 1
'''
KNOWING = Solution("""
def improve_algorithm(initial_solution, utility, language_model):
    utility(initial_solution)
    language_model.prompt("expert", initial_solution, n_responses=2)
    return "def algorithm(numbers):\\n    return sum(numbers)"
""")
IDLE = Solution("""
def improve_algorithm(initial_solution, utility, language_model):
    return initial_solution
""")
FAILING = Solution("""
def improve_algorithm(initial_solution, utility, language_model):
    language_model.prompt("expert", initial_solution)
    raise ValueError
""")
NONE = Solution("x = 1")
IMPROVERS = [KNOWING, IDLE, FAILING, NONE]


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    folder = tmp_path_factory.mktemp("measuring")
    (folder / "adding.py").write_text(TASK)
    return Experiment.model_validate(
        {
            "tasks": (str(folder / "adding.py"),),
            "test_repeats": 2,
            "store": str(folder / "journal.db"),
            "name": "measured",
        }
    )


@pytest.fixture(scope="module")
def measured(experiment: Experiment) -> RunSummary:
    return Measuring(experiment, IMPROVERS)()


@pytest.mark.usefixtures("measured")
def test_scores_and_what_sessions_used_come_from_the_journal(experiment: Experiment) -> None:
    knowing, idle, failing, none = sessions_of(experiment, IMPROVERS, "adding")

    assert knowing == Sessions(scores=(1, 1), calls=(1, 1), samples=(2, 2), evaluations=(1, 1))
    assert idle.samples == idle.evaluations == (0, 0)
    assert all(0 <= score < 0.5 for score in idle.scores)
    assert failing == Sessions(scores=(0, 0), calls=(1, 1), samples=(1, 1), evaluations=(0, 0))
    assert none == Sessions(scores=(0, 0), calls=(0, 0), samples=(0, 0), evaluations=(0, 0))


def test_what_is_done_is_not_measured_again(experiment: Experiment, measured: RunSummary) -> None:
    heard: list[Event] = []

    again = Measuring(experiment, IMPROVERS, heard.append)()

    assert again == measured
    assert heard == []


def test_a_measurement_that_is_stopped_goes_on(experiment: Experiment) -> None:
    mine = experiment.model_copy(update={"name": "stopped"})

    def stop_at_the_fifth(event: Event) -> None:
        heard.extend([event] if isinstance(event, SolutionScored) else [])
        if len(heard) == 5:
            measuring.stop("enough")

    heard: list[Event] = []
    measuring = Measuring(mine, IMPROVERS, stop_at_the_fifth)
    stopped = measuring()
    done = Measuring(mine, IMPROVERS)()

    assert (stopped.status, stopped.reason) == ("cut short", "enough")
    assert (done.status, done.resumptions) == ("done", 1)
    expected = sessions_of(experiment, IMPROVERS, "adding")
    assert sessions_of(mine, IMPROVERS, "adding") == expected
    assert keeping.verify("stopped", store=mine.store).holds


def test_measurements_are_verified_and_replayed(
    experiment: Experiment, measured: RunSummary
) -> None:
    verified = keeping.verify("measured", store=experiment.store)
    again = keeping.replay("measured", store=experiment.store, programs=True)

    assert verified.problems == ()
    assert verified.decisions == 1
    assert again.differences == ()
    assert again.sessions == 6  # what is no improver has none
    assert json.dumps(as_json(again.summary)) == json.dumps(as_json(measured))


@pytest.mark.usefixtures("measured")
def test_a_score_that_was_changed_is_found_by_measuring_again(
    experiment: Experiment, tmp_path: Path
) -> None:
    copied = tmp_path / "copied.db"
    with (
        closing(sqlite3.connect(str(experiment.store))) as source,
        closing(sqlite3.connect(copied)) as target,
    ):
        source.backup(target)
        target.execute(
            "UPDATE events SET body = json_set(body, '$.score', 0.5) "
            "WHERE run = 'measured' AND kind = 'SessionScored' AND place LIKE ?",
            (f"measure/{KNOWING.id}/%",),
        )
        target.commit()

    again = keeping.replay("measured", store=str(copied), programs=True)

    assert len(again.differences) == 2
    assert all(f"measure/{KNOWING.id}" in each for each in again.differences)
