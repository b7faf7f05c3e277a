"""System calls that Python has no function for.

Runs inside the wall, so it imports nothing of ours.
"""

from __future__ import annotations

import ctypes
import os

# Made once: a child that has to make them again pays half a millisecond.
_LIBC = ctypes.CDLL(None, use_errno=True)
_CALL = _LIBC.syscall
_CALL.restype = ctypes.c_long
_PRCTL = _LIBC.prctl


def system_call(number: int, *arguments: object) -> int:
    """Makes a system call.

    Raises:
        OSError: It failed.
    """
    result = _CALL(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"system call {number}: {os.strerror(code)}")
    return result


def set_process(option: int, value: int) -> None:
    """Sets a property of this process, by ``prctl``.

    Raises:
        OSError: It failed.
    """
    unused = ctypes.c_ulong(0)
    if _PRCTL(ctypes.c_int(option), ctypes.c_ulong(value), unused, unused, unused):
        code = ctypes.get_errno()
        raise OSError(code, f"prctl {option}: {os.strerror(code)}")
