"""Computes a thing once, however many threads ask for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Memory:
    """Remembers results by key. Safe to use from several threads.

    Example:
        >>> memory = Memory()
        >>> memory.once("a", lambda: 1), memory.once("a", lambda: 2)
        (1, 1)
    """

    def __init__(self) -> None:
        self._futures: dict[Hashable, Future[object]] = {}
        self._lock = threading.Lock()

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Returns the result for the key; computes it where it is asked for the first time.

        Who asks while it is being computed waits. A failure is raised to all who wait, and
        forgotten.
        """
        with self._lock:
            known = self._futures.get(key)
            future = known or self._futures.setdefault(key, Future())
        if known is None:
            self._compute(key, compute, future)
        return future.result()  # pyright: ignore[reportReturnType] - a key has one type of result

    def _compute(
        self, key: Hashable, compute: Callable[[], object], future: Future[object]
    ) -> None:
        try:
            future.set_result(compute())
        except BaseException as error:
            with self._lock:
                del self._futures[key]
            future.set_exception(error)
            raise
