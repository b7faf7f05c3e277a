"""How much a server is asked at the same time and in a minute, whoever asks."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager

from selftaught.language_models.servers.exchange import Transient, Wait
from selftaught.language_models.servers.providers import Address
from selftaught.language_models.servers.settings import Settings

_MINUTE = 60.0
_LOOK_SECONDS = 0.25
"""Between two looks whether the run is over, for those who wait for others to finish."""


class Asked:
    """What was asked within the last minute, by its time, and the tokens it took."""

    __slots__ = ("time", "tokens")

    def __init__(self, moment: float, tokens: int) -> None:
        self.time = moment
        self.tokens = tokens


class Pace:
    """The pace of one server: never more than allowed in any sixty seconds.

    When the server asks to be left alone, all who would ask it wait.

    Args:
        settings: The limits.
        wait: Waits, and ends the work when the run is over.
        clock: Tells seconds.
    """

    def __init__(
        self, settings: Settings, *, wait: Wait, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._requests = settings.requests_per_minute
        self._tokens = settings.tokens_per_minute
        self._patience_seconds = settings.patience_seconds
        self._wait = wait
        self._clock = clock
        self._slots = threading.Semaphore(settings.concurrency)
        self._lock = threading.Lock()
        self._recent: deque[Asked] = deque()
        self._not_before = float("-inf")

    @contextmanager
    def slot(self) -> Generator[None]:
        """One of the exchanges that there may be at the same time.

        Raises:
            RunCutShort: The run was stopped while it waited.
        """
        while not self._slots.acquire(timeout=_LOOK_SECONDS):
            self._wait(0)
        try:
            yield
        finally:
            self._slots.release()

    def turn(self, tokens: int) -> Asked:
        """Waits until the limits allow a request, and counts it.

        Args:
            tokens: What it will take, as far as is known; 0: what it takes is counted already.

        Raises:
            RunCutShort: The run was stopped while it waited.
            Transient: The server wants to be left alone for longer than anybody is to wait.
        """
        while True:
            with self._lock:
                now = self._clock()
                if (alone := self._not_before - now) > self._patience_seconds:
                    raise Transient("a server wants to be left alone", wait_seconds=alone)
                moment = self._first_moment(now, tokens)
                if moment <= now:
                    asked = Asked(now, tokens)
                    if self._requests or self._tokens:
                        self._recent.append(asked)
                    return asked
            self._wait(moment - now)

    def correct(self, asked: Asked, tokens: int) -> None:
        """Counts the tokens that a request did take."""
        with self._lock:
            asked.tokens = tokens

    def leave_alone(self, seconds: float) -> None:
        """Lets nobody ask for some time."""
        with self._lock:
            self._not_before = max(self._not_before, self._clock() + seconds)

    def _first_moment(self, now: float, tokens: int) -> float:
        """Returns when the limits allow an exchange; at most `now` where they do already."""
        while self._recent and self._recent[0].time + _MINUTE <= now:
            self._recent.popleft()
        moment = self._not_before
        if self._requests and len(self._recent) >= self._requests:
            moment = max(moment, self._recent[-self._requests].time + _MINUTE)
        if self._tokens and tokens:
            over = sum(asked.tokens for asked in self._recent) + tokens - self._tokens
            for asked in self._recent:
                if over <= 0:
                    break
                over -= asked.tokens
                moment = max(moment, asked.time + _MINUTE)
        return moment


class Paces:
    """The pace of each server: models at one address, asked with one key, share its limits.

    Args:
        wait: Waits, and ends the work when the run is over.
    """

    def __init__(self, *, wait: Wait) -> None:
        self._wait = wait
        self._known: dict[tuple[str, str | None], Pace] = {}

    def of(self, address: Address, settings: Settings) -> Pace:
        """Returns the pace of the server at an address."""
        server = (address.base_url, address.key.variable)
        return self._known.setdefault(server, Pace(settings, wait=self._wait))
