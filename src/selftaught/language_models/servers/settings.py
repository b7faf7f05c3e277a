"""How the server behind a language model is to be used: the table ``[endpoint]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
class Own:
    """What holds for one model, or for all of a provider."""

    base_url: str | None = None
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a server is, what it costs, and what it may be asked."""

    base_url: str | None = None
    """In place of the provider's own."""
    price: Price | None = None
    """In place of the one that is known."""
    models: Mapping[str, Own] = field(default_factory=dict[str, Own])
    """In place of both: by the name of a model, or by that of a provider."""
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

    def own(self, name: str) -> Own:
        """Returns what is stated for a model itself, or else for its provider."""
        model = self.models.get(name, _NOTHING)
        provider = self.models.get(name.partition("/")[0], _NOTHING)
        return Own(model.base_url or provider.base_url, model.price or provider.price)

    def of(self, name: str) -> Settings:
        """Returns the settings of one model, with what is its own in place of what is for all."""
        own = self.own(name)
        return replace(self, base_url=own.base_url or self.base_url, price=own.price or self.price)


_NOTHING = Own()
DEFAULT = Settings()
