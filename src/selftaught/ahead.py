"""Scoring ahead: improvers in a reply are scored before the improver that asked for them does.

Improvers mostly score their candidates one after the other, and each score of an improver is many
sessions that wait for replies. Begun when the reply arrives, they wait together. An improver learns
no score that it does not ask for, and its budget is charged when it asks; what the sessions cost is
the run's from the start. Their places, and so their keys and draws, are those that they have when
they are asked for: results are the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress

from selftaught.errors import SelftaughtError
from selftaught.solution import Solution


class Ahead:
    """Scores the programs of one session ahead. Safe to use from several threads.

    Args:
        score: Scores a program and remembers the score.
        executor: Where scoring waits.
        most: How many programs are scored at most: no more than the session may ask for.
    """

    def __init__(
        self, score: Callable[[Solution], object], *, executor: Executor, most: int
    ) -> None:
        self._score = score
        self._executor = executor
        self._most = most
        self._begun: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, program: Solution) -> None:
        """Begins to score a program that a reply holds, and returns at once."""
        with self._lock:
            if program.digest in self._begun or len(self._begun) >= self._most:
                return
            self._begun.add(program.digest)
        self._executor.submit(self._try, program)

    def _try(self, program: Solution) -> None:
        # What fails is forgotten; whoever asks for the score tries again and learns why.
        with suppress(SelftaughtError):
            self._score(program)
