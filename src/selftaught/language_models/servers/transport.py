"""How bytes get to a server and back: by which way, for how long, and how many.

The HTTP library bounds single steps: a server that sends a byte a second is never late for it. So
the time of a whole exchange is kept where bytes are read and written.
"""

from __future__ import annotations

import math
import os
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

import httpcore2
import httpx2

from selftaught.errors import UsageError, shown
from selftaught.language_models.servers.proxies import Proxy, proxy_of

_MOST_BYTES = 32 << 20
"""Of one answer."""
_IDLE_SECONDS = 5.0
"""How long a connection is kept that nobody uses."""
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class BrokenAnswer(Exception):
    """An answer that began and is of no use; it may have been charged."""


class LongAnswer(BrokenAnswer):
    """An answer of more bytes than any that is wanted has."""


class Deadline(threading.local):
    """When the exchange of the thread that asks is over; before the first there is no end."""

    _end = math.inf

    def begin(self, seconds: float) -> None:
        """An exchange begins."""
        self._end = time.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._end

    def bounded(self, seconds: float | None) -> float:
        """Returns how long one step may take: no longer than the rest of the exchange.

        Raises:
            httpcore2.ReadTimeout: Nothing is left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the exchange took too long")
        return left if seconds is None else min(left, seconds)


class Transport(httpx2.HTTPTransport):
    """Carries bytes over the network, within deadlines.

    Args:
        base_url: The server.
        most_idle: Connections that are kept for other exchanges.
        deadline: Ends exchanges.

    Raises:
        UsageError: The environment names a proxy or certificates that cannot be used.
    """

    def __init__(self, base_url: str, *, most_idle: int, deadline: Deadline) -> None:
        proxy = proxy_of(base_url, os.environ)
        urls = [base_url, *([proxy.url] if proxy else [])]
        is_encrypted = any(urlsplit(url).scheme == "https" for url in urls)
        certificates = _certificates() if is_encrypted else None
        self._pool = httpcore2.ConnectionPool(
            ssl_context=certificates,
            proxy=_way(proxy, certificates) if proxy else None,
            max_connections=None,
            max_keepalive_connections=most_idle,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=_Network(deadline),
        )


def bound(response: httpx2.Response, deadline: Deadline) -> None:
    """Makes an answer fail that is too long, too slow, broken off or packed.

    Raises:
        BrokenAnswer: It is packed: a few bytes can be unpacked to gigabytes.
    """
    packed = response.headers.get("content-encoding", "").strip().lower()
    if packed not in ("", "identity"):
        raise BrokenAnswer("the answer is packed; expected it without a Content-Encoding")
    assert isinstance(response.stream, httpx2.SyncByteStream)
    response.stream = _Bounded(response.stream, deadline)


class _Bounded(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        left = _MOST_BYTES
        try:
            for part in self._stream:
                left -= len(part)
                if left < 0:
                    raise LongAnswer(f"an answer of more than {_MOST_BYTES >> 20} MB")
                if self._deadline.is_over:
                    raise BrokenAnswer("the answer came too slowly")
                yield part
        except httpx2.TimeoutException:
            raise BrokenAnswer("the answer came too slowly") from None
        except httpx2.HTTPError as error:
            raise BrokenAnswer(f"the answer broke off: {error}") from None

    def close(self) -> None:
        self._stream.close()


class _Network(httpcore2.NetworkBackend):
    """Opens connections whose every step ends at the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._network = httpcore2.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        seconds = self._deadline.bounded(timeout)
        stream = self._network.connect_tcp(host, port, seconds, local_address, socket_options)
        return _Stream(stream, self._deadline)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.bounded(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.bounded(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        seconds = self._deadline.bounded(timeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, seconds)
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _way(proxy: Proxy, certificates: ssl.SSLContext | None) -> httpcore2.Proxy:
    parts = urlsplit(proxy.url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    names = (unquote(parts.username or ""), unquote(parts.password or ""))
    return httpcore2.Proxy(
        f"{parts.scheme}://{host}{port}/",
        auth=names if any(names) else None,
        ssl_context=certificates if parts.scheme == "https" else None,
    )


def _certificates() -> ssl.SSLContext:
    try:
        return httpx2.create_ssl_context()
    except OSError as error:
        variable = next((each for each in _CERTIFICATES if os.environ.get(each)), None)
        if variable is None:
            raise
        raise UsageError(
            f"{variable}: expected certificates in PEM, and "
            f"{shown(os.environ[variable], longest=300)} "
            f"cannot be read: {error.strerror or error}"
        ) from None
