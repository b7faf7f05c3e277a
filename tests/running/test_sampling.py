"""Replies to one question, and the same from the journal."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from selftaught import keeping
from selftaught.analysis.summary import RunSummary
from selftaught.analysis.summary_json import as_json
from selftaught.errors import UsageError
from selftaught.events import Event, ReplyReceived
from selftaught.experiment import Experiment
from selftaught.running.sampling import Question, Sampling
from selftaught.solution import Solution

PROGRAM = Solution("def algorithm(numbers):\n    return sorted(numbers)")
QUESTION = Question(PROGRAM, "You are an expert.", f"```python\n{PROGRAM.text}\n```\nImprove it.")


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    store = str(tmp_path_factory.mktemp("sampling") / "journal.db")
    return Experiment(store=store, name="sampled")


@pytest.fixture(scope="module")
def sampled(experiment: Experiment) -> RunSummary:
    return Sampling(experiment, QUESTION, range(8))()


def test_replies_are_asked_for_in_calls_of_the_experiment(sampled: RunSummary) -> None:
    assert sampled.status == "done"
    assert sampled.spent["samples"] == 8
    assert sampled.spent["calls"] == 2
    assert sampled.kind == "replies"


def test_every_reply_is_drawn_by_itself(experiment: Experiment) -> None:
    heard: list[Event] = []
    Sampling(experiment.model_copy(update={"name": "heard"}), QUESTION, range(8), heard.append)()

    replies = [event for event in heard if isinstance(event, ReplyReceived)]
    draws = {(reply.stream, reply.index) for reply in replies}
    assert {(reply.expertise, reply.message, reply.temperature) for reply in replies} == {
        (QUESTION.expertise, QUESTION.message, 0.7)
    }
    assert draws == {
        *(("replies/0", index) for index in range(6)),
        *(("replies/1", index) for index in range(2)),
    }


def test_replies_are_verified_and_replayed(experiment: Experiment, sampled: RunSummary) -> None:
    again = keeping.replay("sampled", store=experiment.store)

    assert keeping.verify("sampled", store=experiment.store).problems == ()
    assert again.differences == ()
    assert json.dumps(as_json(again.summary)) == json.dumps(as_json(sampled))


def test_another_question_is_another_run(experiment: Experiment, sampled: RunSummary) -> None:
    other = Question(Solution("x = 1"), QUESTION.expertise, QUESTION.message)

    with pytest.raises(UsageError, match=f"there is a run '{sampled.run}' already"):
        Sampling(experiment, other, range(8))()


def test_a_limit_cuts_a_sampling_short(experiment: Experiment) -> None:
    limited = Experiment.model_validate(
        {"store": experiment.store, "name": "limited", "limits": {"samples": 6}}
    )

    summary = Sampling(limited, QUESTION, range(8))()

    assert summary.status == "cut short"
    assert "the run may spend 6 samples" in summary.reason
    again = keeping.replay("limited", store=experiment.store)
    assert again.differences == ()
    assert keeping.verify("limited", store=experiment.store).problems == ()


@pytest.mark.usefixtures("sampled")
def test_a_reply_that_was_changed_does_not_pass(experiment: Experiment, tmp_path: Path) -> None:
    copied = tmp_path / "copied.db"
    with (
        closing(sqlite3.connect(str(experiment.store))) as source,
        closing(sqlite3.connect(copied)) as target,
    ):
        source.backup(target)
        target.execute(
            "UPDATE events SET body = json_set(body, '$.reply', 'Another one.') "
            "WHERE run = 'sampled' AND kind = 'ReplyReceived'"
        )
        target.commit()

    assert not keeping.verify("sampled", store=str(copied)).holds
