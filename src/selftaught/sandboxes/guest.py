"""The child: loads one program and serves calls of it until it is killed.

Runs inside both walls, so it imports nothing of ours but its neighbours in the zygote. Nothing
here is trusted by the host: the program shares this process and can change all of it.
"""

# The host's messages have the types that the host gives them.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false

from __future__ import annotations

import linecache
import random
import sys
import threading
import traceback
import types
from collections.abc import Callable, Sequence
from functools import partial
from typing import NoReturn, TypeVar

import numpy as np

from selftaught.sandboxes.channel import NotPlain, decode, encode
from selftaught.sandboxes.wire import read_frame, write_frame

_T = TypeVar("_T")
_RESERVE = 1 << 16
"""Let go when memory is exhausted, to have some for saying so."""
_LONGEST_MESSAGE = 2000
_LONGEST_LINE = 160
_FILE = "<{}>"


class ProgramError(RuntimeError):
    """What was asked of the host may not be had."""


class BudgetExceeded(RuntimeError):
    """A budget is spent."""


for _kind in (ProgramError, BudgetExceeded):
    _kind.__module__ = "builtins"  # tracebacks then show the name alone

_ERRORS = {kind.__name__: kind for kind in (ProgramError, BudgetExceeded)}


class Host:
    """The other end of the channel; several threads may ask it at once."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._sending = threading.Lock()
        self._arrival = threading.Condition()
        self._arrived: dict[int, list[object]] = {}
        self._is_reading = False
        self._asked = 0
        self.call = 0
        self.message_bytes = 1 << 24

    def send(self, *message: object) -> None:
        """Sends one message.

        Raises:
            NotPlain: It is not plain data, or too large.
        """
        frame = encode(list(message))
        if len(frame) > self.message_bytes:
            raise NotPlain(f"{len(frame):,} bytes, more than the {self.message_bytes:,} allowed")
        with self._sending:
            write_frame(self._descriptor, frame)

    def request(self) -> list[object]:
        """Waits for what the host wants next."""
        return self._wait_for(0)

    def ask(self, name: str, *arguments: object) -> object:
        """Calls a function of the host."""
        with self._arrival:
            self._asked += 1
            number = self._asked
        self.send("ask", self.call, number, name, list(arguments))
        match self._wait_for(number):
            case ["reply", _, value]:
                return value
            case [_, _, str(kind), str(message)]:
                raise _ERRORS[kind](message)
            case other:
                raise AssertionError(other)

    def _wait_for(self, number: int) -> list[object]:
        """Returns the message for this waiter; whoever waits first reads for all."""
        while True:
            with self._arrival:
                while self._is_reading and number not in self._arrived:
                    self._arrival.wait()
                if number in self._arrived:
                    return self._arrived.pop(number)
                self._is_reading = True
            try:
                self._read_one()
            finally:
                with self._arrival:
                    self._is_reading = False
                    self._arrival.notify_all()

    def _read_one(self) -> None:
        message = decode(read_frame(self._descriptor))
        match message:
            case ["reply" | "refusal", int(number), *_]:
                pass
            case _:
                number = 0
        with self._arrival:
            self._arrived[number] = message  # pyright: ignore[reportArgumentType] - the host's


class _Printed:
    """Stands in for stdout and stderr: sends line by line, up to a limit in all."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, host: Host) -> None:
        self._host = host
        self.limit = 0
        self._left = 0
        self._line = ""
        self._lock = threading.RLock()

    def write(self, text: str) -> int:
        with self._lock:
            if self._left > 0:
                kept = str(text)[: self._left]
                self._left -= len(kept)
                self._line += kept
                if "\n" in kept or self._left <= 0:
                    self.flush()
        return len(text)

    def writelines(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        with self._lock:
            line, self._line = self._line, ""
        if line:
            self._host.send("printed", self._host.call, line)

    def start(self) -> None:
        self._left = self.limit
        self._line = ""

    def isatty(self) -> bool:
        return False

    def fileno(self) -> NoReturn:
        raise OSError("a program's output is no file")


def serve(descriptor: int) -> NoReturn:
    """Loads the program that the host sends, then answers its calls for ever."""
    host = Host(descriptor)
    printed = _Printed(host)
    sys.stdout = sys.stderr = printed  # pyright: ignore[reportAttributeAccessIssue] - all that is used
    function: Callable[[Sequence[object]], object] = list
    while True:
        match host.request():
            case ["load", int(host_call), dict(job)]:
                host.call, host.message_bytes = host_call, job["message_bytes"]
                printed.limit = job["printed_bytes"]
                function = _answer(host, printed, partial(_load, host, job), _nothing) or function
            case ["call", int(host_call), int(seed), list(arguments)]:
                host.call = host_call
                _seed(seed)
                _answer(host, printed, partial(function, arguments), _itself)
            case other:
                raise AssertionError(other)


def _answer(
    host: Host, printed: _Printed, work: Callable[[], _T], shown: Callable[[_T], object]
) -> _T | None:
    """Does one piece of work and tells the host how it ended."""
    reserve: bytearray | None = bytearray(_RESERVE)
    printed.start()
    try:
        value = work()
        printed.flush()
        _return(host, shown(value))
    except MemoryError as error:
        reserve = None
        place = _place(error)
        error.__traceback__ = None
        host.send("failed", host.call, "out of memory", place)
    except BaseException as error:  # noqa: BLE001 - SystemExit and the like end a call, not us
        message = _describe(error)
        printed.flush()
        host.send("failed", host.call, "error", message)
    else:
        return value
    del reserve
    return None


def _nothing(_: object) -> None:
    return None


def _itself(value: object) -> object:
    return value


def _return(host: Host, value: object) -> None:
    try:
        encode(value)  # first, because it names the place within the value alone
        host.send("done", host.call, value)
    except NotPlain as error:
        host.send("failed", host.call, "bad answer", f"cannot be returned: {error}")


def _load(host: Host, job: dict[str, object]) -> Callable[[Sequence[object]], object]:
    _seed(0)
    modules = [
        _module(name, source, host)
        for name, source in job["modules"]  # pyright: ignore - the host's message
    ]
    program = types.ModuleType("solution")
    sys.modules["solution"] = program
    _execute(program, str(job["text"]))
    entry = str(job["entry"])
    function: object = program.__dict__.get(entry)
    if not callable(function):
        raise NameError(  # noqa: TRY004 - it may be missing altogether
            f"the program defines no function {entry!r}"
        )
    if job["caller"] is None:
        return lambda arguments: function(*arguments)
    caller = next(module for module in modules if module.__name__ == job["caller"])
    return lambda arguments: caller.call(function, *arguments)


def _module(name: str, source: str, host: Host) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__dict__.update(call_host=host.ask, **_ERRORS)
    sys.modules[name] = module
    _execute(module, source)
    return module


def _execute(module: types.ModuleType, source: str) -> None:
    name = _FILE.format(module.__name__)
    lines = source.splitlines(keepends=True)
    linecache.cache[name] = (len(source), None, lines, name)
    exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - the purpose


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed & 0xFFFFFFFF)


def _describe(error: BaseException) -> str:
    """Says what went wrong and where in the program, for its author."""
    try:
        text = traceback.format_exception_only(error)[-1].strip()
    except Exception:  # noqa: BLE001 - a hostile __str__
        text = type(error).__name__
    if isinstance(error, SyntaxError) and error.filename == _FILE.format("solution"):
        line = (error.text or "").strip()[:_LONGEST_LINE]
        return f"{text} (line {error.lineno}: `{line}`)"[:_LONGEST_MESSAGE]
    return text[:_LONGEST_MESSAGE] + _place(error)


def _place(error: BaseException) -> str:
    """Names the innermost line of the program that the error passed."""
    place = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == _FILE.format("solution"):
            line = linecache.getline(_FILE.format("solution"), number).strip()
            place = f" (line {number}: `{line[:_LONGEST_LINE]}`)"
    return place
