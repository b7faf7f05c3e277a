"""How the server behind a language model is to be used: the table ``[endpoint]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from selftaught.language_models.servers.pricing import Price


class CacheMode(StrEnum):
    """What is done with replies that were paid for in other runs."""

    OFF = "off"
    RECORD = "record"
    """Known replies are taken from the cache, new ones are kept there."""
    REPLAY = "replay"
    """All replies are taken from the cache; a request that is not there is an error."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a server is, what it costs, and what it may be asked."""

    base_url: str | None = None
    """In place of the provider's own."""
    price: Price | None = None
    """In place of the one that is known."""
    prices: Mapping[str, Price] = field(default_factory=dict[str, Price])
    """By the model's name: those that a run began with, which hold until it ends."""
    concurrency: int = 32
    """Exchanges with the server at the same time."""
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    max_tokens: int = 8192
    """The longest reply, with what a model thinks before it answers."""
    timeout_seconds: float = 600.0
    """For one exchange."""
    patience_seconds: float = 3600.0
    """How long a server that fails is asked again."""
    cache: CacheMode = CacheMode.OFF


DEFAULT = Settings()
