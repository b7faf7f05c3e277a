"""A language model on a server, as a `Client`: many exchanges in flight, each reply once.

What is asked for the same prompt goes into one exchange where the server gives several samples,
and into several exchanges at the same time where it does not. What is missing from one exchange is
asked for in others.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from selftaught.budget import Unit
from selftaught.client import Reply, Request
from selftaught.errors import BudgetExceeded, ProviderError, RepliesLost, RunCutShort
from selftaught.language_models.servers.exchange import Exchange, Wait
from selftaught.language_models.servers.pricing import Price
from selftaught.language_models.servers.providers import Address
from selftaught.language_models.servers.settings import Settings
from selftaught.language_models.servers.usage import Usage

_LOOK_SECONDS = 0.1
"""Between two looks whether the run is over."""
_GRACE_SECONDS = 60.0
"""When the run was stopped: for replies that are on their way, which are paid for."""
_OVERTIME_SECONDS = 5.0
"""The same when its time is over."""
_FORM_TOKENS = 64
"""What a server adds to a prompt to mark who speaks."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Requests for the same prompt, by their numbers."""

    request: Request
    numbers: tuple[int, ...]

    def parts(self, most: int | None) -> Iterator[_Group]:
        """Yields the same in groups that the server answers in one exchange."""
        size = most or len(self.numbers)
        for start in range(0, len(self.numbers), size):
            yield _Group(self.request, self.numbers[start : start + size])


@dataclass(frozen=True, slots=True)
class _Ended:
    """An exchange that came to its end."""

    group: _Group
    result: Sequence[Reply] | BaseException


class Chat:
    """A model on a server. Safe to use from several threads.

    Args:
        address: The model, where it is and what it costs.
        exchange: How the server is asked, with all that stands around it.
        settings: The longest reply, and how many exchanges there may be at the same time.
        wait: Ends the work when the run is over.
    """

    def __init__(
        self, address: Address, exchange: Exchange, settings: Settings, *, wait: Wait
    ) -> None:
        self.address = address
        self._exchange = exchange
        self._settings = settings
        self._wait = wait

    @property
    def name(self) -> str:
        """The model's name, as the command line takes it."""
        return self.address.name

    def most(self, requests: Sequence[Request]) -> Mapping[Unit, float]:
        """Returns the most that replies to requests can cost; without dollars: no price is known.

        No text has more tokens than bytes, and each request may have an exchange of its own.
        """
        texts = ((request.expertise, request.message) for request in requests)
        prompts = sum(
            len(text.encode("utf-8", "replace")) + _FORM_TOKENS for both in texts for text in both
        )
        usage = Usage(prompts, self._settings.max_tokens * len(requests))
        price: Price | None = self.address.price
        known = {} if price is None else {Unit.DOLLARS: price.dollars(usage)}
        return {Unit.TOKENS: float(usage.tokens), **known}

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """Yields a reply to every request as it arrives, with the number of its request.

        When one exchange fails for good, those under way are waited for, and no more are begun.

        Raises:
            ProviderError: The server failed; see `Exchange` for what else.
            RunCutShort: The run was stopped.
        """
        waiting = deque(_grouped(requests))
        ended: SimpleQueue[_Ended] = SimpleQueue()
        under_way: list[_Group] = []
        failed: BaseException | None = None
        while under_way or (waiting and failed is None):
            while waiting and failed is None and len(under_way) < self._settings.concurrency:
                under_way.append(self._begin(waiting, ended))
            end = self._next(ended, under_way)
            under_way.remove(end.group)
            if isinstance(end.result, BaseException):
                failed = failed or end.result
                continue
            yield from zip(end.group.numbers, end.result, strict=False)
            if missing := end.group.numbers[len(end.result) :]:
                waiting.append(_Group(end.group.request, missing))
        if failed is not None:
            raise failed

    def _begin(self, waiting: deque[_Group], ended: SimpleQueue[_Ended]) -> _Group:
        """Begins the first exchange that waits, and returns what it is for."""
        first, *rest = waiting.popleft().parts(self._exchange.most_samples)
        waiting.extendleft(reversed(rest))
        # A daemon: a server that does not answer must not keep the process from ending.
        threading.Thread(target=self._ask, args=(first, ended), daemon=True).start()
        return first

    def _ask(self, group: _Group, ended: SimpleQueue[_Ended]) -> None:
        result: Sequence[Reply] | BaseException
        try:
            result = self._exchange.ask(group.request, len(group.numbers))
            if not result:
                result = ProviderError(f"{self.name}: an exchange ended without a reply")
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
            result = error
        ended.put(_Ended(group, result))

    def _next(self, ended: SimpleQueue[_Ended], under_way: Sequence[_Group]) -> _Ended:
        """Waits for the end of an exchange; when the run is over, for a while."""
        over_since: float | None = None
        while True:
            try:
                return ended.get(timeout=_LOOK_SECONDS)
            except Empty:
                try:
                    self._wait(0)
                except (RunCutShort, BudgetExceeded) as over:
                    over_since = over_since or time.monotonic()
                    grace = _GRACE_SECONDS if isinstance(over, RunCutShort) else _OVERTIME_SECONDS
                    if time.monotonic() - over_since > grace:
                        lost = sum(len(group.numbers) for group in under_way)
                        raise RepliesLost(str(over), lost) from over


def _grouped(requests: Sequence[Request]) -> list[_Group]:
    """Returns the requests by prompt and temperature."""
    groups: defaultdict[tuple[str, str, float], list[int]] = defaultdict(list)
    for number, request in enumerate(requests):
        groups[request.expertise, request.message, request.temperature].append(number)
    return [_Group(requests[numbers[0]], tuple(numbers)) for numbers in groups.values()]
