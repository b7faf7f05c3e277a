"""Asking again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest

from selftaught.client import AttemptFailed, Reply, Request
from selftaught.errors import ProgramError, ProviderError, RunCutShort, UsageError
from selftaught.language_models.servers.exchange import Cause, Exchange, Transient
from selftaught.language_models.servers.retrying import Retrying


class Failing:
    """An exchange that fails as told, then answers."""

    most_samples = None

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.asked = 0

    def ask(self, request: Request, count: int) -> Sequence[Reply]:
        assert request.message
        self.asked += 1
        if self.failures:
            raise self.failures.pop(0)
        return [Reply("x")] * count


def busy(wait_seconds: float | None = None) -> Transient:
    return Transient("busy", wait_seconds=wait_seconds)


@pytest.fixture
def retrying(virtual: Any) -> Callable[..., Retrying]:
    def make(exchange: Exchange, patience_seconds: float = 3600.0) -> Retrying:
        return Retrying(
            exchange,
            patience_seconds=patience_seconds,
            rng=Random(1),
            wait=virtual.wait,
            clock=virtual.clock,
        )

    return make


def test_waits_double_and_are_drawn(retrying: Any, virtual: Any, asked: Any) -> None:
    exchange = Failing(*[busy() for _ in range(6)])

    replies = retrying(exchange).ask(asked(), 2)

    assert len(replies) == 2
    assert len(virtual.waits) == 6
    longest = [0.5, 1, 2, 4, 8, 16]
    assert all(most / 2 <= wait <= most for wait, most in zip(virtual.waits, longest, strict=True))


def test_the_same_seed_waits_the_same(retrying: Any, virtual: Any, asked: Any) -> None:
    retrying(Failing(busy(), busy())).ask(asked(), 1)
    retrying(Failing(busy(), busy())).ask(asked(), 1)

    assert virtual.waits[:2] == virtual.waits[2:]


@pytest.mark.parametrize("seconds", [0.0, 3.0, 121.0, 3000.0])
def test_a_server_is_left_alone_for_as_long_as_it_says(
    retrying: Any, virtual: Any, asked: Any, seconds: float
) -> None:
    retrying(Failing(busy(seconds))).ask(asked(), 1)

    assert seconds <= virtual.waits[0] <= 1.1 * seconds + 0.5


def test_a_wait_beyond_all_patience_is_not_begun(retrying: Any, virtual: Any, asked: Any) -> None:
    with pytest.raises(
        ProviderError, match="left alone for 7200 seconds, and patience_seconds is 3600"
    ):
        retrying(Failing(busy(7200))).ask(asked(), 1)

    assert virtual.waits == []


def test_patience_ends(retrying: Any, virtual: Any, asked: Any) -> None:
    exchange = Failing(*[busy() for _ in range(1000)])

    with pytest.raises(ProviderError, match=r"busy \(given up after \d+ attempts; patience"):
        retrying(exchange, 600).ask(asked(), 1)

    assert 500 < virtual.seconds <= 600


def test_each_longer_wait_is_told_of(virtual: Any, asked: Any) -> None:
    told: list[AttemptFailed] = []
    patient = Retrying(
        Failing(busy(), busy(), busy(100)),
        patience_seconds=600,
        rng=Random(1),
        wait=virtual.wait,
        tell=told.append,
        clock=virtual.clock,
    )

    patient.ask(asked(), 1)

    assert [(each.message, each.attempt) for each in told] == [
        ("busy", 1),
        ("busy", 2),
        ("busy", 3),
    ]
    assert [each.wait_seconds for each in told] == virtual.waits
    assert told[0].left_seconds == 600
    assert {each.most_attempts for each in told} == {None}


def test_when_it_is_given_up_is_told_by_failures_of_the_same_kind(virtual: Any, asked: Any) -> None:
    told: list[AttemptFailed] = []
    nonsense = [Transient("nonsense", cause=Cause.UNUSABLE) for _ in range(9)]
    patient = Retrying(
        Failing(busy(), busy(), *nonsense),
        patience_seconds=600,
        rng=Random(1),
        wait=virtual.wait,
        tell=told.append,
        clock=virtual.clock,
    )

    with pytest.raises(ProviderError, match="given up after 7 attempts"):
        patient.ask(asked(), 1)

    assert [each.most_attempts for each in told] == [None, None, 7, 7, 7, 7]


def test_exchanges_that_fail_together_are_told_of_once(virtual: Any, asked: Any) -> None:
    told: list[AttemptFailed] = []
    exchange = Failing(busy())
    patient = Retrying(
        exchange,
        patience_seconds=600,
        rng=Random(1),
        wait=virtual.wait,
        tell=told.append,
        clock=virtual.clock,
    )
    for pause in (0, 1, 300):
        virtual.seconds += pause
        exchange.failures = [Transient("refused", cause=Cause.UNUSABLE)]
        patient.ask(asked(), 1)

    assert [(each.attempt, each.most_attempts) for each in told] == [(1, 5), (1, 5)]


def test_a_server_that_never_answered_is_given_up_soon(
    retrying: Any, virtual: Any, asked: Any
) -> None:
    exchange = Failing(*[Transient("refused", cause=Cause.UNREACHABLE) for _ in range(9)])

    with pytest.raises(ProviderError, match=r"refused \(given up after 3 attempts\)"):
        retrying(exchange).ask(asked(), 1)

    assert virtual.seconds < 3


def test_a_server_that_answered_before_is_waited_for(retrying: Any, asked: Any) -> None:
    exchange = Failing()
    patient = retrying(exchange)
    patient.ask(asked(), 1)
    exchange.failures = [Transient("refused", cause=Cause.UNREACHABLE) for _ in range(9)]

    assert patient.ask(asked(), 1) == [Reply("x")]


def test_nonsense_that_may_be_paid_for_is_asked_for_a_few_times(retrying: Any, asked: Any) -> None:
    exchange = Failing(*[Transient("nonsense", cause=Cause.UNUSABLE) for _ in range(99)])

    with pytest.raises(ProviderError, match="nonsense"):
        retrying(exchange).ask(asked(), 1)

    assert exchange.asked == 5


def test_nonsense_after_a_long_wait_is_counted_for_itself(retrying: Any, asked: Any) -> None:
    exchange = Failing(*[busy() for _ in range(9)], Transient("nonsense", cause=Cause.UNUSABLE))

    assert retrying(exchange).ask(asked(), 1) == [Reply("x")]


@pytest.mark.parametrize("error", [ProviderError("x"), UsageError("x"), ProgramError("x")])
def test_what_will_not_pass_is_not_asked_again(retrying: Any, asked: Any, error: Exception) -> None:
    exchange = Failing(error)

    with pytest.raises(type(error)):
        retrying(exchange).ask(asked(), 1)

    assert exchange.asked == 1


def test_the_end_of_the_run_ends_the_waiting(asked: Any) -> None:
    def wait(seconds: float) -> None:
        if seconds:
            raise RunCutShort("stopped")

    patient = Retrying(Failing(busy()), patience_seconds=3600, rng=Random(1), wait=wait)

    with pytest.raises(RunCutShort, match="stopped"):
        patient.ask(asked(), 1)
