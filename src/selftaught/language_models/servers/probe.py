"""What a model on a server can do, found out with two tiny requests."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from selftaught.client import Request
from selftaught.language_models.servers.connection import Connection
from selftaught.language_models.servers.openai import OpenAIServer
from selftaught.language_models.servers.pricing import Price
from selftaught.language_models.servers.providers import address_of
from selftaught.language_models.servers.settings import Settings

if TYPE_CHECKING:
    import httpx2

_REQUEST = Request("You answer in one word.", "Say: ready", 0.7, "probe", 0)
_SAMPLES = 2
_MOST_TOKENS = 512
"""Enough for a model that thinks before it answers."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What works."""

    seconds: float
    """Until the answer was there."""
    samples: int
    """Replies to a request for two."""
    tokens: int | None
    """Of one exchange; None: the server does not count them."""
    streams: bool
    """Whether it can send a reply piece by piece; a run does without."""
    takes_temperature: bool
    length_field: str
    price: Price | None

    def __str__(self) -> str:
        counted = "counts no tokens" if self.tokens is None else f"counts {self.tokens} tokens"
        temperature = "" if self.takes_temperature else "takes no temperature, "
        return (
            f"answers in {self.seconds:.2f} s, gives {self.samples} of {_SAMPLES} samples per "
            f"call, {counted}, {temperature}takes {self.length_field}, "
            f"{'streams' if self.streams else 'does not stream'}, {_cost(self.price)}"
        )


def probe(
    name: str,
    settings: Settings,
    *,
    environment: Mapping[str, str] | None = None,
    transport: httpx2.BaseTransport | None = None,
) -> Probe:
    """Asks a server once for two samples, and once for a stream.

    Args:
        name: The model, such as ``openai/gpt-4o``.
        settings: How the server is to be used.
        environment: Has the keys; None: this process's.
        transport: How bytes are carried, in place of the network.

    Raises:
        UsageError: The model's name, its key or the URL is wrong.
        ProviderError: The server failed.
    """
    address = address_of(name, settings, os.environ if environment is None else environment)
    tiny = replace(settings, max_tokens=min(_MOST_TOKENS, settings.max_tokens))
    server = OpenAIServer(address, tiny, transport=transport)
    importlib.import_module("openai")  # it takes a second, which is not the server's
    began = time.monotonic()
    replies = server.ask(_REQUEST, _SAMPLES)
    seconds = time.monotonic() - began
    form = server.form
    body = form.body(address.model, _REQUEST, 1) | {"stream": True}
    streamed = Connection(address, tiny, transport).post(body)
    counts = [reply.tokens for reply in replies if reply.tokens is not None]
    return Probe(
        seconds=seconds,
        samples=len(replies),
        tokens=sum(counts) if len(counts) == len(replies) else None,
        streams=streamed.status == 200 and streamed.body.lstrip().startswith(b"data:"),
        takes_temperature=form.takes_temperature,
        length_field=form.length_field,
        price=address.price,
    )


def _cost(price: Price | None) -> str:
    if price is None:
        return "price not known: state it with --price"
    if price.is_free:
        return "free"
    return f"{price.input:g} dollars in and {price.output:g} out per million tokens"
