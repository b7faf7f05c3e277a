"""How much a server is asked, whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from selftaught.client import Client, replies_of
from selftaught.language_models.servers.exchange import Transient
from selftaught.language_models.servers.limits import Limited
from selftaught.language_models.servers.openai import OpenAIServer
from selftaught.language_models.servers.pace import Pace, Paces
from selftaught.language_models.servers.providers import address_of
from selftaught.language_models.servers.settings import Settings
from selftaught.parts import find_model
from selftaught.testing.chat_server import Behaviour, ChatServer

REFUSED = Behaviour(400, body=b'{"error": {"message": "temperature is not supported"}}')


def picky(number: int, body: Mapping[str, Any]) -> Behaviour:
    del number
    return REFUSED if "temperature" in body else Behaviour()


def test_tries_of_other_forms_are_counted(virtual: Any, asked: Any) -> None:
    with ChatServer(picky) as server:
        settings = Settings(base_url=server.base_url, requests_per_minute=1)
        pace = Pace(settings, wait=virtual.wait, clock=virtual.clock)
        address = address_of("openai/x", settings, {})
        asking = OpenAIServer(address, settings, another_turn=partial(pace.turn, 0))

        Limited(asking, pace, max_tokens=100).ask(asked(), 1)

    assert len(server.book.requests) == 2
    assert virtual.waits == [60]


def test_a_client_counts_tries_of_other_forms(virtual: Any, asked: Any) -> None:
    with ChatServer(picky) as server:
        asking = limited("openai/x", server, virtual.wait)

        first_waits(lambda: replies_of(asking, [asked()]))

    assert len(server.book.requests) == 1


def test_tokens_are_counted_once_for_all_tries(virtual: Any) -> None:
    pace = Pace(Settings(tokens_per_minute=10), wait=virtual.wait, clock=virtual.clock)

    pace.turn(100)
    pace.turn(0)

    assert virtual.waits == []


def test_nobody_waits_for_longer_than_all_patience(virtual: Any) -> None:
    pace = Pace(Settings(patience_seconds=60), wait=virtual.wait, clock=virtual.clock)
    pace.leave_alone(99)

    with pytest.raises(Transient, match="left alone") as caught:
        pace.turn(1)

    assert caught.value.wait_seconds == 99
    assert virtual.waits == []


def test_models_of_one_server_share_its_limits(virtual: Any, asked: Any) -> None:
    with ChatServer() as server:
        both = limited("bandit:openai/a,openai/b", server, virtual.wait)

        first_waits(lambda: replies_of(both, asked.several(2)))

    assert len(server.book.requests) == 1


def test_other_servers_and_other_keys_have_a_pace_of_their_own() -> None:
    paces = Paces(wait=lambda _: None)
    keys = {"OPENAI_API_KEY": "sk-1", "GROQ_API_KEY": "gsk-1"}
    here, there = Settings(base_url="http://127.0.0.1:1"), Settings(base_url="http://127.0.0.1:2")

    def of(name: str, settings: Settings) -> Pace:
        return paces.of(address_of(name, settings, keys), settings)

    assert of("openai/a", here) is of("openai/b", here)
    assert of("openai/a", here) is not of("openai/a", there)
    assert of("openai/a", here) is not of("groq/a", here)


class Waited(Exception):
    """The limits are reached."""


def limited(name: str, server: ChatServer, wait: Callable[[float], None]) -> Client:
    def stop(seconds: float) -> None:
        if seconds > 1:
            raise Waited
        wait(seconds)

    settings = Settings(base_url=server.base_url, requests_per_minute=1)
    return find_model(name, 0, settings, wait=stop)


def first_waits(work: Callable[[], object]) -> None:
    try:
        work()
    except Waited:
        return
    raise AssertionError("expected to wait for the limits")
