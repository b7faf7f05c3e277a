"""Asking again: how often, after which wait, and when not to."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from selftaught.client import AttemptFailed, Reply, Request
from selftaught.errors import ProviderError
from selftaught.language_models.servers.exchange import (
    Cause,
    Exchange,
    Tell,
    Transient,
    Wait,
    nobody,
)

_FIRST_SECONDS = 0.5
_LONGEST_SECONDS = 60.0
_FORGOTTEN_SECONDS = 2 * _LONGEST_SECONDS
"""After which a failure is news again, however many attempts were told of before."""
_MOST_ATTEMPTS = {Cause.UNREACHABLE: 3, Cause.UNUSABLE: 5}
"""Of one exchange, for a server that has never answered and for answers that may have cost."""


class Retrying:
    """An exchange that is asked again where a failure may pass.

    The waits between attempts double, up to a minute, and half of each is drawn, so that those who
    failed together do not come back together. A server that says how long it wants to be left
    alone is left alone for that long.

    Args:
        exchange: What is asked.
        patience_seconds: How long a failing server is asked again before it is given up.
        rng: Draws the waits; they are no part of any result.
        wait: Waits, and ends the work when the run is over.
        tell: Told of the first failure, and again whenever an exchange failed once more often.
        clock: Tells seconds.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        patience_seconds: float,
        rng: Random,
        wait: Wait,
        tell: Tell = nobody,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exchange = exchange
        self._patience_seconds = patience_seconds
        self._rng = rng
        self._wait = wait
        self._tell = tell
        self._clock = clock
        self._lock = threading.Lock()
        self._has_answered = False
        self._told = 0
        self._told_at = clock()

    @property
    def most_samples(self) -> int | None:
        """The most samples that the server gives in one exchange; None: it is not known yet."""
        return self._exchange.most_samples

    def ask(self, request: Request, count: int) -> Sequence[Reply]:
        """Returns at least one and at most `count` replies; see `Exchange`.

        Raises:
            RunCutShort: The run was stopped while it waited.
        """
        end = self._clock() + self._patience_seconds
        failures: Counter[Cause] = Counter()
        while True:
            self._wait(0)
            try:
                replies = self._exchange.ask(request, count)
            except Transient as error:
                self._note(error)
                failures[error.cause] += 1
                pause = self._pause(error, failures.total())
                if (reason := self._gives_up(error, failures, pause, end)) is not None:
                    raise ProviderError(f"{error} ({reason})") from None
                self._tell_of(error, failures, pause, end)
            else:
                self._has_answered = True
                return replies
            self._wait(pause)

    def _note(self, error: Transient) -> None:
        if error.cause is not Cause.UNREACHABLE:
            self._has_answered = True

    def _tell_of(
        self, error: Transient, failures: Counter[Cause], pause: float, end: float
    ) -> None:
        now, attempt = self._clock(), failures.total()
        with self._lock:
            if now - self._told_at > _FORGOTTEN_SECONDS:
                self._told = 0
            if attempt <= self._told:
                return  # many exchanges fail together: one of them is told of
            self._told, self._told_at = attempt, now
        most = self._most_failures(error)
        last = None if most is None else attempt + most - failures[error.cause]
        self._tell(AttemptFailed(str(error), attempt, pause, end - now, last))

    def _most_failures(self, error: Transient) -> int | None:
        """Returns how many of a kind there may be; None: any number."""
        if error.cause is Cause.UNREACHABLE and self._has_answered:
            return None
        return _MOST_ATTEMPTS.get(error.cause)

    def _pause(self, error: Transient, attempt: int) -> float:
        longest = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0 ** min(attempt - 1, 30))
        with self._lock:
            drawn = longest * (0.5 + self._rng.random() / 2)
        # The server's wait is a lower bound; all who wait for it should not come at once.
        stated = error.wait_seconds
        return drawn if stated is None else stated + min(drawn, max(_FIRST_SECONDS, 0.1 * stated))

    def _gives_up(
        self, error: Transient, failures: Counter[Cause], pause: float, end: float
    ) -> str | None:
        """Returns why it is not asked again; None: it is.

        Failures of a kind are counted for themselves: a server that was busy for long, and then
        answers nonsense once, is not given up for that.
        """
        most = self._most_failures(error)
        if most is not None and failures[error.cause] >= most:
            return f"given up after {failures.total()} attempts"
        if self._clock() + pause <= end:
            return None
        patience = f"patience_seconds is {self._patience_seconds:g}"
        if error.wait_seconds is not None and pause > self._patience_seconds:
            return f"it asks to be left alone for {error.wait_seconds:.0f} seconds, and {patience}"
        return f"given up after {failures.total()} attempts; {patience}"
