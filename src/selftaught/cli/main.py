"""The command `selftaught`: signals are handled before anything else is loaded."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from selftaught.cli.signals import handle_signals, interrupt


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command line and exits, at a signal with 1 too."""
    handle_signals(interrupt)
    # Loading modules makes many objects and no garbage.
    gc.set_threshold(100_000, 20, 20)
    # Python forgets handlers when it ends, but keeps what is ignored.
    atexit.register(handle_signals, signal.SIG_IGN)
    try:
        code = exit_code(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        with suppress(OSError):
            os.write(2, b"selftaught: interrupted\n")
        code = 1

    def end(_: int, __: object) -> None:
        # All is printed: a signal only shortens the end.
        os._exit(code)

    handle_signals(end)
    sys.exit(code)


def exit_code(arguments: Sequence[str]) -> int:
    """Runs a command line and returns its exit code; errors become one line on stderr."""
    from selftaught.cli import app

    return app.exit_code(arguments)
