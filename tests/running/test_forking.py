"""Runs that go on from an earlier generation of another one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from selftaught import api, journals, keeping
from selftaught.errors import UsageError
from selftaught.experiment import Experiment
from selftaught.store import Journal


def test_a_fork_shares_the_past_and_goes_its_own_way(copied: Path) -> None:
    experiment = keeping.fork("done", at=1, name="fork", store=str(copied))

    summary = api.run(experiment)

    before = journals.show("done", store=str(copied))
    assert summary.status == "done"
    assert summary.run == "fork"
    assert summary.fork is not None
    assert (summary.fork.origin, summary.fork.t) == ("done", 1)
    assert summary.iterations[:2] == before.iterations[:2]
    assert len(summary.iterations) == 3
    assert keeping.verify("fork", store=str(copied)).holds
    assert keeping.replay("fork", store=str(copied)).differences == ()


def test_the_shared_past_is_the_same_chain(copied: Path) -> None:
    keeping.fork("done", at=0, name="fork", store=str(copied))

    with closing(Journal(str(copied))) as journal:
        past = [row.hash for row in journal.rows("done")]
        shared = [row.hash for row in journal.rows("fork")]
    assert shared[:-1] == past[: len(shared) - 1]
    assert shared[-1] not in past


def test_a_fork_may_go_further_than_the_run_did(copied: Path) -> None:
    experiment = keeping.fork("done", at=2, name="longer", store=str(copied), iterations=3)

    assert experiment.iterations == 3


@pytest.mark.parametrize(
    ("at", "message"),
    [(7, "no generation 7: it has generations 0 to 2"), (2, "say how far .* --iterations")],
)
def test_a_fork_that_makes_no_sense_is_refused_in_words(
    copied: Path, at: int, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        keeping.fork("done", at=at, name="fork", store=str(copied))

    assert "fork" not in [record.run for record in journals.runs(str(copied))]


def test_a_fork_cannot_take_a_name_that_is_taken(copied: Path) -> None:
    with pytest.raises(UsageError, match="there is a run 'applied' already"):
        keeping.fork("done", at=1, name="applied", store=str(copied))


def test_an_application_has_no_generations_to_fork_at(copied: Path) -> None:
    with pytest.raises(UsageError, match="it has none yet"):
        keeping.fork("applied", at=0, name="fork", store=str(copied))


def test_a_fork_that_cannot_be_carried_out_leaves_nothing_behind(copied: Path) -> None:
    with pytest.raises(UsageError, match="model"):
        keeping.fork("done", at=1, name="fork", store=str(copied), model="nobody")

    assert "fork" not in [record.run for record in journals.runs(str(copied))]


def test_a_run_of_an_older_version_cannot_be_forked(copied: Path) -> None:
    with closing(sqlite3.connect(copied)) as connection, connection:
        connection.execute("UPDATE events SET hash = '', key = NULL WHERE run = 'done'")

    with pytest.raises(UsageError, match="an older version"):
        keeping.fork("done", at=1, name="fork", store=str(copied))


def test_a_command_without_a_name_does_not_take_up_a_fork(copied: Path) -> None:
    fork = keeping.fork("done", at=0, name="fork", store=str(copied))
    nameless = fork.model_copy(update={"name": None})

    summary = api.run(nameless)

    assert summary.run != "fork"
    assert summary.fork is None
    assert summary.result_hash == journals.show("done", store=str(copied)).result_hash


def test_a_fork_that_was_not_interrupted_does_not_say_so(copied: Path) -> None:
    summary = api.run(keeping.fork("done", at=1, name="fork", store=str(copied)))

    assert summary.resumptions == 0


def test_what_a_fork_will_do_is_told_before_anything_is_written(copied: Path) -> None:
    left: list[int] = []

    def disagree(experiment: Experiment) -> None:
        left.append(experiment.iterations)
        raise UsageError("too dear")

    with pytest.raises(UsageError, match="too dear"):
        keeping.fork("done", at=1, store=str(copied), iterations=4, agree=disagree)

    assert left == [3]
    assert [record.run for record in journals.runs(str(copied))].count("done") == 1
    assert not [each for each in journals.runs(str(copied)) if each.status == "unfinished"]


def test_a_fork_may_get_a_limit_and_keeps_the_others(copied: Path) -> None:
    limited = keeping.fork("done", at=1, name="a", store=str(copied), limits={"dollars": 2.0})
    again = keeping.fork("a", at=1, name="b", store=str(copied), limits={"calls": 900})

    assert (limited.limits.dollars, limited.limits.calls) == (2.0, None)
    assert (again.limits.dollars, again.limits.calls) == (2.0, 900)
