"""The way to a server, over the openai package.

The package has its own retries switched off, so that every attempt is ours to count, and it never
holds the key: its exceptions carry requests with all their headers, and none of them leaves here.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from selftaught.language_models.servers.exchange import Cause, Transient
from selftaught.language_models.servers.keys import Key
from selftaught.language_models.servers.providers import Address
from selftaught.language_models.servers.settings import Settings

if TYPE_CHECKING:
    import httpx2
    import openai

_MOST_BYTES = 32 << 20
"""Of one answer."""
_CONNECT_SECONDS = 15.0
_HEADERS = frozenset({"accept", "connection", "content-length", "content-type", "host"})
"""What is sent of what the package would: it adds the user's OpenAI organization, and more."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came back, whatever its status."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Connection:
    """Sends requests for chat completions. Safe to use from several threads.

    Args:
        address: The server and the key.
        settings: The time for an exchange.
        transport: How bytes are carried, in place of the network.
    """

    def __init__(
        self, address: Address, settings: Settings, transport: httpx2.BaseTransport | None
    ) -> None:
        self._address = address
        self._settings = settings
        self._transport = transport
        self._lock = threading.Lock()
        self._opened: openai.OpenAI | None = None

    def post(self, body: Mapping[str, object]) -> Delivered:
        """Returns what the server answers to a request.

        Raises:
            Transient: It cannot be reached, or its answer broke off or took too long.
        """
        import httpx2  # noqa: PLC0415 - a second to import, and most commands need none of it
        import openai  # noqa: PLC0415

        try:
            response = self._sdk().post("/chat/completions", cast_to=httpx2.Response, body=body)
            return self._delivered(response)
        except openai.APIStatusError as error:
            return self._delivered(error.response)
        except openai.APITimeoutError:
            problem = f"no answer within {self._settings.timeout_seconds:g} seconds"
            cause = Cause.BUSY
        except (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, _TooLong) as error:
            reason = error.__cause__ or error
            problem = str(reason) or type(reason).__name__
            cause = _cause(reason)
        # Not in a handler: what the package raises must not hang on what we raise.
        where = f"{self._address.name} at {self._address.base_url}"
        hint = self._address.hint if cause is Cause.UNREACHABLE else ""
        raise Transient(f"{where}: {self._address.key.hidden_in(problem)}{hint}", cause=cause)

    def _delivered(self, response: httpx2.Response) -> Delivered:
        body = self._address.key.hidden_in_bytes(response.content)
        return Delivered(response.status_code, body, response.headers)

    def _sdk(self) -> openai.OpenAI:
        import httpx2  # noqa: PLC0415
        import openai  # noqa: PLC0415

        with self._lock:
            if self._opened is None:
                seconds, most = self._settings.timeout_seconds, self._settings.concurrency
                http = httpx2.Client(
                    transport=self._transport,
                    timeout=httpx2.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS)),
                    limits=httpx2.Limits(max_connections=None, max_keepalive_connections=most),
                    event_hooks={
                        "request": [partial(_sign, self._address.key)],
                        "response": [partial(_bound, seconds)],
                    },
                )
                weakref.finalize(self, http.close)
                base_url = self._address.base_url
                self._opened = openai.OpenAI(
                    api_key="unused", base_url=base_url, max_retries=0, http_client=http
                )
            return self._opened


def _sign(key: Key, request: httpx2.Request) -> None:
    for name in [name for name in request.headers if name.lower() not in _HEADERS]:
        del request.headers[name]
    # Compressed answers would be bounded only after they were unpacked.
    request.headers |= {"Accept-Encoding": "identity", "User-Agent": "selftaught"}
    if key.is_there:
        request.headers["Authorization"] = key.header()


def _bound(seconds: float, response: httpx2.Response) -> None:
    response.stream = _bounded(response.stream, seconds)


class _TooLong(Exception):
    pass


def _cause(reason: BaseException) -> Cause:
    import httpx2  # noqa: PLC0415

    match reason:
        case httpx2.ConnectError() | httpx2.ConnectTimeout():
            return Cause.UNREACHABLE
        case _TooLong():
            return Cause.UNUSABLE
        case _:
            return Cause.BUSY


def _bounded(stream: object, seconds: float) -> httpx2.SyncByteStream:
    """Returns a stream that fails when it gets too long, or when its time is over."""
    import httpx2  # noqa: PLC0415

    assert isinstance(stream, httpx2.SyncByteStream)

    class Bounded(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            left, end = _MOST_BYTES, time.monotonic() + seconds
            for part in stream:
                left -= len(part)
                if left < 0:
                    raise _TooLong(f"an answer of more than {_MOST_BYTES >> 20} MB")
                if time.monotonic() > end:
                    raise httpx2.ReadTimeout("the answer came too slowly")
                yield part

        def close(self) -> None:
            stream.close()

    return Bounded()
