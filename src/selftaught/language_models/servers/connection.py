"""The way to a server, over the openai package.

The package has its own retries switched off, so that every attempt is ours to count, and it never
holds the key: its exceptions carry requests with all their headers, and none of them leaves here.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from selftaught.language_models.servers.exchange import Cause, TooMuch, Transient
from selftaught.language_models.servers.keys import Key
from selftaught.language_models.servers.providers import Address
from selftaught.language_models.servers.settings import Settings

if TYPE_CHECKING:
    import httpx2
    import openai

    from selftaught.language_models.servers.transport import Deadline

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
        self._opened: tuple[openai.OpenAI, Deadline] | None = None

    def post(self, body: Mapping[str, object]) -> Delivered:
        """Returns what the server answers to a request.

        Raises:
            TooMuch: The answer has too many bytes.
            Transient: It cannot be reached, or its answer broke off or took too long.
            UsageError: The environment names a proxy or certificates that cannot be used.
        """
        import httpx2  # noqa: PLC0415 - a second to import, and most commands need none of it
        import openai  # noqa: PLC0415

        from selftaught.language_models.servers.transport import BrokenAnswer  # noqa: PLC0415

        sdk, deadline = self._sdk()
        deadline.begin(self._settings.timeout_seconds)
        try:
            response = sdk.post("/chat/completions", cast_to=httpx2.Response, body=body)
            return self._delivered(response)
        except openai.APIStatusError as error:
            return self._delivered(error.response)
        except (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, BrokenAnswer) as error:
            problem = self._problem(error.__cause__ or error)
        # Not in a handler: what the package raises must not hang on what we raise.
        raise problem

    def _delivered(self, response: httpx2.Response) -> Delivered:
        body = self._address.key.hidden_in_bytes(response.content)
        return Delivered(response.status_code, body, response.headers)

    def _problem(self, reason: BaseException) -> Transient:
        import httpx2  # noqa: PLC0415

        from selftaught.language_models.servers import transport  # noqa: PLC0415

        seconds = self._settings.timeout_seconds
        said, cause = str(reason) or type(reason).__name__, Cause.BUSY
        match reason:
            case transport.BrokenAnswer():
                cause = Cause.UNUSABLE
            case httpx2.ConnectTimeout():
                said = f"no connection within {min(seconds, _CONNECT_SECONDS):g} seconds"
                cause = Cause.UNREACHABLE
            case httpx2.TimeoutException():
                # The server may have worked on it all the time.
                said, cause = f"no answer within {seconds:g} seconds", Cause.UNUSABLE
            case httpx2.TransportError():
                # Refused, reset or no HTTP: also what a server says that expects another protocol.
                cause = Cause.UNREACHABLE
            case _:
                pass
        where = f"{self._address.name} at {self._address.base_url}"
        hint = self._address.hint if cause is Cause.UNREACHABLE else ""
        message = f"{where}: {self._address.key.hidden_in(said)}{hint}"
        is_long = isinstance(reason, transport.LongAnswer)
        return TooMuch(message) if is_long else Transient(message, cause=cause)

    def _sdk(self) -> tuple[openai.OpenAI, Deadline]:
        import httpx2  # noqa: PLC0415
        import openai  # noqa: PLC0415

        from selftaught.language_models.servers.transport import (  # noqa: PLC0415
            Deadline,
            Transport,
            bound,
        )

        with self._lock:
            if self._opened is None:
                seconds, most = self._settings.timeout_seconds, self._settings.concurrency
                base_url, deadline = self._address.base_url, Deadline()
                http = httpx2.Client(
                    transport=self._transport
                    or Transport(base_url, most_idle=most, deadline=deadline),
                    timeout=httpx2.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS)),
                    event_hooks={
                        "request": [partial(_sign, self._address.key)],
                        "response": [partial(bound, deadline=deadline)],
                    },
                )
                weakref.finalize(self, http.close)
                sdk = openai.OpenAI(
                    api_key="unused", base_url=base_url, max_retries=0, http_client=http
                )
                self._opened = sdk, deadline
            return self._opened


def _sign(key: Key, request: httpx2.Request) -> None:
    for name in [name for name in request.headers if name.lower() not in _HEADERS]:
        del request.headers[name]
    # Compressed answers would be bounded only after they were unpacked.
    request.headers |= {"Accept-Encoding": "identity", "User-Agent": "selftaught"}
    if key.is_there:
        request.headers["Authorization"] = key.header()
