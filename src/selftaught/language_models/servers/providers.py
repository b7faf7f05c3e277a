"""Who serves language models: a name such as ``openai/gpt-4o`` leads to a URL and a key.

All of them are spoken to by chat completions, which each of them offers beside its own interface.
A provider's key is sent to that provider and to this machine, and to no other server.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

from selftaught.errors import UsageError, shown
from selftaught.language_models.servers.keys import NO_KEY, Key
from selftaught.language_models.servers.pricing import FREE, Price, catalogue_of, known_price
from selftaught.language_models.servers.settings import CacheMode, Settings
from selftaught.lookup import unknown

OTHER_KEY = "SELFTAUGHT_API_KEY"
"""The environment variable with the key of a server that is given by its URL."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who serves models, and what is known of their interface before it is asked."""

    title: str
    base_url: str | None
    """None: each customer has one."""
    key: str | None = None
    """Environment variable of the key; None: none is needed."""
    hosts: tuple[str, ...] = ()
    """Ends of host names, besides that of `base_url`, that may be sent the key."""
    catalogue: str | None = None
    """The name in genai-prices."""
    has_own_token_field: bool = False
    """Takes ``max_completion_tokens``, and refuses ``max_tokens`` for some models."""
    most_samples: int | None = None
    """In one exchange; None: it shows when more are asked for."""
    start: str = ""
    """The command that starts it, where it runs on one's own machine."""

    @property
    def is_local(self) -> bool:
        """Whether it runs on one's own machine, for nothing."""
        return self.base_url is not None and is_loopback(_host(self.base_url))


PROVIDERS: Mapping[str, Provider] = {
    "anthropic": Provider(
        "Anthropic",
        "https://api.anthropic.com/v1",
        "ANTHROPIC_API_KEY",
        catalogue="anthropic",
        most_samples=1,
    ),
    "azure": Provider(
        "Azure OpenAI",
        None,
        "AZURE_OPENAI_API_KEY",
        hosts=(".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"),
        catalogue="azure",
        has_own_token_field=True,
    ),
    "deepseek": Provider(
        "DeepSeek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", catalogue="deepseek"
    ),
    "gemini": Provider(
        "Google Gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "GEMINI_API_KEY",
        catalogue="google",
    ),
    "groq": Provider(
        "Groq",
        "https://api.groq.com/openai/v1",
        "GROQ_API_KEY",
        catalogue="groq",
        most_samples=1,
    ),
    # Of several samples in one exchange, llama-server counts the tokens of one.
    "llamacpp": Provider(
        "llama.cpp's llama-server",
        "http://127.0.0.1:8080/v1",
        most_samples=1,
        start="llama-server -m FILE.gguf --port 8080",
    ),
    "lmstudio": Provider("LM Studio", "http://127.0.0.1:1234/v1", start="lms server start"),
    "mistral": Provider(
        "Mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", catalogue="mistral"
    ),
    "ollama": Provider("Ollama", "http://127.0.0.1:11434/v1", start="ollama serve"),
    "openai": Provider(
        "OpenAI",
        "https://api.openai.com/v1",
        "OPENAI_API_KEY",
        catalogue="openai",
        has_own_token_field=True,
    ),
    "openrouter": Provider(
        "OpenRouter",
        "https://openrouter.ai/api/v1",
        "OPENROUTER_API_KEY",
        catalogue="openrouter",
    ),
    "together": Provider(
        "Together AI", "https://api.together.xyz/v1", "TOGETHER_API_KEY", catalogue="together"
    ),
    "vllm": Provider("vLLM", "http://127.0.0.1:8000/v1", start="vllm serve MODEL"),
    "xai": Provider("xAI", "https://api.x.ai/v1", "XAI_API_KEY", catalogue="x-ai"),
}
"""By the first part of a model's name."""


@dataclass(frozen=True, slots=True)
class Address:
    """A model on a server."""

    name: str
    """As the command line takes it: ``openai/gpt-4o``."""
    model: str
    """As the server takes it."""
    provider: Provider
    base_url: str
    key: Key
    price: Price | None
    """None: it is not known."""

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        return is_loopback(_host(self.base_url))

    @property
    def is_paid_for(self) -> bool:
        """Whether the provider's key is sent, to the provider or a proxy on this machine."""
        return self.key.is_there and self.key.variable == self.provider.key

    @property
    def hint(self) -> str:
        """What may be wrong where nothing answers at a local provider's own port; may be empty."""
        if not self.provider.start or self.base_url != self.provider.base_url:
            return ""
        return (
            f" (is {self.provider.title} running? Start it with `{self.provider.start}`, or say "
            "where it is by --base-url)"
        )


