"""The inner wall: what a child gives up, for good, before it reads a line of a program.

Runs inside the outer wall, in a process that has only just been forked. Works on x86-64 and arm64,
needs no privilege, and holds without the outer wall too.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import platform
import resource
import signal
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from selftaught.sandboxes import landlock, seccomp
from selftaught.sandboxes.kernel import set_process, system_call

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_IS_ARM = platform.machine() == "aarch64"
_CAPSET, _UNSHARE = (91, 97) if _IS_ARM else (126, 272)
_CLONE_NEWUSER = 0x10000000
_CAPABILITIES = struct.pack("<II", 0x20080522, 0)
LOCKED = b"U"
"""What a child says first, before it has read anything of a program."""
_MOST_FILES = 32
_SAFE_DESCRIPTOR = 100
"""Above every number that a child's own descriptors are moved to."""


@dataclass(frozen=True)
class Allowance:
    """What one child may use."""

    address_space: int
    threads: int
    writable: int


class Lock:
    """Prepared once in the zygote, so that a child pays only for turning it.

    Args:
        readable: Files and folders that programs may read.
        folder: The folder for temporary files; empty where there is none.
        is_alone: Whether the user of this process has no others that count towards its limits.
    """

    def __init__(self, readable: list[str], folder: str, *, is_alone: bool) -> None:
        self._counts_alone = is_alone or _count_alone()
        give_up_privileges()
        self._has_folder = bool(folder)
        self.landlock = landlock.supported_version()
        self._filters = {
            (threads, writing, reporting): seccomp.assemble(
                threads=threads, writing=writing, reporting=reporting
            )
            for threads in (False, True)
            for writing in (False, True)
            for reporting in (False, True)
            if reporting or not writing
        }
        self._rules: dict[bool, int] = {}
        if self.landlock:
            self._rules[False] = out_of_the_way(landlock.ruleset(self.landlock, readable=readable))
            self._rules[True] = out_of_the_way(
                landlock.ruleset(
                    self.landlock, readable=readable, writable=[folder] if folder else []
                )
            )

    def turn(self, allowance: Allowance, channel: socket.socket) -> None:
        """Locks this process and tells the host, which gets the listener for what is denied.

        Descriptors beyond 3 are closed.
        """
        writing = allowance.writable > 0 and self._has_folder
        _limit(allowance, processes=self._processes(allowance.threads))
        if self._rules:
            landlock.restrict(self._rules[writing])
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        limit_files()
        self._filter(channel, threads=allowance.threads > 0, writing=writing)

    def _filter(self, channel: socket.socket, *, threads: bool, writing: bool) -> None:
        pid = os.getpid()
        reporting = self._filters[threads, writing, True].for_process(pid)
        try:
            listener = seccomp.install_with_listener(reporting)
        except OSError:  # an old kernel, or a container that listens itself: nobody to count files
            seccomp.install(self._filters[threads, False, False].for_process(pid))
            os.write(channel.fileno(), LOCKED)  # sending is denied by now
        else:
            socket.send_fds(channel, [LOCKED], [listener])
            os.close(listener)
            seccomp.install(seccomp.SEAL)

    def _processes(self, threads: int) -> int:
        """Returns the limit on processes that leaves a child this many threads."""
        if self._counts_alone:
            return 2 + threads  # the zygote counts, and so does the program's main thread
        return _tasks_of_this_user() + threads if threads else 0


def die_with_parent(parent: int) -> None:
    """Ends this process when its parent ends, however that happens."""
    set_process(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def give_up_privileges() -> None:
    """Gives up all capabilities, gaining any, and being looked into by the same user's others."""
    system_call(_CAPSET, _CAPABILITIES, bytes(24))
    set_process(_PR_SET_NO_NEW_PRIVS, 1)
    set_process(_PR_SET_DUMPABLE, 0)


def _limit(allowance: Allowance, *, processes: int) -> None:
    limits = {
        resource.RLIMIT_AS: allowance.address_space,
        resource.RLIMIT_FSIZE: allowance.writable,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 64,
        resource.RLIMIT_STACK: 8 << 20,
        resource.RLIMIT_NPROC: processes,
    }
    for kind, value in limits.items():
        resource.setrlimit(kind, (value, value))


def limit_files() -> None:
    """Lowers the number of open files; last, because the lock itself needs some."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_FILES, _MOST_FILES))


def _count_alone() -> bool:
    """Tries to have the kernel count our processes apart from the user's others."""
    try:
        system_call(_UNSHARE, ctypes.c_ulong(_CLONE_NEWUSER))
    except OSError:
        return False
    return True


def _tasks_of_this_user() -> int:
    count = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
            if int(fields["Uid"].split()[0]) == os.getuid():
                count += int(fields["Threads"])
    return count


def out_of_the_way(descriptor: int) -> int:
    """Moves a descriptor to where the moving of a child's own does not overwrite it."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _SAFE_DESCRIPTOR)
    os.close(descriptor)
    return moved
