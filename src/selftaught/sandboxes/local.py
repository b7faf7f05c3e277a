"""The sandbox on this machine: warm zygotes behind two walls, a fresh child for every program."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import NamedTuple

from selftaught.errors import SandboxLost, SandboxUnavailable
from selftaught.sandbox import Handler, Limits, Outcome, Program
from selftaught.sandboxes import walls
from selftaught.sandboxes.conversation import Conversation
from selftaught.sandboxes.pool import Pool
from selftaught.sandboxes.slot import Setting, Slot, launch
from selftaught.sandboxes.walls import Level

_NO_HANDLERS: Mapping[str, Handler] = MappingProxyType({})


_NOTHING = Program("", "")


class _Kind(NamedTuple):
    """What zygotes differ in: programs of one kind share them."""

    has_threads: bool
    writable: int
    packages: Path | None
    preload: tuple[str, ...]


class LocalSandbox:
    """Runs programs on this machine, behind bubblewrap and the kernel's own locks.

    Args:
        at_least: The weakest isolation that will do: ``full`` or ``inner``. The strongest that can
            be had is used; where it is weaker than this, nothing runs.
        packages: A folder of packages, as in ``site-packages``, for programs that name none.
        preload: Modules that such programs find imported.
        at_most: The strongest isolation that is tried, to see how the weaker ones do.
        workers: How many solutions may compute at the same time; None: one for each core.
        improvers: How many zygotes are kept for programs that mostly wait for the host: about 10 MB
            each.
    """

    def __init__(
        self,
        *,
        at_least: Level | str = Level.FULL,
        at_most: Level | str = Level.FULL,
        packages: Path | None = None,
        preload: Sequence[str] = (),
        workers: int | None = None,
        improvers: int = 16,
    ) -> None:
        order = list(Level)
        self._levels = order[order.index(Level(at_most)) : order.index(Level(at_least)) + 1]
        self._level: Level | None = None
        self._settling = threading.Lock()
        self._packages = packages
        self._preload = tuple(preload)
        self._workers = workers or _cores()
        self._improvers = improvers
        self._pools: dict[_Kind, Pool] = {}
        self._lock = threading.Lock()
        self._spawner: ThreadPoolExecutor | None = None
        self._preparing: ThreadPoolExecutor | None = None
        self._is_closed = False

    @property
    def level(self) -> str:
        """What isolates programs here; finds out by starting a zygote, the first time.

        Raises:
            SandboxUnavailable: No isolation of the level asked for can be had.
        """
        if self._level is None:
            pool = self._pool_for(self._kind_of(_NOTHING, Limits()))
            pool.give_back(pool.take())
        assert self._level is not None
        return self._level.value

    @contextmanager
    def run(
        self, program: Program, limits: Limits, handlers: Mapping[str, Handler] = _NO_HANDLERS
    ) -> Generator[_LocalProgram]:
        """See `selftaught.sandbox.Sandbox.run`."""
        pool = self._pool_for(self._kind_of(program, limits))
        running = _LocalProgram(pool, program, limits, handlers)
        try:
            running.begin()
            yield running
        finally:
            running.end()

    def prepare(self, limits: Limits, count: int) -> None:
        """Starts zygotes for so many programs with such limits in the background; returns at once.

        What fails is left to whoever runs a program.
        """
        pool = self._pool_for(self._kind_of(_NOTHING, limits))

        def start() -> None:
            with suppress(SandboxUnavailable, SandboxLost):
                pool.prepare(count)

        with self._lock:
            if self._is_closed:
                return
            if self._preparing is None:
                self._preparing = ThreadPoolExecutor(_cores(), "preparing")
            for _ in range(count):
                self._preparing.submit(start)

    def close(self) -> None:
        """See `selftaught.sandbox.Sandbox.close`."""
        with self._lock:
            self._is_closed = True
            pools = list(self._pools.values())
            self._pools.clear()
            threads = [each for each in (self._preparing, self._spawner) if each]
            self._preparing = self._spawner = None
        for pool in pools:
            pool.close()
        for each in threads:
            each.shutdown()

    def __enter__(self) -> LocalSandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _kind_of(self, program: Program, limits: Limits) -> _Kind:
        return _Kind(
            has_threads=limits.threads > 0,
            writable=limits.writable_bytes,
            packages=program.packages or self._packages,
            preload=program.preload or self._preload,
        )

    def _pool_for(self, kind: _Kind) -> Pool:
        with self._lock:
            if self._is_closed:
                raise SandboxLost("the sandbox was closed")
            if kind not in self._pools:
                size = self._improvers if kind.has_threads else self._workers
                self._pools[kind] = Pool(lambda: self._launch(kind), size, starts=_cores())
            return self._pools[kind]

    def _launch(self, kind: _Kind) -> Slot:
        with self._lock:
            if self._is_closed:
                raise SandboxLost("the sandbox was closed")
            if self._spawner is None:
                # One thread starts all zygotes and lives as long as they do: the kernel ends a
                # process that is bound to its parent when the parent's thread ends.
                self._spawner = ThreadPoolExecutor(1, "zygotes")
            spawner = self._spawner

        def start(level: Level) -> Slot:
            setting = Setting(level, walls.visible(kind.packages), kind.preload)
            slot = spawner.submit(launch, setting, writable=kind.writable).result()
            try:
                slot.await_start()
            except BaseException:
                slot.close()
                raise
            return slot

        with self._settling:
            if self._level is None:
                slot, self._level = _strongest(start, self._levels)
                return slot
        return start(self._level)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _strongest(start: Callable[[Level], Slot], levels: Sequence[Level]) -> tuple[Slot, Level]:
    """Starts a zygote at the first level that can be had."""
    reasons: list[str] = []
    for level in levels:
        try:
            return start(level), level
        except SandboxUnavailable as error:
            reasons.append(f"{level}: {error}")
    raise SandboxUnavailable("\n".join(reasons))


class _LocalProgram:
    """A program in a child of a zygote; see `selftaught.sandbox.RunningProgram`."""

    def __init__(
        self, pool: Pool, program: Program, limits: Limits, handlers: Mapping[str, Handler]
    ) -> None:
        self._pool = pool
        self._program = program
        self._limits = limits
        self._handlers = handlers
        self._slot: Slot | None = None
        self._conversation: Conversation | None = None
        self._failed_load: Outcome | None = None

    def begin(self) -> None:
        """Takes a place to run in."""
        self._slot = self._pool.take()

    def call(self, arguments: Sequence[object], *, seed: int = 0) -> Outcome:
        try:
            return self._call(arguments, seed)
        except SandboxLost:
            self._drop()
            if self._handlers:
                raise  # what its handlers did, and spent, cannot be taken back
            return self._call(arguments, seed)

    def end(self) -> None:
        """Ends the process and gives its place to the next program."""
        try:
            if self._conversation:
                self._conversation.end()
        except SandboxLost:
            pass  # it has gone, which is what was wanted
        finally:
            self._conversation = None
            if self._slot:
                slot, self._slot = self._slot, None
                self._pool.give_back(slot)

    def _call(self, arguments: Sequence[object], seed: int) -> Outcome:
        if self._failed_load:
            return self._failed_load
        if self._conversation is None or self._conversation.is_over:
            outcome = self._load()
            if not outcome.is_ok:
                self._failed_load = outcome
                self.end()
                return outcome
        assert self._conversation is not None
        return self._conversation.call(arguments, seed)

    def _load(self) -> Outcome:
        if self._slot and self._slot.is_broken:
            self._drop()
        self._slot = self._slot or self._pool.take()
        self._conversation = Conversation(self._slot, self._pool, self._limits, self._handlers)
        return self._conversation.load(self._program)

    def _drop(self) -> None:
        if self._slot:
            self._slot.is_broken = True
        self.end()
