"""A model on a server, over real sockets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pytest

from selftaught.budget import Unit
from selftaught.client import Bounded, Client, Finish, replies_of
from selftaught.errors import ProviderError, RepliesLost, RunCutShort, UsageError
from selftaught.language_models.servers.pricing import Price
from selftaught.language_models.servers.served import served
from selftaught.language_models.servers.settings import Settings
from selftaught.testing.chat_server import Behaviour, ChatServer


def client(server: ChatServer, **settings: Any) -> Client:
    wait = settings.pop("wait", lambda seconds: time.sleep(min(seconds, 0.01)))
    chosen = Settings(base_url=server.base_url, **settings)
    return served("openai/gpt-4o", chosen, wait=wait, environment={})


def until(over: threading.Event) -> Callable[[float], None]:
    """Waits as a run does: no longer than it goes on."""

    def wait(seconds: float) -> None:
        if over.wait(seconds):
            raise RunCutShort("stopped")

    return wait


def echo(body: Mapping[str, Any], number: int) -> str:
    return f"{body['messages'][-1]['content']} {number}"


def test_replies_belong_to_their_prompts(asked: Any) -> None:
    with ChatServer(reply=echo) as server:
        requests = [asked(f"prompt {number % 3}", number // 3) for number in range(12)]

        replies = replies_of(client(server), requests)

    assert all(
        reply.text.startswith(request.message)
        for request, reply in zip(requests, replies, strict=True)
    )
    assert len({reply.text for reply in replies}) == 12
    assert len(server.book.requests) == 3


def test_what_one_exchange_does_not_give_is_asked_for_at_the_same_time(asked: Any) -> None:
    together = threading.Barrier(5)

    def behave(_number: int, body: Mapping[str, Any]) -> Behaviour:
        if "n" not in body:
            together.wait(10)
        return Behaviour(most_samples=1)

    with ChatServer(behave) as server:
        replies = replies_of(client(server), asked.several(6))

    assert len(replies) == 6
    assert server.book.samples == 6
    assert server.book.most_in_flight == 5


def test_replies_are_yielded_as_they_arrive(asked: Any) -> None:
    second = threading.Event()

    def behave(_number: int, body: Mapping[str, Any]) -> Behaviour:
        if body["messages"][-1]["content"] == "slow":
            second.wait(10)
        return Behaviour()

    with ChatServer(behave) as server:
        arriving = iter(client(server).complete([asked("slow"), asked("fast")]))
        first, _ = next(arriving)
        second.set()

        assert (first, [number for number, _ in arriving]) == (1, [0])


CHAOS = [
    Behaviour(status=429, headers={"Retry-After": "0"}, body=b"{}"),
    Behaviour(status=500, body=b"oops"),
    Behaviour(status=503, body=b"<html>down"),
    Behaviour(breaks_off=True),
    Behaviour(body=b'{"choices": [{"mess'),
    Behaviour(body=b"<html>a page"),
    Behaviour(body=b'{"choices": []}'),
    Behaviour(most_samples=2),
]  # fmt: skip


def test_the_books_are_right_whatever_happens_on_the_way(asked: Any) -> None:
    def behave(number: int, _body: Mapping[str, Any]) -> Behaviour:
        return CHAOS[number // 2 % len(CHAOS)] if number % 2 else Behaviour()

    with ChatServer(behave, reply=echo) as server:
        asking = client(server, price=Price(1.0, 1.0))
        replies = [
            reply
            for number in range(20)
            for reply in replies_of(asking, asked.several(5, f"prompt {number}"))
        ]

    assert len(replies) == server.book.samples == 100
    assert sum(reply.tokens or 0 for reply in replies) == server.book.tokens
    assert sum(reply.dollars or 0 for reply in replies) == pytest.approx(server.book.tokens / 1e6)
    assert len({reply.text for reply in replies}) == 100


def test_a_failure_for_good_keeps_what_had_arrived(asked: Any) -> None:
    def behave(_number: int, body: Mapping[str, Any]) -> Behaviour:
        if body["messages"][-1]["content"] == "bad":
            return Behaviour(status=400, body=b'{"error": {"message": "bad thing"}}')
        return Behaviour(delay_seconds=0.05)

    with ChatServer(behave) as server:
        arrived: list[int] = []
        answers = client(server).complete([asked("good"), asked("bad"), asked("fine")])
        with pytest.raises(ProviderError, match="bad thing"):
            arrived.extend(number for number, _ in answers)

    assert sorted(arrived) == [0, 2]


def test_an_unreachable_server_is_named_soon(asked: Any) -> None:
    with ChatServer() as server:
        url = server.base_url
    asking = served("openai/gpt-4o", Settings(base_url=url), wait=lambda _: None, environment={})

    with pytest.raises(ProviderError, match=f"{url}: .*refused.*given up after 3 attempts"):
        replies_of(asking, asked.several(2))


def test_a_wrong_url_is_the_users_to_mend(asked: Any) -> None:
    nowhere = ChatServer(lambda *_: Behaviour(status=404, body=b"<html>nothing here"))

    with nowhere as server, pytest.raises(UsageError, match="the base URL"):
        replies_of(client(server), asked.several(2))


def test_a_server_that_stops_half_way_is_given_up(asked: Any) -> None:
    slow = ChatServer(lambda *_: Behaviour(delay_seconds=0.5))

    with slow as server, pytest.raises(ProviderError, match=r"no answer within 0\.05 seconds"):
        replies_of(client(server, timeout_seconds=0.05, patience_seconds=0), asked.several(1))


def test_a_reply_of_ten_megabytes_is_cut(asked: Any) -> None:
    with ChatServer(reply=lambda *_: "x" * 10_000_000) as server:
        reply = replies_of(client(server), asked.several(1))[0]

    assert (len(reply.text), reply.finish) == (1_000_000, Finish.LENGTH)


def test_a_run_that_is_over_waits_for_nothing_that_was_not_sent(asked: Any) -> None:
    over = threading.Event()

    def behave(_number: int, _body: Mapping[str, Any]) -> Behaviour:
        over.set()
        return Behaviour(status=429, headers={"Retry-After": "1000"}, body=b"{}")

    with ChatServer(behave) as server:
        started = time.monotonic()
        with pytest.raises(RunCutShort, match="stopped"):
            replies_of(client(server, wait=until(over)), [asked(f"{i}") for i in range(20)])

    assert time.monotonic() - started < 3


def test_a_reply_on_its_way_is_taken_when_the_run_is_over(asked: Any) -> None:
    over = threading.Event()

    def behave(_number: int, _body: Mapping[str, Any]) -> Behaviour:
        over.set()
        return Behaviour(delay_seconds=0.3)

    with ChatServer(behave) as server:
        replies = replies_of(client(server, wait=until(over)), asked.several(1))

    assert len(replies) == server.book.samples == 1


def test_replies_that_do_not_come_in_time_are_counted(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selftaught.language_models.servers.chat._GRACE_SECONDS", 0.2)
    over = threading.Event()

    def behave(_number: int, _body: Mapping[str, Any]) -> Behaviour:
        over.set()
        return Behaviour(delay_seconds=2)

    with ChatServer(behave) as server, pytest.raises(RepliesLost, match="stopped; 4 replies") as e:
        replies_of(client(server, wait=until(over)), asked.several(4))

    assert e.value.count == 4


def test_no_more_exchanges_are_in_flight_than_allowed(asked: Any) -> None:
    with ChatServer(lambda *_: Behaviour(delay_seconds=0.02)) as server:
        replies_of(client(server, concurrency=3), [asked(f"{i}") for i in range(12)])

    assert server.book.most_in_flight == 3


def test_what_replies_cost_is_within_the_bound_that_was_told(asked: Any) -> None:
    with ChatServer(lambda *_: Behaviour(most_samples=1)) as server:
        asking = client(server, price=Price(3.0, 7.0), max_tokens=200)
        assert isinstance(asking, Bounded)
        requests = asked.several(5, "a prompt of some length " * 20)

        most = asking.most(requests)
        replies = replies_of(asking, requests)

    assert sum(reply.tokens or 0 for reply in replies) <= most[Unit.TOKENS]
    assert sum(reply.dollars or 0 for reply in replies) <= most[Unit.DOLLARS]


def test_the_bound_grows_with_each_request_and_without_a_price_has_no_dollars(
    server: ChatServer, asked: Any
) -> None:
    asking = client(server)
    assert isinstance(asking, Bounded)

    bounds = [asking.most(asked.several(count)) for count in range(1, 5)]

    assert all(few[Unit.TOKENS] < more[Unit.TOKENS] for few, more in pairwise(bounds))
    assert all(Unit.DOLLARS not in bound for bound in bounds)
