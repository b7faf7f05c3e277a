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
from selftaught.language_models.servers.pricing import FREE, Price
from selftaught.language_models.servers.providers import PROVIDERS, names_provider
from selftaught.language_models.servers.served import addresses, as_recorded, prices_of, served
from selftaught.language_models.servers.settings import CacheMode, Own, Settings
from selftaught.parts import find_model
from selftaught.testing.chat_server import Behaviour, ChatServer

VLLM = PROVIDERS["vllm"]


def test_a_run_keeps_where_its_models_were_and_what_they_cost() -> None:
    own = {
        "openai/a": Own("http://127.0.0.1:1/v1"),
        "openai": Own("http://127.0.0.1:2/v1", Price(1.5, 2.5)),
    }
    settings = Settings(models=own)
    client = find_model("ensemble:openai/a,editor,vllm/b", 0, settings)

    kept = json.loads(json.dumps(as_recorded(client)))

    assert [each["name"] for each in kept] == ["openai/a", "vllm/b"]
    assert [each["base_url"] for each in kept] == [own["openai/a"].base_url, VLLM.base_url]
    assert prices_of(kept) == {"openai/a": Price(1.5, 2.5), "vllm/b": FREE}


@pytest.mark.parametrize("name", ["ensemble:openai/a=2,vllm/b", "bandit:openai/a,vllm/b"])
@pytest.mark.parametrize(
    ("settings", "option"),
    [
        (Settings(base_url="http://127.0.0.1:1/v1"), "--base-url"),
        (Settings(price=Price(1, 1), models={"openai": Own("http://127.0.0.1:1/v1")}), "--price"),
    ],
)
def test_what_is_one_servers_is_not_taken_for_that_of_several(
    name: str, settings: Settings, option: str
) -> None:
    said = rf'{option} would be that of openai and of vllm alike: .*endpoint.models."vllm/b"'

    with pytest.raises(UsageError, match=said):
        find_model(name, 0, settings)


def test_what_is_for_all_holds_for_those_that_have_nothing_of_their_own() -> None:
    settings = Settings(
        base_url="http://127.0.0.1:1/v1", models={"vllm": Own("http://127.0.0.1:2/v1")}
    )

    client = find_model("ensemble:openai/a,openai/b,vllm/c,editor", 0, settings)

    assert [each.base_url[-4:-3] for each in addresses(client)] == ["1", "1", "2"]


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
