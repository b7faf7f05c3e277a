"""Which proxy stands between us and a server."""

from __future__ import annotations

import pytest

from selftaught.errors import UsageError
from selftaught.language_models.servers.proxies import proxy_of

ALL = {"ALL_PROXY": "http://all:1"}


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:8000/v1",
        "http://localhost:8000/v1",
        "http://LOCALHOST:8000/v1",
        "http://[::1]:8000/v1",
        "https://127.8.8.8/v1",
    ],
)
def test_this_machine_is_asked_directly(base_url: str) -> None:
    environment = {"HTTP_PROXY": "http://p:1", "HTTPS_PROXY": "http://p:1", **ALL}

    assert proxy_of(base_url, environment) is None


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"HTTP_PROXY": "http://clear:1"}, None),
        ({"HTTPS_PROXY": "http://upper:1", "https_proxy": "http://lower:1"}, "http://lower:1"),
        ({"HTTPS_PROXY": "http://own:1", **ALL}, "http://own:1"),
        ({"HTTPS_PROXY": " ", **ALL}, "http://all:1"),
        ({"HTTPS_PROXY": "proxy:3128"}, "http://proxy:3128"),
    ],
)
def test_the_proxy_is_that_of_the_scheme_or_that_of_all(
    environment: dict[str, str], expected: str | None
) -> None:
    proxy = proxy_of("https://api.example.com/v1", environment)

    assert (proxy.url if proxy else None) == expected


@pytest.mark.parametrize(
    ("exempt", "is_asked_directly"),
    [
        ("*", True),
        ("example.com", True),
        (".example.com", True),
        ("other.com, api.example.com", True),
        ("API.example.com:8443", True),
        ("ample.com", False),
        ("api.example.com:1", False),
        ("10.0.0.0/8", False),
        (",", False),
    ],
)
def test_hosts_are_exempt_by_name_and_domain(exempt: str, *, is_asked_directly: bool) -> None:
    proxy = proxy_of("https://api.example.com:8443/v1", ALL | {"NO_PROXY": exempt})

    assert (proxy is None) is is_asked_directly


@pytest.mark.parametrize(
    ("exempt", "is_asked_directly"),
    [("10.0.0.0/8", True), ("10.1.2.3", True), ("10.1.2.0/30", True), ("10.1.3.0/24", False)],
)
def test_hosts_are_exempt_by_network(exempt: str, *, is_asked_directly: bool) -> None:
    proxy = proxy_of("http://10.1.2.3:8000/v1", ALL | {"no_proxy": exempt})

    assert (proxy is None) is is_asked_directly


@pytest.mark.parametrize(
    "url", ["bogus://me:secret@proxy:1", "http://", "http://me:secret@p:99999", "http://[::1"]
)
def test_a_proxy_that_is_none_is_named_and_not_shown(url: str) -> None:
    with pytest.raises(UsageError, match=r"^ALL_PROXY: expected the URL of a proxy") as caught:
        proxy_of("https://api.example.com/v1", {"ALL_PROXY": url})

    assert "secret" not in str(caught.value)
