"""Where a program that we did not write runs: the contract of a sandbox.

A sandbox gives every program a process of its own, without network, environment, home folder or
other processes, and bounds its time, memory and output. Whatever the program does - crash, hang,
flood, lie - reaches the caller as an ordinary `Outcome`. The implementations are in `sandboxes/`;
`../docs/decisions` says why they are built as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

_NO_MODULES: Mapping[str, str] = MappingProxyType({})

Handler = Callable[..., object]
"""A function of the host that a program may call by name; takes and returns plain data.

A `ProgramError` or `BudgetExceeded` that it raises is raised again in the program, with the same
message. Any other error is the host's own: it ends the program and reaches the host's caller.
"""


@dataclass(frozen=True, slots=True)
class Program:
    """What is loaded into a sandbox."""

    text: str
    """Source of the program."""
    entry: str
    """The function that is called."""
    modules: Mapping[str, str] = field(default_factory=lambda: _NO_MODULES)
    """Modules that the program can import besides installed ones: name to source, in load order.
    They find `call_host(name, *arguments)` among their globals: the way to the handlers."""
    packages: Path | None = None
    """A folder of packages, as in ``site-packages``, that it may import; mounted read-only."""
    preload: tuple[str, ...] = ()
    """Modules that it finds imported, so that it does not wait for them in every process."""
    caller: str | None = None
    """One of `modules` whose `call(function, *arguments)` stands in for `function(*arguments)`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use. Times are per call; everything else is per process."""

    cpu_seconds: float = 2.0
    """CPU time of the process during one call: does not depend on how busy the machine is."""
    wall_seconds: float | None = None
    """Backstop for programs that wait; None: three times the CPU time, at least 0.2 s more.
    The clock stands still while the program waits for the host."""
    load_seconds: float = 5.0
    """CPU time for the program's top level."""
    memory_bytes: int = 1 << 30
    """Address space of the process."""
    threads: int = 0
    """Threads beside the main one."""
    message_bytes: int = 16 << 20
    """Size of one message in either direction."""
    printed_bytes: int = 4096
    """How much of what the program printed is kept."""
    writable_bytes: int = 0
    """Size of the folder for temporary files; 0: nothing can be written."""

    @property
    def wall_backstop(self) -> float:
        """Seconds after which a call is ended whatever its CPU time."""
        if self.wall_seconds is not None:
            return self.wall_seconds
        return max(3 * self.cpu_seconds, self.cpu_seconds + 0.2)


class Status(StrEnum):
    """How a call ended, as seen from outside the program."""

    OK = "ok"
    ERROR = "error"
    """The program raised, does not parse, or lacks its entry; the message has type and text."""
    BAD_ANSWER = "bad answer"
    """It returned something that is not plain data, or too large."""
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    DIED = "died"
    """The process ended by itself or by a signal."""
    BROKEN_CHANNEL = "broken channel"
    """It sent something else than the protocol's messages."""
    REFUSED = "refused"
    """It was never run: its text or arguments exceed a limit."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one call."""

    status: Status
    value: object = None
    """What the program returned, as plain data; None unless the status is OK."""
    message: str = ""
    """What happened, in words that help the program's author."""
    printed: str = ""
    """The beginning of what the program printed during the call."""
    cpu_seconds: float = 0.0
    """CPU time of the call."""
    denied: tuple[str, ...] = ()
    """System calls that it tried and may not make, as far as the kernel tells; the first ones."""
    while_loading: bool = False
    """Whether the program failed at its top level, so that its entry was never called."""

    @property
    def is_ok(self) -> bool:
        """Tells whether there is a value."""
        return self.status is Status.OK


class RunningProgram(Protocol):
    """A program in a process of its own."""

    def call(self, arguments: Sequence[object], *, seed: int = 0) -> Outcome:
        """Calls the program's entry and waits for its end.

        A program that could not be loaded answers every call with the outcome of its loading. When
        a call ended the process, the next call loads the program afresh.

        Args:
            arguments: Plain data: None, bool, int, float, complex, str, bytes, lists, tuples, sets
                and dicts of these, NumPy scalars and arrays of numbers.
            seed: Seeds `random` and `numpy.random` in the program before the call.

        Raises:
            SandboxLost: The sandbox broke, was rebuilt once, and broke again. A program with
                handlers is not tried again: what they did cannot be taken back.
            Exception: What a handler raised that is not the program's business.
        """
        ...


class Sandbox(Protocol):
    """Starts programs in isolation. Safe to use from several threads."""

    @property
    def level(self) -> str:
        """What isolates programs here, for reports: ``full``, ``inner`` or ``none``."""
        ...

    def run(
        self, program: Program, limits: Limits, handlers: Mapping[str, Handler] = ...
    ) -> AbstractContextManager[RunningProgram]:
        """Starts a program; the end of the block ends its process.

        Args:
            program: What to load.
            limits: What it may use.
            handlers: What it may call in the host. Calls from several of its threads are served at
                the same time, each in a thread of the host.

        Raises:
            SandboxUnavailable: No isolation of the level asked for can be had.
        """
        ...

    def close(self) -> None:
        """Ends all processes. Running calls end with `SandboxLost`."""
        ...
