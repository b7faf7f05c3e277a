"""Runs that go on from an earlier generation of another one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from selftaught import api, journals, keeping
from selftaught.errors import UsageError
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
