"""What went wrong at a server, and whose affair it is."""

from __future__ import annotations

import json
from email.utils import formatdate
from time import time

import pytest

from selftaught.errors import ProgramError, ProviderError, SelftaughtError, UsageError
from selftaught.language_models.servers.exchange import Transient
from selftaught.language_models.servers.failures import failure, wait_seconds, words_of
from selftaught.language_models.servers.providers import address_of
from selftaught.language_models.servers.settings import Settings

SECRET = "sk-canary-4711"
ADDRESS = address_of("openai/gpt-4o", Settings(), {"OPENAI_API_KEY": SECRET})


def failed(status: int, message: str = "no", **fields: str) -> SelftaughtError:
    body = json.dumps({"error": {"message": message, **fields}}).encode()
    return failure(ADDRESS, status, body, {})


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_can_be_asked_again(status: int) -> None:
    assert isinstance(failed(status), Transient)


@pytest.mark.parametrize(
    ("status", "message", "kind", "hint"),
    [
        (401, "Incorrect API key provided", UsageError, "is the key in OPENAI_API_KEY right?"),
        (403, "no access", UsageError, "is the key in OPENAI_API_KEY right?"),
        (404, "The model gpt-4o does not exist", UsageError, "does the server have a model"),
        (400, "gpt-4o is not a valid model ID", UsageError, "does the server have a model"),
        (404, "Not Found", UsageError, "is https://api.openai.com/v1 the base URL?"),
        (405, "Method Not Allowed", UsageError, "is https://api.openai.com/v1 the base URL?"),
        (307, "", UsageError, "is https://api.openai.com/v1 the base URL?"),
        (400, "maximum context length is 8192 tokens", ProgramError, "the prompt is too long"),
        (413, "Payload Too Large", ProgramError, "the prompt is too long"),
        (400, "flagged by the content_filter", ProgramError, "does not answer this prompt"),
        (402, "Payment required", ProviderError, "no credit"),
        (429, "You exceeded your current quota: insufficient_quota", ProviderError, "no credit"),
        (400, "bad thing", ProviderError, "HTTP 400: bad thing"),
        (501, "not implemented", ProviderError, "HTTP 501"),
    ],
)
def test_each_failure_is_laid_at_one_door(
    status: int, message: str, kind: type[SelftaughtError], hint: str
) -> None:
    error = failed(status, message)

    assert type(error) is kind
    assert hint in str(error)


def test_a_server_without_a_key_says_how_to_give_one() -> None:
    settings = Settings(base_url="https://proxy.example/v1")
    address = address_of("openai/gpt-4o", settings, {})

    assert "set SELFTAUGHT_API_KEY" in str(failure(address, 401, b"", {}))


def test_a_key_that_a_server_echoes_is_hidden() -> None:
    error = failed(401, f"Incorrect API key provided: {SECRET}.")

    assert SECRET not in str(error)
    assert "provided: [key]." in str(error)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error": {"message": "m"}}', "m"),
        (b'{"error": "m"}', "m"),
        (b'{"message": "m"}', "m"),
        (b'{"detail": "m"}', "m"),
        (b'[{"error": {"message": "m"}}]', "m"),
        (b"plain\n  words", "plain words"),
        (b"", "it answered nothing"),
        (b"<html>", "it answered a web page"),
        (b"null", "None"),
    ],
)
def test_words_are_found_wherever_servers_put_them(body: bytes, words: str) -> None:
    assert words_of(body).text == words


def test_a_flood_of_words_is_cut() -> None:
    assert len(words_of(b"x" * 10_000_000).text) == 300


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "100000"}, 100_000.0),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0.0),
    ],
)
def test_how_long_to_wait_is_read_in_every_form(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert wait_seconds(headers) == seconds


def test_how_long_to_wait_can_be_a_date() -> None:
    found = wait_seconds({"retry-after": formatdate(time() + 100, usegmt=True)})

    assert found == pytest.approx(100, abs=2)
