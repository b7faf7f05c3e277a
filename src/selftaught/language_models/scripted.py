"""A language model that says what it is told to: for tests, ours and users' own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from selftaught.client import Reply, Request
from selftaught.errors import ProviderError


class Scripted:
    """Replies by a function of the request, or from a list in the order of arrival.

    Args:
        replies: What to say to a request, or what to say first, second and so on.

    Example:
        >>> request = Request("expert", "hello", temperature=0.7, stream="s", index=0)
        >>> [reply.text for _, reply in Scripted(["hi"]).complete([request])]
        ['hi']
        >>> model = Scripted(lambda request: request.message.upper())
        >>> [reply.text for _, reply in model.complete([request])]
        ['HELLO']
    """

    def __init__(self, replies: Callable[[Request], str] | Sequence[str]) -> None:
        self._replies = replies
        self._told = 0
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The model's name, as the command line takes it."""
        return "scripted"

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """Answers every request, in their order.

        Raises:
            ProviderError: The list holds fewer replies than are asked for; none is used up.
        """
        if callable(self._replies):
            texts = map(self._replies, requests)
        else:
            texts = self._next(self._replies, len(requests))
        return enumerate(Reply(text, tokens=0, dollars=0.0) for text in texts)

    def _next(self, replies: Sequence[str], count: int) -> Sequence[str]:
        with self._lock:
            left = len(replies) - self._told
            if count > left:
                raise ProviderError(
                    f"the script holds {len(replies)} replies: {count} were asked for and {left} "
                    "are left; give Scripted a longer list, or a function"
                )
            self._told += count
            return replies[self._told - count : self._told]
