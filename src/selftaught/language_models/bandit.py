"""A bandit over models: who gives programs for little money is asked more often.

What a model gives is judged by whether its replies hold programs that parse; scores are not known
where models are asked. Each choice weighs that share, with a bonus for models that were asked
rarely (UCB1; Auer, Cesa-Bianchi and Fischer 2002), against what a reply costs on average.

Choices depend on the order in which replies arrive, so a run with a bandit cannot be repeated from
its seed. It can be resumed and replayed from its journal, and repeated from a cache of replies as
far as the same models are asked.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from selftaught.client import Finish, Reply, Request
from selftaught.extraction import code_in, parses

_EXPLORATION = 0.5
"""Weight of the bonus. In UCB1 it is the square root of 2, for rewards that fill the range."""
_PRICE_WEIGHT = 0.25
"""What the dearest model has to be better by, as a share of programs, than one that is free."""


@dataclass(slots=True)
class _Arm:
    asked: int = 0
    """Requests sent to it, with those that are not answered yet."""
    answered: int = 0
    programs: int = 0
    dollars: float = 0.0

    def mean_dollars(self) -> float:
        return self.dollars / self.answered if self.answered else 0.0


class Bandit:
    """Chooses among models by what they gave so far. Safe to use from several threads.

    Args:
        models: How many there are.
    """

    def __init__(self, models: int) -> None:
        self._arms = [_Arm() for _ in range(models)]
        self._lock = threading.Lock()

    def choose(self, requests: Sequence[Request]) -> list[int]:
        """Returns the number of a model for each request."""
        with self._lock:
            return [self._best() for _ in requests]

    def learn(self, model: int, request: Request, reply: Reply) -> None:
        """Takes note of a reply."""
        del request
        code = code_in(reply.text) if reply.finish is not Finish.LENGTH else None
        with self._lock:
            arm = self._arms[model]
            arm.answered += 1
            arm.programs += code is not None and parses(code)
            arm.dollars += reply.dollars or 0.0

    def _best(self) -> int:
        chosen = max(range(len(self._arms)), key=lambda i: (self._value(self._arms[i]), -i))
        self._arms[chosen].asked += 1
        return chosen

    def _value(self, arm: _Arm) -> float:
        if not arm.asked:
            return math.inf
        total = sum(each.asked for each in self._arms)
        dearest = max(each.mean_dollars() for each in self._arms)
        price = arm.mean_dollars() / dearest if dearest else 0.0
        # Before the first reply: as good as can be, so that a slow model is not written off.
        share = arm.programs / arm.answered if arm.answered else 1.0
        bonus = _EXPLORATION * math.sqrt(math.log(total + 1) / arm.asked)
        return share + bonus - _PRICE_WEIGHT * price
