"""Calls of a model on a server, as events: what is asked for is written before it is sent.

So a run that dies, or does not wait for replies, knows what it has to pay for. Models that answer
at once and for nothing have no such events. What is received is a `ReplyReceived`; see `events`.
"""

from __future__ import annotations

from dataclasses import dataclass

from selftaught.place import Place


@dataclass(frozen=True, slots=True)
class CallBegan:
    """A model on a server is about to be asked: what the replies may cost at most.

    Written before anything is sent: replies that are missing when the process dies count as paid.
    """

    place: Place
    call: str
    """Key of its first reply."""
    samples: int
    tokens: float
    """The most that one sample can take."""
    dollars: float
    """The same in dollars; 0 where no price is known."""


@dataclass(frozen=True, slots=True)
class CallCutShort:
    """A call of a model on a server ended with fewer replies than were asked for."""

    place: Place
    call: str
    """Key of its first reply."""
    lost: int
    """How many of the missing ones are paid for."""
