"""Not a sandbox: runs programs in this very process, without any protection.

For tests of the engine with programs that the test wrote itself. Never for generated programs.
"""

from __future__ import annotations

import random
import sys
import threading
import traceback
import types
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from selftaught.errors import SelftaughtError
from selftaught.sandbox import Handler, Limits, Outcome, Program, RunningProgram, Status

_IMPORTS = threading.RLock()
"""Programs import modules by name, so one at a time may load."""


class InlineSandbox:
    """Runs programs in this process; time and memory are not limited."""

    level = "none"

    @contextmanager
    def run(
        self, program: Program, limits: Limits, handlers: Mapping[str, Handler] | None = None
    ) -> Generator[RunningProgram]:
        """Loads a program."""
        del limits
        yield _Inline(program, handlers or {})

    def close(self) -> None:
        """Does nothing."""


class _Inline:
    def __init__(self, program: Program, handlers: Mapping[str, Handler]) -> None:
        self._program = program
        self._handlers = handlers

    def call(self, arguments: Sequence[object], *, seed: int = 0) -> Outcome:
        random.seed(seed)
        try:
            return Outcome(Status.OK, self._call(arguments))
        except SelftaughtError as error:
            if type(error).__name__ not in ("BudgetExceeded", "ProgramError"):
                raise
            return Outcome(Status.ERROR, message=f"{type(error).__name__}: {error}")
        except Exception as error:  # noqa: BLE001 - the program's own
            where = traceback.extract_tb(error.__traceback__)[-1].lineno
            return Outcome(Status.ERROR, message=f"{type(error).__name__}: {error} (line {where})")

    def _call(self, arguments: Sequence[object]) -> object:
        namespace: dict[str, Any] = {"__name__": "solution"}
        with _IMPORTS:
            modules = self._modules()
            sys.modules.update(modules)
            try:
                exec(compile(self._program.text, "<program>", "exec"), namespace)  # noqa: S102
            finally:
                for name in modules:
                    del sys.modules[name]
        function = namespace[self._program.entry]
        if self._program.caller is None:
            return function(*arguments)
        return modules[self._program.caller].call(function, *arguments)

    def _call_host(self, name: str, *arguments: object) -> object:
        return self._handlers[name](*arguments)

    def _modules(self) -> dict[str, Any]:
        modules: dict[str, Any] = {}
        for name, source in self._program.modules.items():
            module = modules[name] = types.ModuleType(name)
            vars(module)["call_host"] = self._call_host
            exec(compile(source, f"<{name}>", "exec"), vars(module))  # noqa: S102
        return modules
