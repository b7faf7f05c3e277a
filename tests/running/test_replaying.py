"""Runs that are executed again from their journals."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from selftaught import journals, keeping
from selftaught.analysis.summary import RunSummary
from selftaught.analysis.summary_json import as_json

RUNS = ["done", "applied"]


def deleted(file: Path, condition: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"DELETE FROM events WHERE run = 'done' AND {condition}")


@pytest.mark.parametrize("run", RUNS)
def test_a_replay_comes_to_the_same_document_byte_for_byte(finished: Path, run: str) -> None:
    again = keeping.replay(run, store=str(finished))

    assert json.dumps(as_json(again.summary)) == json.dumps(as_json(_shown(run, finished)))
    assert again.differences == ()
    assert again.decisions >= 2


@pytest.mark.parametrize("run", RUNS)
def test_improver_programs_run_again_and_return_the_same(finished: Path, run: str) -> None:
    again = keeping.replay(run, store=str(finished), programs=True)

    assert again.differences == ()
    assert again.sessions >= 1


def test_a_score_that_was_changed_leads_to_other_decisions(copied: Path) -> None:
    with closing(sqlite3.connect(copied)) as connection, connection:
        connection.execute(
            "UPDATE events SET body = json_set(body, '$.score', 0.125) "
            "WHERE kind = 'SessionScored' AND place LIKE 't0/search%'"
        )

    again = keeping.replay("done", store=str(copied))

    assert "GenerationEnded differs" in again.differences
    assert again.summary.result_hash != _shown("done", copied).result_hash
    assert again.summary.iterations[0].search is not None
    assert again.summary.iterations[0].search.mean == 0.125


def test_a_run_that_was_interrupted_is_replayed_up_to_there(copied: Path) -> None:
    last = "(SELECT number FROM events WHERE run = 'done' AND kind = 'GenerationEnded' LIMIT 1)"
    deleted(copied, f"number > {last}")

    again = keeping.replay("done", store=str(copied))

    assert again.differences == ()
    assert [row.t for row in again.summary.iterations] == [0]
    assert again.summary.status == "unfinished"


def test_a_reply_that_is_missing_is_not_asked_for_anywhere(copied: Path) -> None:
    deleted(copied, "kind = 'ReplyReceived' AND place = 't1/propose'")

    again = keeping.replay("done", store=str(copied), programs=True)

    assert any("t1/propose returned something else" in each for each in again.differences)


def _shown(run: str, file: Path) -> RunSummary:
    return journals.show(run, store=str(file))
