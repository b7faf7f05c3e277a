"""Requests to stop a run from outside: by `selftaught stop`, or by a file."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

from selftaught.budget import Budget
from selftaught.errors import StoreError, UsageError
from selftaught.store import Journal, stop_file

_LOOK_SECONDS = 0.5
"""How often a run looks whether it is asked to stop."""


def check_not_stopped(store: str) -> None:
    """Makes sure that nothing forbids runs in a store.

    Raises:
        UsageError: The stop file is there.
    """
    file = stop_file(store)
    if file is not None and file.exists():
        raise UsageError(f"the stop file {file} forbids runs in this store: remove it first")


@contextmanager
def stopped_when_asked(journal: Journal, run: str, store: str, budget: Budget) -> Generator[None]:
    """Closes a run's budget as soon as somebody asks the run to stop, while the block lasts."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_LOOK_SECONDS):
            if not budget.is_closed and (reason := _asked(journal, run, store)):
                budget.close(reason)
            if budget.is_closed:
                journal.hurry()
                return

    watching = threading.Thread(target=look, name="stop requests", daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()


def _asked(journal: Journal, run: str, store: str) -> str | None:
    file = stop_file(store)
    if file is not None and file.exists():
        return f"stopped by the file {file}"
    # A journal that cannot be read stops the run where it is written.
    with suppress(StoreError):
        return journal.asked_to_stop(run)
    return None
