"""From a model's name to a URL, a key and a price."""

from __future__ import annotations

import pickle
from collections.abc import Mapping

import pytest

from selftaught.errors import UsageError
from selftaught.language_models.servers.keys import Key
from selftaught.language_models.servers.pricing import Price
from selftaught.language_models.servers.providers import (
    PROVIDERS,
    Address,
    address_of,
    checked_url,
    likely_name,
)
from selftaught.language_models.servers.settings import CacheMode, Settings

SECRET = "sk-canary-4711"


def address(
    name: str, settings: Settings | None = None, environment: Mapping[str, str] | None = None
) -> Address:
    return address_of(name, settings or Settings(), environment or {})


@pytest.mark.parametrize("provider", [name for name, each in PROVIDERS.items() if each.key])
def test_a_missing_key_is_named(provider: str) -> None:
    settings = Settings()
    if provider == "azure":
        settings = Settings(base_url="https://mine.openai.azure.com/openai/v1")

    with pytest.raises(UsageError, match=f"set the environment variable {PROVIDERS[provider].key}"):
        address(f"{provider}/some-model", settings)


@pytest.mark.parametrize("provider", [name for name, each in PROVIDERS.items() if each.base_url])
def test_every_provider_is_reached_with_its_key(provider: str) -> None:
    variable = PROVIDERS[provider].key

    found = address(f"{provider}/some-model", environment={variable: SECRET} if variable else {})

    assert found.model == "some-model"
    assert found.base_url == PROVIDERS[provider].base_url
    assert found.key.is_there == (variable is not None)


def test_a_name_may_hold_slashes_and_colons() -> None:
    assert address("ollama/hf.co/some/model:8b").model == "hf.co/some/model:8b"


def test_local_models_are_free_and_others_have_the_price_of_the_catalogue() -> None:
    local = address("ollama/llama3")
    known = address("openai/gpt-4o", environment={"OPENAI_API_KEY": SECRET})
    unheard = address("openai/no-such-model", environment={"OPENAI_API_KEY": SECRET})

    assert local.price is not None
    assert local.price.is_free
    assert known.price is not None
    assert (known.price.input, known.price.output) == (2.5, 10.0)
    assert known.price.source.startswith("genai-prices ")
    assert unheard.price is None


def test_a_stated_price_goes_before_a_recorded_one_and_that_before_the_catalogue() -> None:
    environment = {"OPENAI_API_KEY": SECRET}
    recorded = {"openai/gpt-4o": Price(3, 4)}

    with_record = address("openai/gpt-4o", Settings(prices=recorded), environment)
    stated = address("openai/gpt-4o", Settings(price=Price(1, 2), prices=recorded), environment)

    assert (with_record.price, stated.price) == (Price(3, 4), Price(1, 2))


def test_a_model_without_its_provider_is_looked_up() -> None:
    names = ["claude-sonnet-4-5", "gemini-2.5-pro", "grok-4", "llama3", ""]

    likely = [likely_name(name) for name in names]

    assert likely[:3] == ["anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-pro", "xai/grok-4"]
    assert likely[3:] == [None, None]


def test_another_server_gets_no_price_and_no_key_of_the_provider() -> None:
    elsewhere = Settings(base_url="https://proxy.example/v1")

    found = address("openai/gpt-4o", elsewhere, {"OPENAI_API_KEY": SECRET})

    assert (found.price, found.key.is_there) == (None, False)


def test_another_server_gets_the_key_that_is_meant_for_it() -> None:
    elsewhere = Settings(base_url="https://proxy.example/v1")
    environment = {"OPENAI_API_KEY": "sk-other", "SELFTAUGHT_API_KEY": SECRET}

    found = address("openai/gpt-4o", elsewhere, environment)

    assert found.key.header() == f"Bearer {SECRET}"
    assert found.key.variable == "SELFTAUGHT_API_KEY"


@pytest.mark.parametrize("url", ["http://127.0.0.1:4000/v1", "http://localhost:4000"])
def test_a_proxy_on_this_machine_gets_the_providers_key(url: str) -> None:
    found = address("openai/gpt-4o", Settings(base_url=url), {"OPENAI_API_KEY": SECRET})

    assert found.key.is_there


def test_a_providers_key_is_not_sent_in_clear() -> None:
    clear = Settings(base_url="http://api.openai.com/v1")

    assert not address("openai/gpt-4o", clear, {"OPENAI_API_KEY": SECRET}).key.is_there


def test_a_customers_own_host_gets_the_key() -> None:
    azure = Settings(base_url="https://mine.openai.azure.com/openai/v1")

    assert address("azure/gpt-4o", azure, {"AZURE_OPENAI_API_KEY": SECRET}).key.is_there
    with pytest.raises(UsageError, match="state it, such as --base-url"):
        address("azure/gpt-4o", environment={"AZURE_OPENAI_API_KEY": SECRET})


def test_replay_needs_no_key() -> None:
    assert address("openai/gpt-4o", Settings(cache=CacheMode.REPLAY)).model == "gpt-4o"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("opnai/gpt-4o", "unknown provider 'opnai': did you mean 'openai'?"),
        ("openai/", "expected the name of a model after openai/"),
    ],
)
def test_a_wrong_name_is_answered_with_what_is_right(name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        address(name)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8000",
        "ftp://host/v1",
        "http://",
        "http://host:99999/v1",
        f"https://me:{SECRET}@host/v1",
        f"https://host/v1?key={SECRET}",
        "http://[::1",
        "",
    ],
)
def test_a_wrong_url_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(UsageError, match=r"^base_url: expected") as caught:
        checked_url(url)

    assert SECRET not in str(caught.value)


def test_a_url_may_end_as_people_copy_it() -> None:
    assert checked_url(" http://h/v1/ ") == "http://h/v1"
    assert checked_url("http://h/v1/chat/completions") == "http://h/v1"


@pytest.mark.parametrize("secret", ["sk-\u00e9t\u00e9-12", "sk-1\nsk-2"])
def test_a_key_that_no_header_takes_is_named_and_not_shown(secret: str) -> None:
    with pytest.raises(UsageError, match=r"^OPENAI_API_KEY: expected") as caught:
        address("openai/gpt-4o", environment={"OPENAI_API_KEY": secret})

    assert secret not in str(caught.value)


def test_a_key_shows_itself_nowhere() -> None:
    key = Key(SECRET, "OPENAI_API_KEY")

    shown = f"{key} {key!r} {[key]} {key:}"

    assert SECRET not in shown
    with pytest.raises(TypeError, match="not to be stored"):
        pickle.dumps(key)