def likely_name(model: str) -> str | None:
    """Returns the whole name of a model that is named without its provider; None: it is nobody's.

    Example:
        >>> likely_name("gpt-4o"), likely_name("no-such-model")
        ('openai/gpt-4o', None)
    """
    catalogue = catalogue_of(model)
    ours = [name for name, each in PROVIDERS.items() if catalogue and each.catalogue == catalogue]
    return f"{ours[0]}/{model}" if ours else None


def is_loopback(host: str) -> bool:
    """Tells whether what is sent to a host stays on this machine.

    Example:
        >>> is_loopback("localhost"), is_loopback("127.0.0.2"), is_loopback("gpu-box")
        (True, True, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def names_provider(name: str) -> bool:
    """Tells whether a model's name has the form ``PROVIDER/NAME``."""
    provider, slash, _ = name.partition("/")
    return bool(slash) and ":" not in provider


def find_provider(name: str) -> Provider:
    """Returns a provider by the first part of its models' names.

    Raises:
        UsageError: There is none.
    """
    provider = PROVIDERS.get(name)
    if provider is None:
        raise unknown("provider", name, PROVIDERS, other="openai/NAME with --base-url")
    return provider


def address_of(name: str, settings: Settings, environment: Mapping[str, str]) -> Address:
    """Returns where a model is.

    Args:
        name: Such as ``openai/gpt-4o``.
        settings: May have another URL and a price, for this model or for all.
        environment: Has the keys.

    Raises:
        UsageError: The provider is not known, the URL is none, or the key is missing.
    """
    first, _, model = name.partition("/")
    provider = find_provider(first)
    if not model.strip():
        raise UsageError(f"model {shown(name)}: expected the name of a model after {first}/")
    settings = settings.of(name)
    if settings.base_url is None and provider.base_url is None:
        raise UsageError(
            f"{provider.title} gives each customer an address: state it, such as "
            "--base-url https://RESOURCE.openai.azure.com/openai/v1"
        )
    base_url = checked_url(settings.base_url or provider.base_url or "")
    key = _key(provider, base_url, environment, is_other=settings.base_url is not None)
    is_own = settings.base_url is None or _is_hosted(provider, base_url)
    if not key.is_there and is_own and provider.key and settings.cache is not CacheMode.REPLAY:
        raise UsageError(f"{name} needs a key: set the environment variable {provider.key}")
    price = settings.price or settings.prices.get(name)
    address = Address(name, model, provider, base_url, key, price)
    if price is None and (is_own or address.is_paid_for):
        price = FREE if provider.is_local else known_price(provider.catalogue, model)
    return replace(address, price=price)


def checked_url(base_url: str) -> str:
    """Returns a base URL without a slash at its end.

    Raises:
        UsageError: It is none, or holds a password or a key; the message does not show it.
    """
    try:
        parts = urlsplit(base_url.strip())
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url, parts = False, SplitResult("", "", "", "", "")
    if not is_url:
        raise UsageError("base_url: expected one such as http://127.0.0.1:8000/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            "base_url: expected no password, key or question mark in it; "
            f"give a key by the environment variable {OTHER_KEY}"
        )
    return base_url.strip().rstrip("/").removesuffix("/chat/completions")


def _key(
    provider: Provider, base_url: str, environment: Mapping[str, str], *, is_other: bool
) -> Key:
    if is_other and environment.get(OTHER_KEY):
        return _read(environment, OTHER_KEY)
    is_trusted = _is_hosted(provider, base_url) or is_loopback(_host(base_url))
    return _read(environment, provider.key) if provider.key and is_trusted else NO_KEY


def _read(environment: Mapping[str, str], variable: str) -> Key:
    secret = environment.get(variable, "").strip()
    if not (secret.isascii() and secret.isprintable()):
        raise UsageError(f"{variable}: expected a key of printable ASCII characters in one line")
    return Key(secret, variable) if secret else NO_KEY


def _is_hosted(provider: Provider, base_url: str) -> bool:
    host = _host(base_url)
    is_encrypted = base_url.startswith("https://")
    is_theirs = provider.base_url is not None and host == _host(provider.base_url)
    return (is_theirs or host.endswith(provider.hosts)) and (is_encrypted or provider.is_local)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
