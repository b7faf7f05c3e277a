"""Where evaluations run, as `concurrent.futures.Executor`: the threads of the standard library.

Evaluations compute in sandboxes, which are processes; a thread only waits for one.
"""

from __future__ import annotations

import os
from concurrent.futures import Executor, ThreadPoolExecutor

KNOWN = {"threads": "selftaught.executors:threads"}
"""Executor ids, and for each the function that makes one."""


def threads(workers: int) -> Executor:
    """Returns an executor that runs so many evaluations at once; 0: one for each core."""
    return ThreadPoolExecutor(workers or available_cores(), thread_name_prefix="evaluation")


def available_cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0))
