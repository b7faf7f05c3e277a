"""What Ctrl-C and SIGTERM do. Loads nothing heavy: signals come while the rest is loaded, too."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Never

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def handle_signals(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    """Has Ctrl-C and SIGTERM call a function."""
    for number in _SIGNALS:
        signal.signal(number, handler)


def interrupt(number: int, _: FrameType | None) -> Never:
    """Ends the work by KeyboardInterrupt; the next signal ends the process on the spot."""
    handle_signals(_die)
    raise KeyboardInterrupt(f"stopped by {signal.Signals(number).name}")


def _die(number: int, _: FrameType | None) -> Never:
    with suppress(OSError):
        os.write(2, f"selftaught: stopped at once by {signal.Signals(number).name}\n".encode())
    os._exit(1)


@contextmanager
def stopped_by_signals(stop: Callable[[str], None]) -> Generator[None]:
    """Stops the work in the block cleanly at the first Ctrl-C or SIGTERM, at once at the second."""

    def on_signal(number: int, _: FrameType | None) -> None:
        handle_signals(_die)
        with suppress(OSError):
            os.write(
                2, b"selftaught: stopping; what is on its way is waited for, a minute at most\n"
            )
        # In a thread of its own: this one may hold the lock that `stop` waits for.
        reason = f"stopped by {signal.Signals(number).name}"
        threading.Thread(target=stop, args=(reason,)).start()

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    handle_signals(on_signal)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
