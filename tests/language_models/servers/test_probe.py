"""What a model on a server can do."""

from __future__ import annotations

import pytest

from selftaught.errors import ProviderError, UsageError
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


@pytest.mark.parametrize(
    ("text", "finish", "max_tokens", "is_of_use", "words"),
    [
        ("", "stop", 8192, False, "(finish reasons: stop, stop) with max_tokens 512: raise"),
        (" \n", "content_filter", 8192, False, "(finish reasons: other, other)"),
        ("rea", "length", 8192, True, "length, length) with max_tokens 512, a run allows 8192; a"),
        ("rea", "length", 300, False, "length, length) with max_tokens 300: raise max_tokens in"),
        ("ready", "stop", 300, True, "answers in"),
    ],
)
def test_replies_that_are_of_no_use_are_told_apart(
    text: str, finish: str, max_tokens: int, is_of_use: bool, words: str
) -> None:
    with ChatServer(lambda *_: Behaviour(finish=finish), lambda *_: text) as server:
        settings = Settings(base_url=server.base_url, max_tokens=max_tokens)
        found = probe("openai/some-model", settings, environment={})

    assert found.is_of_use is is_of_use
    assert found.may_think_longer is (is_of_use and not found.usable)
    assert words in str(found)


def test_a_server_that_hangs_is_not_waited_for_as_long_as_in_a_run() -> None:
    said = r"no answer within 0.1 seconds, and this .* a run waits for 600 s"
    with ChatServer(lambda *_: Behaviour(delay_seconds=0.5)) as server:
        settings = Settings(base_url=server.base_url)
        with pytest.raises(ProviderError, match=said):
            probe("openai/some-model", settings, environment={}, most_seconds=0.1)


def test_a_stream_that_does_not_come_leaves_open_whether_there_are_any() -> None:
    hangs = Behaviour(delay_seconds=1.5)
    with ChatServer(lambda number, _: hangs if number else Behaviour()) as server:
        settings = Settings(base_url=server.base_url)
        found = probe("openai/some-model", settings, environment={}, most_seconds=1)

    assert (found.streams, found.is_of_use) == (None, True)
    assert found.facts()["streams"] is None


def test_a_missing_key_is_found_before_anything_is_asked() -> None:
    with pytest.raises(UsageError, match="set the environment variable OPENAI_API_KEY"):
        probe("openai/gpt-4o", Settings(), environment={})
