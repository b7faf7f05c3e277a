"""Which files a program may open: a Landlock ruleset, made once and put on every child.

Runs inside the wall, so it imports nothing of ours but its neighbours.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterable

from selftaught.sandboxes.kernel import system_call

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_READ_FILE, _READ_FOLDER, _WRITE_FILE, _TRUNCATE = 1 << 2, 1 << 3, 1 << 1, 1 << 14
_MAKE_AND_REMOVE = (1 << 4) | (1 << 5) | (1 << 7) | (1 << 8)
"""Remove folder, remove file, make folder, make file; no devices, sockets, pipes or links."""


def supported_version() -> int:
    """Returns the kernel's version of Landlock; 0 where it has none."""
    try:
        return system_call(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP):
            return 0
        raise


def ruleset(version: int, *, readable: Iterable[str], writable: Iterable[str] = ()) -> int:
    """Makes a ruleset that denies every file but these, and all TCP; returns its descriptor."""
    attributes = struct.pack("<QQQ", _handled(version), 3, 3)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = system_call(_CREATE, attributes, ctypes.c_size_t(size), ctypes.c_uint(0))
    for path in readable:
        _allow(rules, path, _READ_FILE | _READ_FOLDER)
    for path in writable:
        rights = _READ_FILE | _READ_FOLDER | _WRITE_FILE | _MAKE_AND_REMOVE
        _allow(rules, path, rights | (_TRUNCATE if version >= 3 else 0))
    return rules


def restrict(rules: int) -> None:
    """Puts the ruleset on this process, for good. Needs `no_new_privs`."""
    system_call(_RESTRICT, ctypes.c_int(rules), ctypes.c_uint(0))


def _handled(version: int) -> int:
    bits = 13 + (version >= 2) + (version >= 3) + (version >= 5)
    return (1 << bits) - 1


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        anchor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(anchor).st_mode):
            rights &= _READ_FILE | _WRITE_FILE | _TRUNCATE
        rule = struct.pack("<Qi", rights, anchor)
        system_call(_ADD, ctypes.c_int(rules), ctypes.c_int(1), rule, ctypes.c_uint(0))
    finally:
        os.close(anchor)
