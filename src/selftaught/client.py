"""The one-method protocol behind a language model: what turns requests into replies.

Clients are in `language_models/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import Protocol, runtime_checkable

from selftaught.budget import Amounts
from selftaught.errors import ProviderError, shown
from selftaught.events import Event
from selftaught.place import Place, reply_key


@dataclass(frozen=True, slots=True)
class Request:
    """One sample that is asked for."""

    expertise: str
    """The system prompt."""
    message: str
    """The user prompt."""
    temperature: float
    stream: str
    """Names a source of randomness: the same request with the same stream and index gets the same
    reply from every model that can be repeated, and from every cache."""
    index: int
    """How many times this very request was made before, in its stream."""

    def key(self, place: Place) -> str:
        """Returns the key of its reply."""
        asked = (self.expertise, self.message, self.temperature, self.stream, self.index)
        return reply_key(place, *asked)


class Finish(StrEnum):
    """Why a reply ended."""

    STOP = "stop"
    LENGTH = "length"
    """Cut short at the longest reply that was allowed."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reply:
    """One sample."""

    text: str
    tokens: int | None = None
    """Tokens of prompt and reply; None where the provider does not say."""
    dollars: float | None = None
    """None where no price is known."""
    finish: Finish = Finish.STOP
    model: str = ""
    """Who answered, where a client asks several models; empty: the client."""


class Client(Protocol):
    """Something that answers requests. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """The model's name, as the command line takes it."""
        ...

    def complete(self, requests: Sequence[Request]) -> Iterable[tuple[int, Reply]]:
        """Yields a reply to every request as it arrives, with the number of its request.

        A reply is recorded when it is yielded: from then on it cannot be lost.

        Raises:
            ProviderError: No more replies can be had; nothing was charged for what is missing.
        """
        ...


@runtime_checkable
class Bounded(Client, Protocol):
    """A client that knows beforehand what replies can cost at most."""

    def most(self, requests: Sequence[Request]) -> Amounts:
        """Returns the most tokens and dollars; without dollars: the price is not known."""
        ...


def answers(client: Client, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
    """Yields what a client answers, and makes sure that each request is answered once.

    Raises:
        ProviderError: The client failed, or did not keep to the form.
    """
    missing = set(range(len(requests)))
    for answer in client.complete(requests) if requests else ():
        match answer:
            case (int(number), Reply() as reply) if number in missing:
                missing.remove(number)
                yield number, reply
            case _:
                raise ProviderError(
                    f"{client.name}: expected the number of a request and a Reply, once for each "
                    f"of {len(requests)} requests; it yielded {shown(answer)}"
                )
    if missing:
        given = len(requests) - len(missing)
        raise ProviderError(f"{client.name} gave {given} replies to {len(requests)} requests")


def replies_of(client: Client, requests: Sequence[Request]) -> list[Reply]:
    """Returns a client's replies in the order of the requests.

    Raises:
        ProviderError: The client failed, or did not keep to the form.
    """
    return [reply for _, reply in sorted(answers(client, requests), key=itemgetter(0))]


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """A server failed and will be asked again: for who watches, and no part of any record."""

    message: str
    """Which model it is, and what its server said."""
    attempt: int
    """How many attempts failed, of the exchange that failed most often."""
    wait_seconds: float
    """Until the next attempt."""
    left_seconds: float
    """Until it is given up."""
    most_attempts: int | None
    """After which it is given up before that time; None: after any number."""


Watcher = Callable[[Event | AttemptFailed], None]
"""A `Listener` that is told, besides events, why a run stands still."""
