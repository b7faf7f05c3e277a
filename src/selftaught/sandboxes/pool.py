"""Zygotes kept warm: taken by one program at a time, given back, replaced when broken."""

from __future__ import annotations

import threading
from collections.abc import Callable

from selftaught.errors import SandboxLost, SandboxUnavailable
from selftaught.sandboxes.slot import Slot

Launcher = Callable[[], Slot]
"""Starts a slot and waits until it is warm."""
_CLOSED = "the sandbox was closed"


class Pool:
    """Slots of one kind, started when they are first needed.

    Up to its size a pool grows with those who ask, a few slots at a time: to start one takes a core
    for a while, and more at once would all be late. Beyond it a program waits for a slot only while
    another one computes. Where all who hold a slot wait for the host - for a callback's end, or for
    the next call - the pool grows all the same: what they wait for may need a slot itself.

    Args:
        launch: Starts a slot.
        size: How many slots are kept.
        starts: How many slots may start at the same time.
    """

    def __init__(self, launch: Launcher, size: int, *, starts: int) -> None:
        self._launch = launch
        self._size = size
        self._starts = starts
        self._free: list[Slot] = []
        self._held: set[Slot] = set()
        self._starting = 0
        self._computing = 0
        self._is_closed = False
        self._changed = threading.Condition()

    def take(self) -> Slot:
        """Returns a warm slot that is nobody else's.

        Raises:
            SandboxUnavailable: No zygote can be started.
            SandboxLost: The pool was closed.
        """
        with self._changed:
            self._changed.wait_for(self._may_take)
            if self._is_closed:
                raise SandboxLost(_CLOSED)
            if self._free:
                slot = self._free.pop()
                self._held.add(slot)
                return slot
            self._starting += 1
        try:
            return self._started()
        finally:
            with self._changed:
                self._starting -= 1
                self._changed.notify_all()

    def prepare(self, count: int) -> None:
        """Starts one slot ahead of need, unless there are so many already.

        Raises:
            SandboxUnavailable: No zygote can be started.
            SandboxLost: The pool was closed.
        """
        with self._changed:
            if self._is_closed or self._count() >= min(count, self._size):
                return
            self._starting += 1
        try:
            slot = self._started()
        finally:
            with self._changed:
                self._starting -= 1
                self._changed.notify_all()
        self.give_back(slot)

    def give_back(self, slot: Slot) -> None:
        """Takes a slot back, with no child in it."""
        with self._changed:
            self._held.discard(slot)
            is_wanted = not (slot.is_broken or self._is_closed) and self._count() < self._size
            if is_wanted:
                self._free.append(slot)
            self._changed.notify_all()
        if not is_wanted:
            slot.close()

    def mark_computing(self, change: int) -> None:
        """Counts a program that begins (1) or ceases (-1) to compute."""
        with self._changed:
            self._computing += change
            if change < 0:
                self._changed.notify_all()

    def close(self) -> None:
        """Ends every zygote, those in use included."""
        with self._changed:
            self._is_closed = True
            slots = [*self._free, *self._held]
            self._free.clear()
            self._changed.notify_all()
        for slot in slots:
            slot.close()

    def _started(self) -> Slot:
        try:
            slot = self._launch()
        except SandboxUnavailable as error:
            if self._is_closed:
                raise SandboxLost(_CLOSED) from error
            raise
        with self._changed:
            self._held.add(slot)
            is_late = self._is_closed
        if is_late:
            slot.close()
            raise SandboxLost(_CLOSED)
        return slot

    def _may_take(self) -> bool:
        is_crowded = self._count() >= self._size and self._computing + self._starting > 0
        may_start = self._starting < self._starts and not is_crowded
        return self._is_closed or bool(self._free) or may_start

    def _count(self) -> int:
        return len(self._free) + len(self._held) + self._starting
