"""How long a program has run, judged from outside: CPU time, with the wall clock as a backstop."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

_CORES = os.cpu_count() or 1


class Expired(Exception):
    """A limit on time was reached; the message says which, for the program's author."""


def cpu_seconds(pid: int) -> float:
    """Returns the CPU time of a process, its threads included.

    Raises:
        ProcessLookupError: It has gone.
    """
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError as error:
        raise ProcessLookupError(pid) from error


def queued_seconds(pid: int) -> float:
    """Returns how long a process was ready to compute but had to wait for a core.

    That is the machine's doing, not the program's: on a busy machine it does not count. 0 where the
    kernel does not tell.
    """
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


class Clock:
    """Measures one call.

    Args:
        pid: The process that the call runs in.
        cpu_limit: CPU seconds that it may take.
        wall_limit: Seconds that it may take while the host is not working for it.
        threads: Threads beside the main one: they spend CPU time at the same time.
    """

    def __init__(self, pid: int, *, cpu_limit: float, wall_limit: float, threads: int) -> None:
        self._pid = pid
        self._cpu_limit = cpu_limit
        self._wall_limit = wall_limit
        self._parallel = min(threads + 1, _CORES)
        self._cpu_start = cpu_seconds(pid)
        self._wall_start = time.monotonic()
        self._stopped_at: float | None = None
        self._lock = threading.Lock()

    def spent(self) -> float:
        """Returns the CPU seconds since the start; the last known where the process has gone."""
        try:
            return cpu_seconds(self._pid) - self._cpu_start
        except ProcessLookupError:
            return 0.0

    def patience(self) -> float:
        """Returns how long one may wait before looking at the clock again.

        Raises:
            Expired: There is no time left.
        """
        cpu_left = self._cpu_limit - self.spent()
        if cpu_left <= 0:
            raise Expired(f"used its {self._cpu_limit:g} s of CPU time")
        wall_left = self._wall_limit - self._wall()
        if wall_left <= 0:
            wall_left += queued_seconds(self._pid)
        if wall_left <= 0:
            raise Expired(
                f"waited: {self._wall_limit:g} s passed, "
                f"of which it computed {self._cpu_limit - cpu_left:.2f} s"
            )
        return max(min(cpu_left / self._parallel, wall_left), 0.001)

    def stop(self) -> None:
        """Stops the wall clock: the host begins to work for the program."""
        with self._lock:
            self._stopped_at = time.monotonic()

    def go_on(self) -> None:
        """Lets the wall clock run again."""
        with self._lock:
            if self._stopped_at is not None:
                self._wall_start += time.monotonic() - self._stopped_at
                self._stopped_at = None

    def _wall(self) -> float:
        with self._lock:
            now = time.monotonic() if self._stopped_at is None else self._stopped_at
            return now - self._wall_start
