"""An exchange that keeps to the pace of its server."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from selftaught.client import Reply, Request
from selftaught.language_models.servers.exchange import Exchange, Transient
from selftaught.language_models.servers.pace import Asked, Pace

_CHARACTERS_PER_TOKEN = 4
_FIRST_GUESS = 500
"""Tokens of a reply, before there was one."""


class Limited:
    """An exchange within limits: its tokens are estimated before it and corrected after it.

    Args:
        exchange: What is asked.
        pace: Of the server.
        max_tokens: The longest reply.
    """

    def __init__(self, exchange: Exchange, pace: Pace, *, max_tokens: int) -> None:
        self._exchange = exchange
        self._pace = pace
        self._lock = threading.Lock()
        self._reply_tokens = float(min(_FIRST_GUESS, max_tokens))

    @property
    def most_samples(self) -> int | None:
        """The most samples that the server gives in one exchange; None: it is not known yet."""
        return self._exchange.most_samples

    def ask(self, request: Request, count: int) -> Sequence[Reply]:
        """Returns at least one and at most `count` replies; see `Exchange`.

        Raises:
            RunCutShort: The run was stopped while it waited for its turn.
        """
        with self._pace.slot():
            asked = self._pace.turn(self._estimate(request, count))
            try:
                replies = self._exchange.ask(request, count)
            except Transient as error:
                if error.wait_seconds is not None:
                    self._pace.leave_alone(error.wait_seconds)
                raise
            self._correct(asked, replies)
            return replies

    def _estimate(self, request: Request, count: int) -> int:
        prompt = (len(request.expertise) + len(request.message)) // _CHARACTERS_PER_TOKEN
        return prompt + int(self._reply_tokens * count)

    def _correct(self, asked: Asked, replies: Sequence[Reply]) -> None:
        known = [reply.tokens for reply in replies if reply.tokens is not None]
        if len(known) < len(replies):
            return
        self._pace.correct(asked, sum(known))
        with self._lock:
            self._reply_tokens += 0.1 * (sum(known) / len(known) - self._reply_tokens)
