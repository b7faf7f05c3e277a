"""What a run spent, from its events."""

from __future__ import annotations

import pytest

from selftaught.analysis.ledger import ledger
from selftaught.budget import Unit
from selftaught.errors import StoreError
from selftaught.store import Row


def row(number: int, time: float, kind: str = "PhaseStarted", body: str = "{}") -> Row:
    return Row(number, time, kind, "", None, None, body)


def test_seconds_are_those_under_way() -> None:
    rows = [row(0, 10.0, "RunStarted"), row(1, 14.0), row(2, 900.0, "RunResumed"), row(3, 903.0)]

    assert ledger(rows)[Unit.SECONDS] == 7.0


@pytest.mark.parametrize("jump", [86_400.0, -86_400.0])
def test_a_clock_that_jumps_costs_ten_minutes_at_most(jump: float) -> None:
    rows = [row(0, 10.0, "RunStarted"), row(1, 12.0), row(2, 12.0 + jump), row(3, 15.0 + jump)]

    assert 5.0 <= ledger(rows)[Unit.SECONDS] <= 605.0


def test_samples_of_one_call_are_one_call() -> None:
    body = '{"call":"c","tokens":5,"dollars":null}'
    rows = [row(number, 1.0, "ReplyReceived", body) for number in range(3)]

    assert ledger(rows) == {
        Unit.CALLS: 1,
        Unit.SAMPLES: 3,
        Unit.TOKENS: 15,
        Unit.DOLLARS: 0,
        Unit.EVALUATIONS: 0,
        Unit.SECONDS: 0,
    }


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"tokens":"x","dollars":1,"call":""}'])
def test_a_reply_that_cannot_be_read_is_named(body: str) -> None:
    with pytest.raises(StoreError, match=r"event 4 \(ReplyReceived\) cannot be read"):
        ledger([row(4, 1.0, "ReplyReceived", body)])


BEGAN = '{"call":"c","samples":2,"tokens":100.0,"dollars":0.5}'
CAME = '{"call":"c","tokens":5,"dollars":0.1}'


def spent(*events: tuple[str, str]) -> tuple[float, ...]:
    """Returns calls, samples, tokens and dollars."""
    book = ledger(row(number, 1.0, kind, body) for number, (kind, body) in enumerate(events))
    return tuple(book[unit] for unit in (Unit.CALLS, Unit.SAMPLES, Unit.TOKENS, Unit.DOLLARS))


def test_what_was_asked_for_costs_the_most_until_it_comes() -> None:
    began, came = ("CallBegan", BEGAN), ("ReplyReceived", CAME)

    assert spent(began) == (1, 2, 200, 1.0)
    assert spent(began, came) == (1, 2, 105, 0.6)
    assert spent(began, came, came) == (1, 2, 10, 0.2)


def test_what_is_asked_for_again_was_lost_the_first_time() -> None:
    began, came = ("CallBegan", BEGAN), ("ReplyReceived", CAME)
    again = ("CallBegan", BEGAN.replace('"samples":2', '"samples":1'))

    assert spent(began, came, again, came) == (1, 3, 110, pytest.approx(0.7))


@pytest.mark.parametrize(("lost", "cost"), [(0, (0, 0, 0, 0)), (1, (1, 1, 100, 0.5))])
def test_a_call_that_was_cut_short_costs_what_was_lost(lost: int, cost: tuple[float, ...]) -> None:
    ended = ("CallCutShort", f'{{"call":"c","lost":{lost}}}')

    assert spent(("CallBegan", BEGAN), ended) == cost
