"""Which proxy stands between us and a server, as the environment says."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import urlsplit

from selftaught.errors import UsageError
from selftaught.language_models.servers.providers import is_loopback

_SCHEMES = ("http", "https", "socks5", "socks5h")


@dataclass(frozen=True, slots=True, repr=False)
class Proxy:
    """A proxy; its URL may hold a password, so that no message shows it."""

    variable: str
    """The environment variable that names it."""
    url: str


def proxy_of(base_url: str, environment: Mapping[str, str]) -> Proxy | None:
    """Returns the proxy for a server; None: it is asked directly.

    A server on this machine is never asked through a proxy: what is sent to it, such as a key,
    is not to leave the machine. For others ``HTTPS_PROXY`` or ``HTTP_PROXY`` holds, by the scheme
    of their URL, then ``ALL_PROXY``, unless ``NO_PROXY`` names them.

    Raises:
        UsageError: The variable holds no URL of a proxy, or one of a kind that cannot be used.

    Example:
        >>> proxy_of("http://127.0.0.1:8000/v1", {"ALL_PROXY": "http://proxy:3128"}) is None
        True
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if is_loopback(host) or _is_exempt(host, parts.netloc, _value(environment, "no_proxy")[1]):
        return None
    for name in (f"{parts.scheme}_proxy", "all_proxy"):
        variable, stated = _value(environment, name)
        if stated:
            return _checked(Proxy(variable, stated if "://" in stated else f"http://{stated}"))
    return None


def _value(environment: Mapping[str, str], name: str) -> tuple[str, str]:
    """Returns the variable that is set, and what it holds: lower case goes first, as in curl."""
    variable = name if environment.get(name, "").strip() else name.upper()
    return variable, environment.get(variable, "").strip()


def _is_exempt(host: str, netloc: str, exempt: str) -> bool:
    """Tells whether a list names a host: by itself, by its domain or by its network."""
    for each in (part.strip().lower() for part in exempt.split(",")):
        if each == "*" or (each and each in (host, f"[{host}]", netloc.lower())):
            return True
        if each and host.endswith(f".{each.removeprefix('.')}"):
            return True
        if "/" in each and _is_within(host, each):
            return True
    return False


def _is_within(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _checked(proxy: Proxy) -> Proxy:
    try:
        parts = urlsplit(proxy.url)
        is_url = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise _wrong(proxy) from None
    if not is_url:
        raise _wrong(proxy)
    if parts.scheme.startswith("socks") and find_spec("socksio") is None:
        raise UsageError(
            f"{proxy.variable}: a proxy of the kind {parts.scheme} needs the package socksio: "
            f"install it, name an http:// proxy, or unset {proxy.variable}"
        )
    return proxy


def _wrong(proxy: Proxy) -> UsageError:
    return UsageError(
        f"{proxy.variable}: expected the URL of a proxy, such as http://proxy.example:3128; "
        "NO_PROXY names hosts that are asked without it"
    )
