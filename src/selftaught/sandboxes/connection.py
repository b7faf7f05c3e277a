"""The host's end of the channel to one child: never waits longer than a clock allows."""

from __future__ import annotations

import select
import socket
import threading
from typing import Protocol

from selftaught.sandboxes.channel import HEADER, Violation, decode, encode
from selftaught.sandboxes.denials import Denials

_CHUNK = 1 << 16
_OVERHEAD = 256
"""What a message adds to the value in it."""


class Closed(Exception):
    """The other end hung up."""


class Oversize(Exception):
    """A message of ours that is larger than the limit; it was not sent."""


class Patience(Protocol):
    """Says how long one may wait; see `clock.Clock`."""

    def patience(self) -> float:
        """Returns seconds, or raises `clock.Expired`."""
        ...


class Connection:
    """Frames over a socket.

    Args:
        end: The host's end.
        message_bytes: The largest message in either direction.
        denials: Answered while one waits for a message.
    """

    def __init__(self, end: socket.socket, message_bytes: int, denials: Denials | None) -> None:
        end.settimeout(0)
        self._socket = end
        self._limit = message_bytes + _OVERHEAD
        self._arrived = bytearray()
        self._poll = select.poll()
        self._poll.register(end, select.POLLIN)
        self._denials = denials
        self._listener = denials.descriptor if denials else None
        if self._listener is not None:
            self._poll.register(self._listener, select.POLLIN)
        self._sending = threading.Lock()

    def send(self, message: list[object], patience: Patience) -> None:
        """Sends one message.

        Raises:
            Closed: The other end hung up.
            Expired: The other end did not read in time.
            Oversize: It is larger than the limit.
        """
        body = encode(message)
        if len(body) > self._limit:
            raise Oversize(f"{len(body):,} bytes; {self._limit - _OVERHEAD:,} are allowed")
        rest = memoryview(HEADER.pack(len(body)) + body)
        with self._sending:
            while rest:
                try:
                    rest = rest[self._socket.send(rest, socket.MSG_NOSIGNAL) :]
                except BlockingIOError:
                    _wait_until_writable(self._socket, patience)
                except OSError as error:
                    raise Closed from error

    def receive(self, patience: Patience) -> list[object]:
        """Waits for one message.

        Raises:
            Closed: The other end hung up.
            Expired: No message came in time.
            Violation: Something else than a message came.
        """
        patience.patience()  # also where there is always something to read
        size = HEADER.size
        self._fill(size, patience)
        (length,) = HEADER.unpack_from(self._arrived)
        if length > self._limit:
            raise Violation(f"a message of {length:,} bytes; {self._limit:,} are allowed")
        self._fill(size + length, patience)
        message = decode(bytes(memoryview(self._arrived)[size : size + length]))
        del self._arrived[: size + length]
        if type(message) is not list or not message:
            raise Violation("a frame that is no message")
        return message  # pyright: ignore[reportUnknownVariableType] - a list of plain data

    def hang_up(self) -> None:
        """Ends the conversation from another thread: whoever waits finds it closed."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            if not isinstance(error, ConnectionError) and error.errno not in _GONE:
                raise

    def close(self) -> None:
        """Gives the descriptors back."""
        self._socket.close()
        if self._denials:
            self._denials.close()

    def _fill(self, count: int, patience: Patience) -> None:
        while len(self._arrived) < count:
            try:
                part = self._socket.recv(max(_CHUNK, min(count - len(self._arrived), 1 << 20)))
            except BlockingIOError:
                self._wait(patience)
                continue
            except OSError as error:
                raise Closed from error
            if not part:
                raise Closed
            self._arrived += part

    def _wait(self, patience: Patience) -> None:
        for descriptor, event in self._poll.poll(_milliseconds(patience)):
            if descriptor != self._listener or self._denials is None:
                continue
            if event & select.POLLIN:
                self._denials.answer()
            if event & select.POLLHUP or self._denials.descriptor is None:
                self._poll.unregister(descriptor)
                self._listener = None


_GONE = (9, 107)


def _wait_until_writable(end: socket.socket, patience: Patience) -> None:
    poll = select.poll()
    poll.register(end, select.POLLOUT)
    poll.poll(_milliseconds(patience))


def _milliseconds(patience: Patience) -> int:
    return int(patience.patience() * 1000) + 1
