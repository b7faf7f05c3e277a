"""A client whose replies are kept, so that no run pays for what another has paid for."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from selftaught.budget import Unit
from selftaught.client import Bounded, Client, Reply, Request
from selftaught.errors import ProviderError, shown
from selftaught.language_models.servers.exchange import Wait
from selftaught.language_models.servers.reply_store import ReplyStore
from selftaught.language_models.servers.settings import CacheMode
from selftaught.place import key_of

_LOOK_SECONDS = 0.1
"""Between two looks for a reply that another thread asked for."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a reply depends on, besides its request."""

    base_url: str
    model: str
    max_tokens: int

    def key(self, request: Request) -> str:
        """Returns the key of a request's reply.

        The number of a sample counts within its stream: sessions that are to be independent do
        not get each other's replies.
        """
        parameters = (self.base_url, self.model, self.max_tokens, request.temperature)
        sample = (request.stream, request.index)
        return key_of("cached", *parameters, request.expertise, request.message, *sample)


class Cached:
    """A client that answers what is known from a store, for nothing, and keeps what is new.

    Args:
        client: Answers what is not known.
        source: What its replies depend on.
        store: Keeps replies.
        mode: Whether what is not known may be asked for.
        wait: Ends the work when the run is over.
    """

    def __init__(
        self, client: Client, source: Source, store: ReplyStore, *, mode: CacheMode, wait: Wait
    ) -> None:
        self.client = client
        self._source = source
        self._store = store
        self._mode = mode
        self._wait = wait
        self._lock = threading.Lock()
        self._asked_now: set[str] = set()

    @property
    def name(self) -> str:
        """The model's name, as the command line takes it."""
        return self.client.name

    def most(self, requests: Sequence[Request]) -> Mapping[Unit, float]:
        """Returns the most that replies can cost: those that are known cost nothing."""
        known = self._store.known([self._source.key(request) for request in requests])
        new = [request for request in requests if self._source.key(request) not in known]
        if not new or self._mode is CacheMode.REPLAY:
            return {Unit.TOKENS: 0.0, Unit.DOLLARS: 0.0}
        return self.client.most(new) if isinstance(self.client, Bounded) else {}

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """Yields a reply to every request, what is known first.

        What another thread is asking for already is waited for and not asked for twice.

        Raises:
            ProviderError: The client failed; or only what is known may be used, and this is not.
            StoreError: The store cannot be read or written.
        """
        missing = {number: self._source.key(request) for number, request in enumerate(requests)}
        while missing:
            mine = self._claimed(missing)
            try:
                # After the claim: what another thread has just kept is not asked for again.
                for number, reply in self._known(missing):
                    del missing[number]
                    yield number, reply
                new = [number for number in mine if number in missing]
                for number, reply in self._new(requests, new):
                    self._store.keep({missing.pop(number): reply})
                    yield number, reply
            finally:
                with self._lock:
                    self._asked_now -= set(mine.values())
            if missing and not new:
                self._wait(_LOOK_SECONDS)

    def _known(self, missing: Mapping[int, str]) -> list[tuple[int, Reply]]:
        known = self._store.known(missing.values())
        found = {number: known[key] for number, key in missing.items() if key in known}
        return [(number, replace(reply, tokens=0, dollars=0.0)) for number, reply in found.items()]

    def _new(
        self, requests: Sequence[Request], numbers: Sequence[int]
    ) -> Iterator[tuple[int, Reply]]:
        if not numbers:
            return
        if self._mode is CacheMode.REPLAY:
            raise ProviderError(
                f"the cache has no reply of {self.name} to "
                f'{shown(requests[numbers[0]].message)}: run it once with cache = "record"'
            )
        for place, reply in self.client.complete([requests[number] for number in numbers]):
            yield numbers[place], reply

    def _claimed(self, missing: Mapping[int, str]) -> dict[int, str]:
        with self._lock:
            mine = {n: key for n, key in missing.items() if key not in self._asked_now}
            self._asked_now |= set(mine.values())
        return mine
