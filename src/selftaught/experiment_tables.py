"""The tables of an experiment's file, such as ``[session]`` and ``[endpoint]``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from selftaught.budget import Unit
from selftaught.language_models.servers.pricing import Price
from selftaught.language_models.servers.providers import checked_url, find_provider
from selftaught.language_models.servers.settings import CacheMode, Own, Settings
from selftaught.meta_utility import SessionBudget

Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Table(BaseModel):
    """Plain data that does not change, with fields that are known."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class SessionLimits(Table):
    """What one application of an improver may spend; defaults of the research code."""

    calls: Count = 4
    """Calls of the language model."""
    samples_per_call: Count = 6
    """Replies in one call."""
    evaluations: Count = 25
    """Programs that may be scored."""
    cpu_seconds: Annotated[float, Field(gt=0, le=86_400)] = 10.0
    """CPU time of the improver program; what the host does for it is not counted."""

    def budget(self) -> SessionBudget:
        """Returns the same for the engine."""
        return SessionBudget(self.calls, self.samples_per_call, self.evaluations, self.cpu_seconds)


class RunLimits(Table):
    """What the whole run may spend; a limit that is absent does not hold."""

    calls: Count | None = None
    samples: Count | None = None
    tokens: Count | None = None
    dollars: Annotated[float, Field(gt=0)] | None = None
    evaluations: Count | None = None
    seconds: Annotated[float, Field(gt=0)] | None = None

    def amounts(self) -> dict[Unit, float]:
        """Returns the limits that hold."""
        return {Unit(name): limit for name, limit in self.model_dump(exclude_none=True).items()}


Dollars = Annotated[float, Field(ge=0, lt=1e6)]


class PriceTable(Table):
    """What a model costs, in dollars per million tokens."""

    input: Dollars
    output: Dollars
    cached_input: Dollars | None = None
    """Of prompt tokens that the provider had in a cache of its own; absent: as `input`."""

    def price(self) -> Price:
        """Returns the same for the client."""
        return Price(self.input, self.output, self.cached_input)


class ModelTable(Table):
    """Where a model is, and what it costs; or all models of a provider."""

    base_url: str | None = None
    """In place of the provider's own."""
    price: PriceTable | None = None
    """In place of the one that is known."""

    @field_validator("base_url")
    @classmethod
    def _without_secrets(cls, base_url: str | None) -> str | None:
        # Also where no server is asked: what is kept in a journal must hold no password.
        return None if base_url is None else checked_url(base_url)

    def own(self) -> Own:
        """Returns the same for the client."""
        return Own(self.base_url, self.price.price() if self.price else None)


class EndpointTable(ModelTable):
    """How the server behind the model is used; changes no result but by `max_tokens`."""

    models: dict[str, ModelTable] = Field(default_factory=dict[str, ModelTable])
    """For one model, or for all of a provider, by name; in place of what is for all."""
    concurrency: Annotated[int, Field(ge=1, le=1024)] = 32
    """Exchanges at the same time."""
    requests_per_minute: Count | None = None
    tokens_per_minute: Annotated[int, Field(ge=1)] | None = None
    max_tokens: Count = 8192
    """The longest reply, with what a model thinks before it answers."""
    timeout_seconds: Annotated[float, Field(gt=0, le=86_400)] = 600.0
    """For one exchange."""
    patience_seconds: Annotated[float, Field(ge=0, le=604_800)] = 3600.0
    """How long a server that fails is asked again."""
    cache: CacheMode = CacheMode.OFF
    """Whether replies are kept for other runs, or taken from there alone."""
    ahead: bool = False
    """Scores the improvers in a reply before they are asked for: faster, and what nobody asks for
    is paid for in vain."""

    @field_validator("models")
    @classmethod
    def _of_providers(cls, models: dict[str, ModelTable]) -> dict[str, ModelTable]:
        for name in models:
            find_provider(name.partition("/")[0])
        return models

    def __hash__(self) -> int:
        """Returns a hash: a mapping has none of its own."""
        fields = dict(self)
        return hash((frozenset(fields.pop("models").items()), *fields.values()))

    def settings(self) -> Settings:
        """Returns the same for the client."""
        plain: dict[str, Any] = {
            name: getattr(self, name)
            for name in Settings.__dataclass_fields__
            if name in type(self).model_fields
        }
        plain["price"] = self.own().price
        plain["models"] = {name: table.own() for name, table in self.models.items()}
        return Settings(**plain)


def stated_urls(endpoint: Mapping[str, Any]) -> dict[str, str]:
    """Returns the URLs in the plain data of an `EndpointTable`, by whose they are.

    Example:
        >>> stated_urls({"base_url": "http://a/v1", "models": {"vllm": {"base_url": "http://b/v1"}}})
        {'all': 'http://a/v1', 'vllm': 'http://b/v1'}
    """
    tables: dict[str, Any] = {"all": endpoint, **endpoint.get("models", {})}
    return {name: table["base_url"] for name, table in tables.items() if table.get("base_url")}
