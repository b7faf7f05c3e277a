"""One exchange with a server: some samples for one prompt.

Retries, limits and clients share this form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Protocol

from selftaught.client import AttemptFailed, Reply, Request
from selftaught.errors import ProviderError

Wait = Callable[[float], None]
"""Waits for some seconds; raises `RunCutShort` or `BudgetExceeded` as soon as the run is over."""
Tell = Callable[[AttemptFailed], None]
"""Is told that a server failed and will be asked again; from several threads."""


def nobody(failed: AttemptFailed) -> None:
    """Is told, and says nothing."""


class Exchange(Protocol):
    """A server of language models. Safe to use from several threads."""

    @property
    def most_samples(self) -> int | None:
        """The most samples that the server gives in one exchange; None: it is not known yet."""
        ...

    def ask(self, request: Request, count: int) -> Sequence[Reply]:
        """Returns at least one and at most `count` replies to a request.

        Raises:
            Transient: The server failed in a way that may pass.
            ProviderError: It failed in another way.
            ProgramError: It does not take this prompt, whoever asks.
            UsageError: The key, the model's name or the URL is wrong.
        """
        ...


class Cause(Enum):
    """Why an exchange failed that may be tried again; decides for how long."""

    BUSY = auto()
    """The server said that it cannot now."""
    UNREACHABLE = auto()
    """There may be no such server: it is asked for long only if it has answered before."""
    UNUSABLE = auto()
    """It answered nonsense, which it may have charged for: it is asked a few times only."""


class Transient(ProviderError):
    """A failure that may pass: the same may be asked again.

    Attributes:
        cause: What kind of failure it is.
        wait_seconds: How long the server asks to be left alone; None: it does not say.
    """

    def __init__(
        self, message: str, *, cause: Cause = Cause.BUSY, wait_seconds: float | None = None
    ) -> None:
        super().__init__(message)
        self.cause = cause
        self.wait_seconds = wait_seconds


class TooMuch(Transient):
    """An answer of more bytes than are read; fewer samples may have fewer."""

    def __init__(self, message: str) -> None:
        super().__init__(message, cause=Cause.UNUSABLE)
