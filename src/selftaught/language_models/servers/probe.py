"""What a model on a server can do, found out with two tiny requests."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from selftaught.client import Finish, Reply, Request
from selftaught.errors import ProviderError
from selftaught.language_models.servers.connection import Connection
from selftaught.language_models.servers.exchange import Transient
from selftaught.language_models.servers.openai import OpenAIServer
from selftaught.language_models.servers.pricing import Price
from selftaught.language_models.servers.providers import address_of
from selftaught.language_models.servers.settings import Settings

if TYPE_CHECKING:
    import httpx2

_REQUEST = Request("You answer in one word.", "Say: ready", 0.7, "probe", 0)
_SAMPLES = 2
_MOST_TOKENS = 512
"""Enough for a model that thinks a little before it answers."""
MOST_SECONDS = 60.0
"""For an answer; a run waits longer, but nobody watches it."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What works."""

    seconds: float
    """Until the answer was there."""
    samples: int
    """Replies to a request for two."""
    usable: int
    """Those of them that have a text, and came to its end."""
    finishes: tuple[str, ...]
    """Why each reply ended: `Finish`."""
    max_tokens: int
    """The longest reply that was asked for."""
    most_tokens: int
    """The longest reply that a run asks for."""
    tokens: int | None
    """Of one exchange; None: the server does not count them."""
    streams: bool | None
    """Whether it can send a reply piece by piece; a run does without. None: no answer came."""
    takes_temperature: bool
    length_field: str
    price: Price | None

    @property
    def is_of_use(self) -> bool:
        """Whether a run gets replies from it, as far as this can tell."""
        return self.usable > 0 or self.may_think_longer

    @property
    def may_think_longer(self) -> bool:
        """Whether all replies were cut short at a length at which those of a run are not."""
        is_cut = all(finish == Finish.LENGTH for finish in self.finishes)
        return not self.usable and is_cut and self.max_tokens < self.most_tokens

    def __str__(self) -> str:
        counted = "counts no tokens" if self.tokens is None else f"counts {self.tokens} tokens"
        temperature = "" if self.takes_temperature else "takes no temperature, "
        streams = {True: "streams", False: "does not stream", None: "streams: not known"}
        return (
            f"{self._problem()}answers in {self.seconds:.2f} s, gives {self.samples} of {_SAMPLES} "
            f"samples per call, {counted}, {temperature}takes {self.length_field}, "
            f"{streams[self.streams]}, {_cost(self.price)}"
        )

    def _problem(self) -> str:
        if self.usable:
            return ""
        reasons = ", ".join(self.finishes)
        words = f"all replies are empty or cut short (finish reasons: {reasons}) with max_tokens "
        if self.may_think_longer:
            return f"{words}{self.max_tokens}, a run allows {self.most_tokens}; "
        return f"{words}{self.max_tokens}: raise max_tokens in [endpoint], or take another model; "

    def facts(self) -> dict[str, object]:
        """Returns what was seen as plain data, for scripts."""
        return {
            "latency_seconds": self.seconds,
            "samples_asked_for": _SAMPLES,
            "samples_per_call": self.samples,
            "usable_samples": self.usable,
            "finish_reasons": list(self.finishes),
            "max_tokens": self.max_tokens,
            "states_usage": self.tokens is not None,
            "tokens": self.tokens,
            "streams": self.streams,
            "takes_temperature": self.takes_temperature,
            "length_field": self.length_field,
            "price": None if self.price is None else self.price.plain(),
        }


def probe(
    name: str,
    settings: Settings,
    *,
    environment: Mapping[str, str] | None = None,
    transport: httpx2.BaseTransport | None = None,
    most_seconds: float = MOST_SECONDS,
) -> Probe:
    """Asks a server once for two samples, and once for a stream.

    Args:
        name: The model, such as ``openai/gpt-4o``.
        settings: How the server is to be used.
        environment: Has the keys; None: this process's.
        transport: How bytes are carried, in place of the network.
        most_seconds: How long an answer may take.

    Raises:
        UsageError: The model's name, its key or the URL is wrong.
        ProviderError: The server failed.
    """
    address = address_of(name, settings, os.environ if environment is None else environment)
    tiny = replace(
        settings,
        max_tokens=min(_MOST_TOKENS, settings.max_tokens),
        timeout_seconds=min(most_seconds, settings.timeout_seconds),
    )
    server = OpenAIServer(address, tiny, transport=transport)
    importlib.import_module("openai")  # it takes a second, which is not the server's
    began = time.monotonic()
    try:
        replies = server.ask(_REQUEST, _SAMPLES)
    except Transient as error:
        if time.monotonic() - began < tiny.timeout_seconds:
            raise
        raise ProviderError(_too_late(error, settings)) from None
    seconds = time.monotonic() - began
    form = server.form
    body = form.body(address.model, _REQUEST, 1) | {"stream": True}
    counts = [reply.tokens for reply in replies if reply.tokens is not None]
    return Probe(
        seconds=seconds,
        samples=len(replies),
        usable=sum(map(_is_usable, replies)),
        finishes=tuple(str(reply.finish) for reply in replies),
        max_tokens=tiny.max_tokens,
        most_tokens=settings.max_tokens,
        tokens=sum(counts) if len(counts) == len(replies) else None,
        streams=_streams(Connection(address, tiny, transport), body),
        takes_temperature=form.takes_temperature,
        length_field=form.length_field,
        price=address.price,
    )


def _is_usable(reply: Reply) -> bool:
    return bool(reply.text.strip()) and reply.finish is not Finish.LENGTH


def _streams(connection: Connection, body: Mapping[str, object]) -> bool | None:
    try:
        streamed = connection.post(body)
    except Transient:
        return None
    return streamed.status == 200 and streamed.body.lstrip().startswith(b"data:")


def _too_late(error: Transient, settings: Settings) -> str:
    return (
        f"{error}, and this check waits no longer; a run waits for {settings.timeout_seconds:g} "
        "seconds. A server of your own may still be loading the model: try again"
    )


def _cost(price: Price | None) -> str:
    if price is None:
        return "price not known: state it with --price"
    if price.is_free:
        return "free"
    return f"{price.input:g} dollars in and {price.output:g} out per million tokens"
