"""From the name of a model on a server to a client for it, with all that stands around it.

A client is ``cached(chat(retrying(limited(server))))``: every attempt keeps to the limits, waits
for another attempt hold no place in line, and what is known already reaches none of them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

from selftaught.client import Client
from selftaught.errors import UsageError, shown
from selftaught.language_models.bandit import Bandit
from selftaught.language_models.ensemble import ByWeight, Ensemble
from selftaught.language_models.servers.cached import Cached, Source
from selftaught.language_models.servers.chat import Chat
from selftaught.language_models.servers.exchange import Tell, Wait, nobody
from selftaught.language_models.servers.limits import Limited
from selftaught.language_models.servers.openai import OpenAIServer
from selftaught.language_models.servers.pace import Paces
from selftaught.language_models.servers.pricing import Price
from selftaught.language_models.servers.providers import Address, address_of, names_provider
from selftaught.language_models.servers.reply_store import ReplyStore, default_cache
from selftaught.language_models.servers.retrying import Retrying
from selftaught.language_models.servers.settings import CacheMode, Settings

ENSEMBLE = "ensemble:"
BANDIT = "bandit:"
_MOST_MODELS = 20


def served(  # noqa: PLR0913 - what stands around a server
    name: str,
    settings: Settings,
    *,
    seed: int = 0,
    wait: Wait = time.sleep,
    tell: Tell = nobody,
    paces: Paces | None = None,
    environment: Mapping[str, str] | None = None,
) -> Client:
    """Returns a client for a model on a server.

    Args:
        name: Such as ``openai/gpt-4o``.
        settings: How the server is to be used.
        seed: Draws the waits between attempts.
        wait: Waits, and ends the work when the run is over.
        tell: Told when the server fails and is asked again.
        paces: Those of the servers of other models too; None: it shares no server with any.
        environment: Has the keys; None: this process's.

    Raises:
        UsageError: The provider is not known, the URL is none, or the key is missing.
    """
    address = address_of(name, settings, os.environ if environment is None else environment)
    pace = (paces or Paces(wait=wait)).of(address, settings)
    server = OpenAIServer(address, settings, another_turn=partial(pace.turn, 0))
    exchange = Retrying(
        Limited(server, pace, max_tokens=settings.max_tokens),
        patience_seconds=settings.patience_seconds,
        rng=Random(seed),  # noqa: S311 - how long to wait is no secret
        wait=wait,
        tell=tell,
    )
    chat = Chat(address, exchange, settings, wait=wait)
    if settings.cache is CacheMode.OFF:
        return chat
    source = Source(address.base_url, address.model, settings.max_tokens)
    return Cached(chat, source, ReplyStore(default_cache()), mode=settings.cache, wait=wait)


def several(name: str, find: Callable[[str], Client], seed: int) -> Ensemble:
    """Returns several models as one.

    Args:
        name: ``ensemble:openai/a=2,ollama/b=1`` for fixed weights, 1 where none is given, or
            ``bandit:openai/a,ollama/b``.
        find: Finds each of them.
        seed: Draws by weight.

    Raises:
        UsageError: The name is malformed, or one of the models does not exist.
    """
    if name.startswith(BANDIT):
        names = members(name)
        return Ensemble(name, [find(each) for each in names], Bandit(len(names)))
    weights = _weights(name)
    choice = ByWeight(tuple(weights.values()), seed)
    return Ensemble(name, [find(each) for each in weights], choice)


def members(name: str) -> list[str]:
    """Returns the models behind a name, in its order; of one model, itself.

    Raises:
        UsageError: The name is malformed.
    """
    if name.startswith(ENSEMBLE):
        return list(_weights(name))
    return _in_bandit(name) if name.startswith(BANDIT) else [name]


def check_shared(name: str, settings: Settings) -> None:
    """Raises where a URL or a price that is stated for all models is that of one server.

    Raises:
        UsageError: The models are of several providers; the message says how to state it for one.
    """
    models = [each for each in members(name) if names_provider(each)]
    for field, option in (("base_url", "--base-url"), ("price", "--price")):
        sharing = [each for each in models if getattr(settings.own(each), field) is None]
        providers = {each.partition("/")[0]: each for each in sharing}
        if getattr(settings, field) is not None and len(providers) > 1:
            raise UsageError(
                f"{option} would be that of {' and of '.join(providers)} alike: state {field} for "
                f'each in the file of an experiment, under [endpoint.models."{sharing[-1]}"]'
            )


def addresses(client: Client) -> list[Address]:
    """Returns where the models behind a client are; without those that are on no server."""
    match client:
        case Ensemble():
            return [address for each in client.clients for address in addresses(each)]
        case Cached():
            return addresses(client.client)
        case Chat():
            return [client.address]
        case _:
            return []


def as_recorded(client: Client) -> list[dict[str, object]]:
    """Returns what the record of a run keeps of the models behind a client, as plain data."""
    return [
        {
            "name": address.name,
            "base_url": address.base_url,
            "price": address.price.plain() if address.price else None,
        }
        for address in addresses(client)
    ]


def prices_of(recorded: Sequence[Mapping[str, Any]]) -> dict[str, Price]:
    """Returns the prices that a run began with, from what its record keeps."""
    return {each["name"]: Price(**each["price"]) for each in recorded if each["price"]}


def _weights(name: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in _names(name, name.removeprefix(ENSEMBLE)):
        model, weight = _weighted(part)
        weights[model] = weights.get(model, 0.0) + weight
    return weights


def _in_bandit(name: str) -> list[str]:
    names = _names(name, name.removeprefix(BANDIT))
    for each in names:
        if names_provider(each) and "=" in each:
            raise UsageError(
                f"model {shown(each)}: a bandit takes no weights, it finds them; say "
                f"{each.partition('=')[0]}, or {ENSEMBLE} for fixed weights"
            )
    return list(names)


def _names(name: str, listed: str) -> Sequence[str]:
    names = [part.strip() for part in listed.split(",")]
    if not all(names) or len(names) > _MOST_MODELS:
        raise UsageError(
            f"model {shown(name)}: expected one to {_MOST_MODELS} models with commas between them, "
            "such as ensemble:openai/gpt-4o=2,ollama/llama3=1"
        )
    return names


def _weighted(part: str) -> tuple[str, float]:
    model, equals, text = part.rpartition("=")
    if not equals:
        return part, 1.0
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not 0 < weight < 1e6:
        raise UsageError(f"model {shown(part)}: expected a weight above 0, not {shown(text)}")
    return model, weight
