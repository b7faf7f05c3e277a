"""What a run's journal knows already: effects that are not to be paid for again.

A run that was interrupted is executed again from its start. Whatever it asks that its journal has
an answer to, it is told from there; it goes on by itself at the first effect that is missing.
"""

from __future__ import annotations

from typing import Protocol

from selftaught.events import Event
from selftaught.place import Place


class History(Protocol):
    """The effects of a run so far. Safe to use from several threads."""

    def at(self, key: str) -> Event | None:
        """Returns the event with a key; None where it has not happened yet."""
        ...

    def answer(self, question: str) -> Event | None:
        """Returns the first event that answers a question, wherever in the run it was asked."""
        ...

    def unclaimed(self, place: Place) -> int:
        """Returns how many effects at a place happened before an interruption and not since."""
        ...


class _NoHistory:
    def at(self, key: str) -> Event | None:
        del key
        return None

    def answer(self, question: str) -> Event | None:
        del question
        return None

    def unclaimed(self, place: Place) -> int:
        del place
        return 0


NO_HISTORY: History = _NoHistory()
"""Nothing has happened yet, and nothing is kept."""
