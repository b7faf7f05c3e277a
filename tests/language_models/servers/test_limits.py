"""How much a server is asked at the same time and in a minute."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from selftaught.client import Reply, Request
from selftaught.errors import RunCutShort
from selftaught.language_models.servers.exchange import Transient
from selftaught.language_models.servers.limits import Limited
from selftaught.language_models.servers.pace import Pace
from selftaught.language_models.servers.settings import Settings


class Noting:
    """An exchange that notes when it is asked."""

    most_samples = None

    def __init__(self, clock: Any, tokens: int | None = 10) -> None:
        self.times: list[float] = []
        self.tokens = tokens
        self._clock = clock

    def ask(self, request: Request, count: int) -> Sequence[Reply]:
        self.times.append(self._clock())
        assert request.message
        return [Reply("x", tokens=self.tokens)] * count


def limited(exchange: Noting, virtual: Any, **settings: Any) -> Limited:
    chosen = Settings(**settings)
    pace = Pace(chosen, wait=virtual.wait, clock=virtual.clock)
    return Limited(exchange, pace, max_tokens=chosen.max_tokens)


def most_in_a_minute(times: Sequence[float]) -> int:
    return max(sum(start <= time < start + 60 for time in times) for start in times)


def test_without_limits_nobody_waits(virtual: Any, asked: Any) -> None:
    exchange = Noting(virtual.clock)
    server = limited(exchange, virtual)

    for _ in range(100):
        server.ask(asked(), 1)

    assert virtual.waits == []


def test_no_minute_has_more_requests_than_allowed(virtual: Any, asked: Any) -> None:
    exchange = Noting(virtual.clock)
    server = limited(exchange, virtual, requests_per_minute=7)

    for number in range(50):
        server.ask(asked(), 1)
        virtual.wait(number % 5)

    assert most_in_a_minute(exchange.times) == 7


def test_tokens_are_corrected_by_what_replies_took(virtual: Any, asked: Any) -> None:
    exchange = Noting(virtual.clock, tokens=10)
    server = limited(exchange, virtual, tokens_per_minute=1000)

    for _ in range(300):
        server.ask(asked(), 1)

    # Estimates alone would let two requests pass in a minute, what they took lets a hundred.
    assert 40 < most_in_a_minute(exchange.times) <= 100


def test_a_request_above_the_limit_of_tokens_goes_alone(virtual: Any, asked: Any) -> None:
    exchange = Noting(virtual.clock, tokens=5000)
    server = limited(exchange, virtual, tokens_per_minute=100)

    for _ in range(3):
        server.ask(asked("x" * 10_000), 1)

    assert most_in_a_minute(exchange.times) == 1


def test_all_wait_when_the_server_asks_to_be_left_alone(virtual: Any, asked: Any) -> None:
    class Busy(Noting):
        def ask(self, request: Request, count: int) -> Sequence[Reply]:
            if not self.times:
                self.times.append(self._clock())
                raise Transient("busy", wait_seconds=30)
            return super().ask(request, count)

    exchange = Busy(virtual.clock)
    server = limited(exchange, virtual)
    with pytest.raises(Transient):
        server.ask(asked(), 1)

    server.ask(asked(), 1)

    assert exchange.times == [0, 30]


def test_no_more_are_in_flight_than_allowed(asked: Any) -> None:
    in_flight, most = 0, 0
    lock, three = threading.Lock(), threading.Barrier(3)

    class Slow:
        most_samples = None

        def ask(self, request: Request, count: int) -> Sequence[Reply]:
            nonlocal in_flight, most
            del request, count
            with lock:
                in_flight += 1
                most = max(most, in_flight)
            three.wait(10)
            with lock:
                in_flight -= 1
            return [Reply("x")]

    server = Limited(Slow(), Pace(Settings(concurrency=3), wait=lambda _: None), max_tokens=100)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: server.ask(asked(), 1), range(12)))

    assert most == 3


def test_the_end_of_the_run_ends_the_waiting(virtual: Any, asked: Any) -> None:
    def wait(seconds: float) -> None:
        raise RunCutShort(f"stopped, {seconds:.0f} seconds early")

    exchange = Noting(virtual.clock)
    pace = Pace(Settings(requests_per_minute=1), wait=wait, clock=virtual.clock)
    server = Limited(exchange, pace, max_tokens=100)
    server.ask(asked(), 1)

    with pytest.raises(RunCutShort, match="stopped"):
        server.ask(asked(), 1)
