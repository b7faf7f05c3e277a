"""How much a server is asked at the same time and in a minute."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from selftaught.client import Reply, Request
from selftaught.language_models.servers.exchange import Exchange, Transient, Wait
from selftaught.language_models.servers.settings import Settings

_MINUTE = 60.0
_LOOK_SECONDS = 0.25
"""Between two looks whether the run is over, for those who wait for others to finish."""
_CHARACTERS_PER_TOKEN = 4
_FIRST_GUESS = 500
"""Tokens of a reply, before there was one."""


class _Asked:
    """What was asked within the last minute, by its time, and the tokens it took."""

    __slots__ = ("time", "tokens")

    def __init__(self, moment: float, tokens: int) -> None:
        self.time = moment
        self.tokens = tokens


class Limited:
    """An exchange within limits: never more than allowed in any sixty seconds.

    The tokens of an exchange are estimated before it and corrected after it. When the server asks
    to be left alone, all who would ask it wait.

    Args:
        exchange: What is asked.
        settings: The limits.
        wait: Waits, and ends the work when the run is over.
        clock: Tells seconds.
    """

    def __init__(
        self,
        exchange: Exchange,
        settings: Settings,
        *,
        wait: Wait,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exchange = exchange
        self._requests = settings.requests_per_minute
        self._tokens = settings.tokens_per_minute
        self._wait = wait
        self._clock = clock
        self._slots = threading.Semaphore(settings.concurrency)
        self._lock = threading.Lock()
        self._recent: deque[_Asked] = deque()
        self._not_before = float("-inf")
        self._reply_tokens = float(min(_FIRST_GUESS, settings.max_tokens))

    @property
    def most_samples(self) -> int | None:
        """The most samples that the server gives in one exchange; None: it is not known yet."""
        return self._exchange.most_samples

    def ask(self, request: Request, count: int) -> Sequence[Reply]:
        """Returns at least one and at most `count` replies; see `Exchange`.

        Raises:
            RunCutShort: The run was stopped while it waited for its turn.
        """
        with self._slot():
            asked = self._turn(self._estimate(request, count))
            try:
                replies = self._exchange.ask(request, count)
            except Transient as error:
                self._leave_alone(error.wait_seconds)
                raise
            self._correct(asked, replies)
            return replies

    @contextmanager
    def _slot(self) -> Generator[None]:
        while not self._slots.acquire(timeout=_LOOK_SECONDS):
            self._wait(0)
        try:
            yield
        finally:
            self._slots.release()

    def _turn(self, tokens: int) -> _Asked:
        while True:
            with self._lock:
                now = self._clock()
                moment = self._first_moment(now, tokens)
                if moment <= now:
                    asked = _Asked(now, tokens)
                    if self._requests or self._tokens:
                        self._recent.append(asked)
                    return asked
            self._wait(moment - now)

    def _first_moment(self, now: float, tokens: int) -> float:
        """Returns when the limits allow an exchange; at most `now` where they do already."""
        while self._recent and self._recent[0].time + _MINUTE <= now:
            self._recent.popleft()
        moment = self._not_before
        if self._requests and len(self._recent) >= self._requests:
            moment = max(moment, self._recent[-self._requests].time + _MINUTE)
        if self._tokens:
            over = sum(asked.tokens for asked in self._recent) + tokens - self._tokens
            for asked in self._recent:
                if over <= 0:
                    break
                over -= asked.tokens
                moment = max(moment, asked.time + _MINUTE)
        return moment

    def _estimate(self, request: Request, count: int) -> int:
        prompt = (len(request.expertise) + len(request.message)) // _CHARACTERS_PER_TOKEN
        return prompt + int(self._reply_tokens * count)

    def _correct(self, asked: _Asked, replies: Sequence[Reply]) -> None:
        known = [reply.tokens for reply in replies if reply.tokens is not None]
        if len(known) < len(replies):
            return
        with self._lock:
            asked.tokens = sum(known)
            self._reply_tokens += 0.1 * (sum(known) / len(known) - self._reply_tokens)

    def _leave_alone(self, seconds: float | None) -> None:
        if seconds is not None:
            with self._lock:
                self._not_before = max(self._not_before, self._clock() + seconds)
