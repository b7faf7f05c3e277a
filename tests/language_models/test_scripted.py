"""A language model that says what it is told to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from selftaught.client import Client, Request, replies_of
from selftaught.errors import ProviderError
from selftaught.language_models.scripted import Scripted


def request(message: str, index: int = 0) -> Request:
    return Request("expert", message, temperature=0.7, stream="test", index=index)


def test_a_list_is_told_in_the_order_of_arrival() -> None:
    client: Client = Scripted(["one", "two", "three"])

    first = replies_of(client, [request("a"), request("b")])
    second = replies_of(client, [request("c")])

    assert [reply.text for reply in (*first, *second)] == ["one", "two", "three"]


def test_a_function_sees_the_request() -> None:
    client = Scripted(lambda asked: f"{asked.message} {asked.index}")

    replies = replies_of(client, [request("a", 3)])

    assert replies[0].text == "a 3"
    assert (replies[0].tokens, replies[0].dollars) == (0, 0.0)


def test_an_exhausted_list_says_what_is_missing_and_uses_nothing_up() -> None:
    client = Scripted(["one"])

    with pytest.raises(ProviderError, match="1 replies: 2 were asked for and 1 are left"):
        replies_of(client, [request("a"), request("b")])

    assert replies_of(client, [request("a")])[0].text == "one"


def test_threads_share_one_script() -> None:
    client = Scripted([str(number) for number in range(100)])

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: replies_of(client, [request("a")])[0].text, range(100)))

    assert sorted(told, key=int) == [str(number) for number in range(100)]
