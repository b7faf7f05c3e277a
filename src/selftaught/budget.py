"""Budgets: what a run, a generation and an improver session may spend.

Scopes nest (run > generation > session); whatever an inner scope spends, the outer ones spend too.
An amount is reserved before the work and settled after it, so that ``spent <= limit`` holds at
every moment and under any concurrency. Of tokens and dollars the most that the work can cost is
reserved; where that leaves too little for other work, it waits until the first is settled. Where
nothing is known of the cost, no more work is begun once the limit is reached. The error names the
outermost scope that refused.

Example:
    >>> run = Budget("run", {Unit.SAMPLES: 10})
    >>> session = run.nested("session", {Unit.CALLS: 1})
    >>> with session.reserve({Unit.CALLS: 1, Unit.SAMPLES: 6}):
    ...     pass
    >>> run.spent[Unit.SAMPLES]
    6
    >>> with session.reserve({Unit.CALLS: 1}):
    ...     pass
    Traceback (most recent call last):
    selftaught.errors.BudgetExceeded: the session may spend 1 calls, has spent 1, asked for 1
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum

from selftaught.errors import BudgetExceeded, RunCutShort


class Unit(StrEnum):
    """What a limit counts."""

    CALLS = "calls"
    """Requests to a language model, however many samples each asks for."""
    SAMPLES = "samples"
    """Replies of a language model."""
    TOKENS = "tokens"
    """Tokens of prompts and replies, as the provider counts them."""
    DOLLARS = "dollars"
    EVALUATIONS = "evaluations"
    """Scorings of a program by a utility."""
    SECONDS = "seconds"
    """Time since the scope was opened, by a clock that never jumps. Never reserved: a scope whose
    time is over refuses every reservation."""


Amounts = Mapping[Unit, float]
_LOOK_SECONDS = 0.25
"""Between two looks at the clock, for work that waits until other work is settled."""
_ESTIMATED = (Unit.TOKENS, Unit.DOLLARS)
"""Units of which more is reserved than work will cost: what is reserved may become free again."""


class Budget:
    """One scope. Safe to use from several threads.

    Args:
        scope: Its name in messages: ``run``, ``generation 2``, ``session`` ...
        limits: The most that may be spent of each unit; a unit that is absent is not limited.
    """

    def __init__(
        self,
        scope: str,
        limits: Amounts,
        *,
        parent: Budget | None = None,
    ) -> None:
        self.scope = scope
        self.limits = dict(limits)
        self._parent = parent
        self._lock: threading.Condition = parent._lock if parent else threading.Condition()  # noqa: SLF001
        self._spent: Counter[Unit] = Counter()
        self._reserved: Counter[Unit] = Counter()
        self._opened = time.monotonic()
        self._closed_because: str | None = None

    def nested(self, scope: str, limits: Amounts) -> Budget:
        """Opens a scope within this one."""
        return Budget(scope, limits, parent=self)

    def carry(self, spent: Amounts) -> None:
        """Adds what was spent before an interruption."""
        with self._lock:
            self._opened -= spent.get(Unit.SECONDS, 0)
            self._spent.update({unit: spent[unit] for unit in spent if unit is not Unit.SECONDS})

    @property
    def is_closed(self) -> bool:
        """Tells whether this scope was closed."""
        return self._closed_because is not None

    def close(self, reason: str) -> None:
        """Refuses every further reservation, here and in all nested scopes, with `RunCutShort`."""
        with self._lock:
            self._closed_because = reason
            self._lock.notify_all()

    def wait(self, seconds: float) -> None:
        """Waits for some seconds, or until this scope, or one around it, is closed or out of time.

        Raises:
            RunCutShort: A scope was closed.
            BudgetExceeded: The time of a scope is over.
        """
        end = time.monotonic() + seconds
        scopes = self._from_outermost()
        with self._lock:
            while True:
                for scope in scopes:
                    scope._check_open()  # noqa: SLF001 - scopes are one class
                left = end - time.monotonic()
                if left <= 0:
                    return
                self._lock.wait(min(left, *(scope._seconds_left() for scope in scopes)) + 1e-3)  # noqa: SLF001

    def limits_anywhere(self, unit: Unit) -> bool:
        """Tells whether this scope, or one around it, limits a unit."""
        return any(unit in scope.limits for scope in self._from_outermost())

    @property
    def spent(self) -> dict[Unit, float]:
        """What was spent of every unit so far, without what is only reserved."""
        with self._lock:
            spent: dict[Unit, float] = {unit: self._spent[unit] for unit in Unit}
        return spent | {Unit.SECONDS: time.monotonic() - self._opened}

    def remaining(self, unit: Unit) -> float:
        """Returns what this scope still allows, not looking at the outer ones; may be infinite."""
        limit = self.limits.get(unit, float("inf"))
        if unit is Unit.SECONDS:
            return self._seconds_left()
        with self._lock:
            return limit - self._spent[unit] - self._reserved[unit]

    @contextmanager
    def reserve(self, amounts: Amounts, *, before: Amounts | None = None) -> Generator[Bill]:
        """Sets amounts aside for the work in the block, then charges them.

        The block may settle the bill for less than was reserved. Work that fails and settled
        nothing is not charged. An amount of 0, for a unit whose cost is known only afterwards, is
        refused where nothing is left.

        Args:
            amounts: What the work may cost.
            before: What of it was charged to the outermost scope before an interruption.

        Raises:
            BudgetExceeded: A scope, this one or an outer one, does not allow it.
            RunCutShort: A scope was closed.
        """
        shares = self._shares(amounts, before)
        with self._lock:
            while not self._have_room(shares):
                self._lock.wait(_LOOK_SECONDS)
            for scope, share in shares:
                scope._reserved.update(share)  # noqa: SLF001
        bill = Bill()
        try:
            yield bill
            bill.amounts = amounts if bill.amounts is None else bill.amounts
        finally:
            with self._lock:
                for scope, share in shares:
                    scope._reserved.subtract(share)  # noqa: SLF001
                for scope, share in self._shares(bill.amounts or {}, before):
                    scope._spent.update(share)  # noqa: SLF001
                self._lock.notify_all()

    def _shares(self, amounts: Amounts, before: Amounts | None) -> list[tuple[Budget, Amounts]]:
        """Returns what each scope is charged: the outermost without what it was charged before."""
        scopes = self._from_outermost()
        if not before:
            return [(scope, amounts) for scope in scopes]
        # What is known only afterwards is reserved as 0, whatever of it was charged before.
        left = {unit: max(0, amount - before.get(unit, 0)) for unit, amount in amounts.items()}
        new = {unit: amount for unit, amount in left.items() if amount or not amounts[unit]}
        return [(scopes[0], new), *((scope, amounts) for scope in scopes[1:])]

    def _from_outermost(self) -> list[Budget]:
        outer = self._parent._from_outermost() if self._parent else []  # noqa: SLF001
        return [*outer, self]

    def _seconds_left(self) -> float:
        limit = self.limits.get(Unit.SECONDS, float("inf"))
        return limit - (time.monotonic() - self._opened)

    def _check_open(self) -> None:
        if self._closed_because is not None:
            raise RunCutShort(self._closed_because)
        if self._seconds_left() < 0:
            raise BudgetExceeded(
                self.scope,
                Unit.SECONDS,
                f"the {self.scope} may take {self.limits[Unit.SECONDS]:g} seconds; they are over",
            )

    @staticmethod
    def _have_room(shares: Sequence[tuple[Budget, Amounts]]) -> bool:
        """Tells whether all scopes have room now; each of them may raise."""
        rooms = [scope._has_room(share) for scope, share in shares]  # noqa: SLF001
        return all(rooms)

    def _has_room(self, amounts: Amounts) -> bool:
        """Tells whether amounts can be reserved now; raises where they never can."""
        self._check_open()
        has_room = True
        for unit, amount in amounts.items():
            limit = self.limits.get(unit, float("inf"))
            gone = self._spent[unit] + self._reserved[unit]
            # What is known only afterwards is reserved as 0, while any is left.
            if gone + amount <= limit and gone < limit:
                continue
            may_come_back = unit in _ESTIMATED and self._reserved[unit] > 0
            if not may_come_back or not self._could_hold(unit, amount):
                raise BudgetExceeded(self.scope, unit, self._refusal(unit, amount, gone))
            has_room = False
        return has_room

    def _could_hold(self, unit: Unit, amount: float) -> bool:
        limit, spent = self.limits[unit], self._spent[unit]
        return spent + amount <= limit and spent < limit

    def _refusal(self, unit: Unit, amount: float, gone: float) -> str:
        limit = self.limits[unit]
        asked = "may need" if unit in _ESTIMATED and amount else "asked for"
        hint = ""
        if unit in _ESTIMATED and amount > limit:
            hint = (
                " at once: raise the limit, or ask for shorter replies (max_tokens) or for fewer "
            )
            hint += "in a call (samples_per_call)"
        return (
            f"the {self.scope} may spend {limit:g} {unit}, has spent {gone:g}, {asked} "
            f"{amount:g}{hint}"
        )


class Bill:
    """What the work in a `Budget.reserve` block really cost."""

    def __init__(self) -> None:
        self.amounts: Amounts | None = None

    def settle(self, amounts: Amounts) -> None:
        """States the cost; a provider may report more than was reserved, and it is charged."""
        self.amounts = dict(amounts)
