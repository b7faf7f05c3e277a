"""Clients with all that stands around them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from selftaught.client import replies_of
from selftaught.errors import UsageError
from selftaught.language_models.scripted import Scripted
from selftaught.language_models.servers.pricing import Price
from selftaught.language_models.servers.providers import names_provider
from selftaught.language_models.servers.served import addresses, as_recorded, prices_of, served
from selftaught.language_models.servers.settings import CacheMode, Settings
from selftaught.parts import find_model
from selftaught.testing.chat_server import Behaviour, ChatServer


def test_a_run_keeps_where_its_models_were_and_what_they_cost() -> None:
    settings = Settings(base_url="http://127.0.0.1:1/v1", price=Price(1.5, 2.5))
    client = find_model("ensemble:openai/a,editor,vllm/b", 0, settings)

    kept = json.loads(json.dumps(as_recorded(client)))

    assert [each["name"] for each in kept] == ["openai/a", "vllm/b"]
    assert kept[0]["base_url"] == "http://127.0.0.1:1/v1"
    assert prices_of(kept) == {"openai/a": Price(1.5, 2.5), "vllm/b": Price(1.5, 2.5)}


def test_a_model_without_a_price_is_kept_without_one() -> None:
    client = find_model("openai/a", 0, Settings(base_url="http://127.0.0.1:1/v1"))

    assert as_recorded(client)[0]["price"] is None
    assert prices_of(as_recorded(client)) == {}


def test_a_client_of_the_users_own_is_on_no_server() -> None:
    assert addresses(Scripted(["x"])) == []


def test_limits_hold_behind_retries(asked: Any) -> None:
    settings = {"concurrency": 2, "cache": CacheMode.RECORD}
    flaky = ChatServer(
        lambda number, _: Behaviour(status=500 if number % 3 == 0 else 200, delay_seconds=0.01)
    )

    with flaky as server:
        client = served(
            "openai/x",
            Settings(base_url=server.base_url, **settings),  # type: ignore[arg-type]
            wait=lambda _: None,
            environment={},
        )
        replies = replies_of(client, [asked(f"{number}") for number in range(10)])
        replies_of(client, [asked(f"{number}") for number in range(10)])

    assert len(replies) == server.book.samples == 10
    assert server.book.most_in_flight == 2


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("openai/gpt-4o", True),
        ("ollama/llama3:8b", True),
        ("nobody/x", True),
        ("editor", False),
        ("package.module:name", False),
        ("module:a/b", False),
    ],
)
def test_names_of_providers_are_told_from_others(name: str, is_one: bool) -> None:
    assert names_provider(name) is is_one


def test_a_key_is_missing_where_a_model_is_found_not_where_it_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MISTRAL_API_KEY", raising=False)

    with pytest.raises(UsageError, match="set the environment variable MISTRAL_API_KEY"):
        find_model("mistral/small", 0)


def test_finding_a_model_imports_no_http() -> None:
    code = (
        "import sys; from selftaught.parts import find_model; find_model('ollama/x', 0); "
        "print(sorted({'openai', 'httpx2', 'genai_prices'} & set(sys.modules)))"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"
