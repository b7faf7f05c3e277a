"""What a model on a server can do."""

from __future__ import annotations

import pytest

from selftaught.errors import UsageError
from selftaught.language_models.servers.pricing import Price
from selftaught.language_models.servers.probe import Probe, probe
from selftaught.language_models.servers.settings import Settings
from selftaught.testing.chat_server import Behaviour, ChatServer


def probed(server: ChatServer, price: Price | None = None) -> Probe:
    settings = Settings(base_url=server.base_url, price=price)
    return probe("openai/some-model", settings, environment={})


def test_a_server_that_can_everything_is_described() -> None:
    with ChatServer() as server:
        found = probed(server, Price(2.5, 10))

    assert (found.samples, found.streams, found.takes_temperature) == (2, True, True)
    assert found.tokens is not None
    assert len(server.book.requests) == 2
    assert "gives 2 of 2 samples per call, counts" in str(found)
    assert str(found).endswith("streams, 2.5 dollars in and 10 out per million tokens")


def test_a_server_that_can_little_is_described() -> None:
    little = Behaviour(most_samples=1, states_usage=False)

    def behave(number: int, _body: object) -> Behaviour:
        return Behaviour(status=400, body=b"no streams") if number else little

    with ChatServer(behave) as server:
        found = probed(server)

    assert (found.samples, found.tokens, found.streams) == (1, None, False)
    assert "gives 1 of 2 samples per call, counts no tokens" in str(found)
    assert str(found).endswith("does not stream, price not known: state it with --price")


def test_a_missing_key_is_found_before_anything_is_asked() -> None:
    with pytest.raises(UsageError, match="set the environment variable OPENAI_API_KEY"):
        probe("openai/gpt-4o", Settings(), environment={})
