"""How close generations came to their critical path."""

from __future__ import annotations

import json

import pytest

from selftaught.analysis.pace import Course, Pace, course
from selftaught.budget import Unit
from selftaught.errors import StoreError
from selftaught.solution import Solution
from selftaught.store import Row

FIRST, SECOND = Solution("first = 1"), Solution("second = 2")


class Run:
    """Rows of a journal, one after the other."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(self, time: float, kind: str, body: object, place: str = "") -> Run:
        row = Row(len(self.rows), time, kind, place, None, None, json.dumps(body))
        self.rows.append(row)
        return self

    def began(self, time: float, t: int = 1) -> Run:
        return self.add(time, "PhaseStarted", {"t": t, "phase": "propose"})

    def ended(self, time: float, t: int = 1) -> Run:
        return self.add(time, "GenerationEnded", {"t": t})

    def replied(self, place: str, began: float, ended: float, call: str = "") -> Run:
        body = {
            "call": call or f"{place} {began}",
            "seconds": ended - began,
            "tokens": 5,
            "dollars": 0.25,
        }
        return self.add(ended, "ReplyReceived", body, place)

    def scored(self, time: float, program: Solution, place: str = "t1/propose") -> Run:
        return self.add(time, "SolutionScored", {"solution": {"$program": program.digest}}, place)

    def pace(self) -> Pace:
        (pace,) = course(self.rows).paces
        return pace


def session(program: Solution, repeat: int = 0) -> str:
    return f"t1/propose/{program.id}/lpn/{repeat}"


def test_calls_of_one_session_follow_each_other() -> None:
    run = Run().began(0).replied("t1/propose", 1, 3).replied("t1/propose", 4, 5).ended(6)

    pace = run.pace()

    assert pace == Pace(1, seconds=6, critical_seconds=3)
    assert pace.ratio == 2


def test_calls_that_overlap_and_samples_of_one_call_count_once() -> None:
    run = Run().began(0).replied("t1/propose", 0, 2, "a").replied("t1/propose", 0, 3, "a")

    run.replied("t1/propose", 1, 4, "b").ended(4)

    assert run.pace() == Pace(1, seconds=4, critical_seconds=4)


def test_of_what_can_be_scored_together_the_longest_counts() -> None:
    run = Run().began(0).replied("t1/propose", 0, 1)
    run.replied(session(FIRST), 1, 2).replied(session(FIRST, 1), 1, 4)
    run.replied(session(SECOND), 4, 5).replied(session(SECOND), 5, 6)

    pace = run.ended(6).pace()

    assert pace.critical_seconds == 1 + 3


def test_what_is_scored_between_two_calls_lies_between_them() -> None:
    run = Run().began(0).replied("t1/propose", 0, 1).replied(session(FIRST), 1, 3)
    run.replied("t1/propose", 3, 4).replied(session(SECOND), 4, 6)

    pace = run.ended(6).pace()

    assert pace.critical_seconds == 1 + 2 + 1 + 2


def test_phases_follow_each_other_and_their_sessions_do_not() -> None:
    run = Run().began(0).replied("t1/propose", 0, 1)
    run.replied("t1/gate/a/lpn/0", 1, 2).replied("t1/gate/b/lpn/0", 2, 4)
    run.replied("t1/test/b/lpn/0", 4, 5)

    pace = run.ended(5).pace()

    assert pace.critical_seconds == 1 + 2 + 1


def test_a_generation_without_calls_or_with_an_interruption_has_no_pace() -> None:
    run = Run().began(0, t=0).ended(1, t=0)
    run.began(2).replied("t1/propose", 2, 3).add(90, "RunResumed", {}).ended(91)
    run.began(91, t=2).replied("t2/propose", 91, 92).ended(92, t=2)

    assert course(run.rows).paces == (Pace(2, seconds=1, critical_seconds=1),)


def test_what_was_scored_ahead_and_not_asked_for_is_told_apart() -> None:
    run = Run().began(0).replied("t1/propose", 0, 1).replied(session(FIRST), 1, 2)
    run.replied(session(SECOND), 1, 2, "b").replied(session(SECOND), 1, 3, "b")

    run.scored(3, FIRST).ended(3)

    assert course(run.rows).unasked == {
        Unit.CALLS: 1,
        Unit.SAMPLES: 2,
        Unit.TOKENS: 10,
        Unit.DOLLARS: 0.5,
    }
    assert course(run.scored(4, SECOND).rows).unasked == {}


def test_an_older_journal_has_no_pace() -> None:
    reply = {"call": "a", "tokens": None, "dollars": None}
    run = Run().began(0).add(1, "ReplyReceived", reply, "t1/propose").ended(2)

    assert course(run.rows) == Course()


@pytest.mark.parametrize("body", ["", "[]", '{"call": "a", "seconds": "x"}'])
def test_a_reply_that_cannot_be_read_is_named(body: str) -> None:
    row = Row(4, 1.0, "ReplyReceived", "t1/propose", None, None, body)

    with pytest.raises(StoreError, match=r"event 4 \(ReplyReceived at t1/propose\) cannot"):
        course([row])
