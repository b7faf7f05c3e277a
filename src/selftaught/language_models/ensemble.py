"""Several models as one: each sample is answered by one of them, drawn by weight."""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from queue import SimpleQueue
from random import Random
from typing import Protocol

from selftaught.budget import Unit
from selftaught.client import Bounded, Client, Reply, Request, answers


class Choice(Protocol):
    """Who is to answer."""

    def choose(self, requests: Sequence[Request]) -> Sequence[int]:
        """Returns the number of a model for each request."""
        ...

    def learn(self, model: int, request: Request, reply: Reply) -> None:
        """Takes note of a reply."""
        ...


@dataclass(frozen=True, slots=True)
class ByWeight:
    """Draws a model for each sample, from its request and the seed alone.

    The same run asks the same models for the same things, whatever comes first.
    """

    weights: Sequence[float]
    seed: int

    def choose(self, requests: Sequence[Request]) -> list[int]:
        """Returns the number of a model for each request."""
        return [self._drawn(request) for request in requests]

    def _drawn(self, request: Request) -> int:
        asked = (request.expertise, request.message, request.temperature)
        text = repr((self.seed, *asked, request.stream, request.index))
        digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
        rng = Random(int.from_bytes(digest))  # noqa: S311 - a draw that is to be repeatable
        return rng.choices(range(len(self.weights)), self.weights)[0]

    def learn(self, model: int, request: Request, reply: Reply) -> None:
        """Learns nothing: weights are fixed."""


class Ensemble:
    """A client that spreads requests over others, all asked at the same time.

    Args:
        name: As the command line takes it.
        clients: The models.
        choice: Decides who answers what.
    """

    def __init__(self, name: str, clients: Sequence[Client], choice: Choice) -> None:
        self._name = name
        self.clients = tuple(clients)
        self._choice = choice

    @property
    def name(self) -> str:
        """The model's name, as the command line takes it."""
        return self._name

    def most(self, requests: Sequence[Request]) -> Mapping[Unit, float]:
        """Returns the most that replies can cost, whoever gives them.

        A model that knows no bound of its own has none here, and one without a price takes the
        dollars from the answer.
        """
        bounds = [
            client.most(requests) if isinstance(client, Bounded) else {Unit.DOLLARS: 0.0}
            for client in self.clients
        ]
        has_price = all(Unit.DOLLARS in bound for bound in bounds)
        units = (Unit.TOKENS, Unit.DOLLARS) if has_price else (Unit.TOKENS,)
        return {unit: max(bound.get(unit, 0.0) for bound in bounds) for unit in units}

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """Yields a reply to every request as it arrives, with the model that gave it.

        Raises:
            ProviderError: A model failed; what the others had been asked was waited for.
        """
        shares: defaultdict[int, list[int]] = defaultdict(list)
        for number, model in enumerate(self._choice.choose(requests)):
            shares[model].append(number)
        for model, place, reply in _merged(
            {
                model: self._asked(model, [requests[number] for number in numbers])
                for model, numbers in shares.items()
            }
        ):
            number = shares[model][place]
            self._choice.learn(model, requests[number], reply)
            yield number, replace(reply, model=reply.model or self.clients[model].name)

    def _asked(
        self, model: int, requests: Sequence[Request]
    ) -> Callable[[], Iterator[tuple[int, Reply]]]:
        return lambda: answers(self.clients[model], requests)


def _merged(
    sources: Mapping[int, Callable[[], Iterator[tuple[int, Reply]]]],
) -> Iterator[tuple[int, int, Reply]]:
    """Yields what several sources yield, as it comes; raises the first failure at the end."""
    arrived: SimpleQueue[tuple[int, int, Reply] | BaseException | None] = SimpleQueue()

    def drain(model: int) -> None:
        try:
            for place, reply in sources[model]():
                arrived.put((model, place, reply))
            arrived.put(None)
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
            arrived.put(error)

    for model in sources:
        threading.Thread(target=drain, args=(model,), daemon=True).start()
    failed: BaseException | None = None
    for _ in sources:
        while isinstance(item := arrived.get(), tuple):
            yield item
        failed = failed or item
    if failed is not None:
        raise failed
