"""What went wrong at a server, and whose affair it is."""

from __future__ import annotations

import json

import pytest

from selftaught.errors import ProgramError, ProviderError, SelftaughtError, UsageError
from selftaught.language_models.servers.exchange import Transient
from selftaught.language_models.servers.failures import failure, words_of
from selftaught.language_models.servers.providers import address_of
from selftaught.language_models.servers.settings import Settings

SECRET = "sk-canary-4711-4711"
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


RATE = (
    "Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000. "
    "Please try again in 1.2s. You can increase your rate limit by adding a payment method to your "
    "account at https://platform.openai.com/account/billing."
)
QUOTA = (
    "You exceeded your current quota, please check your plan and billing details. "
    "Please retry in 2.5s."
)


@pytest.mark.parametrize(
    ("status", "error", "headers", "seconds"),
    [
        (429, {"message": RATE, "code": "rate_limit_exceeded"}, {}, 1.2),
        (429, {"message": RATE, "code": "rate_limit_exceeded"}, {"retry-after": "2"}, 2.0),
        (429, {"message": QUOTA, "code": 429, "details": [{"retryDelay": "3.5s"}]}, {}, 3.5),
        (429, {"message": QUOTA, "code": 429}, {}, 2.5),
        (429, {"message": "insufficient balance of tokens"}, {"retry-after": "9"}, 9.0),
        (503, {"message": "the billing service is temporarily unavailable"}, {}, None),
        (500, {"message": "insufficient_quota of workers"}, {}, None),
    ],
)
def test_limits_that_pass_are_no_lack_of_money(
    status: int, error: dict[str, object], headers: dict[str, str], seconds: float | None
) -> None:
    for body in ({"error": error}, [{"error": error}]):
        found = failure(ADDRESS, status, json.dumps(body).encode(), headers)

        assert isinstance(found, Transient)
        assert found.wait_seconds == seconds


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (402, {"message": "try again in 5s"}),
        (429, {"message": QUOTA, "code": "insufficient_quota"}),
        (429, {"message": "no", "type": "insufficient_quota"}),
        (400, {"message": "Your credit balance is too low to access the API"}),
        (403, {"message": "no", "code": "billing_hard_limit_reached"}),
    ],
)
def test_a_lack_of_money_has_exact_names(status: int, error: dict[str, object]) -> None:
    found = failure(ADDRESS, status, json.dumps({"error": error}).encode(), {})

    assert type(found) is ProviderError
    assert "no credit is left there" in str(found)


def test_no_model_is_asked_after_where_something_else_is_refused() -> None:
    found = failed(400, "Developer instruction is not enabled for models/gemma-3-27b-it")

    assert "does the server have a model" not in str(found)


@pytest.mark.parametrize(
    "spelled",
    [
        SECRET,
        SECRET.replace("-", "\\u002d"),
        SECRET.replace("-", "\\u002D"),
        SECRET.replace("-", "%2d"),
        SECRET.replace("-", "\\\\u002d"),
    ],
)
@pytest.mark.parametrize("before", range(270, 305, 4))
def test_no_beginning_of_a_key_is_left_where_words_are_cut(spelled: str, before: int) -> None:
    said = "x" * before
    bodies = (f'{{"error": {{"message": "{said}{spelled}"}}}}', f"{said}{spelled}")

    found = [str(failure(ADDRESS, 401, body.encode(), {})) for body in bodies]

    assert all("sk" not in text and "canary" not in text for text in found)


def test_a_short_key_is_hidden_in_errors() -> None:
    address = address_of("openai/gpt-4o", Settings(), {"OPENAI_API_KEY": "lambda"})

    assert "wrong key [key]!" in str(failure(address, 401, b"wrong key lambda!", {}))
