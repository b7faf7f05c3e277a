"""What programs tried and were denied, as the kernel tells it.

The kernel asks the host about every system call that the inner wall denies, and the host says no.
Programs that keep to what they may never get here, so it costs them nothing.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import platform
import struct

_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_NOTICE = struct.Struct("<QIIiIQ6Q")
_ANSWER = struct.Struct("<QqiI")
_MOST_TOLD = 16
_MOST_ANSWERED = 64
"""A program that goes on after these gets the kernel's own refusal: it costs the host no time."""
# Name: number on x86-64, number on arm64. What is not here is told by its number.
_CALLS = {
    "open": (2, None), "openat": (257, 56), "creat": (85, None), "truncate": (76, 45),
    "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None), "unlink": (87, None),
    "unlinkat": (263, 35), "rename": (82, None), "renameat2": (316, 276), "link": (86, None),
    "linkat": (265, 37), "symlink": (88, None), "symlinkat": (266, 36), "mknod": (133, None),
    "mknodat": (259, 33), "chmod": (90, None), "fchmodat": (268, 53), "chown": (92, None),
    "utimensat": (280, 88), "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203),
    "sendto": (44, 206), "bind": (49, 200), "clone": (56, 220), "fork": (57, None),
    "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "kill": (62, 129),
    "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138), "fcntl": (72, 25),
    "prctl": (157, 167), "prlimit64": (302, 261), "setrlimit": (160, 164),
    "setpriority": (141, 140), "sched_setaffinity": (203, 122), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "mount": (165, 40),
    "umount2": (166, 39), "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51),
    "memfd_create": (319, 279), "shmget": (29, 194), "mq_open": (240, 180), "bpf": (321, 280),
    "keyctl": (250, 219), "add_key": (248, 217), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "setuid": (105, 146), "setsid": (112, 157), "capset": (126, 91),
}  # fmt: skip
_CREATING = {"open": 1, "openat": 2, "mkdir": -1, "mkdirat": -1}
"""Which argument has the flags that tell whether something new is made; -1: always."""
_MOST_CREATED = 1000
_CONTINUE = 1
_FOR_WRITING = ("open", "openat", "creat")
_LEAST_ADDRESS = 1 << 16
_NAMES = {
    number: name
    for name, numbers in _CALLS.items()
    if (number := numbers[platform.machine() == "aarch64"]) is not None
}


class Denials:
    """Hears what one child is denied.

    Args:
        listener: The descriptor that the child's filter came with.
        may_write: Whether it has a folder to write to.
    """

    def __init__(self, listener: int, *, may_write: bool) -> None:
        self.descriptor: int | None = listener
        self._may_write = may_write
        self._created = 0
        self._answered = 0
        self._told: dict[str, None] = {}

    def answer(self) -> None:
        """Says no to what was tried last."""
        assert self.descriptor is not None
        notice = bytearray(_NOTICE.size)
        try:
            fcntl.ioctl(self.descriptor, _RECEIVE, notice)
        except FileNotFoundError:  # it was killed before
            return
        except OSError:
            self.close()
            return
        number, _, _, call, _, _, *arguments = _NOTICE.unpack(notice)
        if self._may_create(call, arguments):
            self._reply(number, 0, _CONTINUE)
            return
        self._reply(number, -errno.EPERM, 0)
        self._answered += 1
        if len(self._told) < _MOST_TOLD:
            self._told[_described(call, arguments)] = None
        if self._answered >= _MOST_ANSWERED:
            self.close()

    def _may_create(self, call: int, arguments: list[int]) -> bool:
        """Counts a new file or folder of a program that has a folder to write to.

        The kernel goes on to look at the path and at Landlock's rules by itself: what is decided
        here is the number alone.
        """
        flags = _CREATING.get(_NAMES.get(call, ""))
        if not self._may_write or flags is None:
            return False
        if flags >= 0 and not arguments[flags] & os.O_CREAT:
            return False
        self._created += 1
        return self._created <= _MOST_CREATED

    def _reply(self, number: int, error: int, flags: int) -> None:
        assert self.descriptor is not None
        with contextlib.suppress(FileNotFoundError):  # it was killed while it waited
            fcntl.ioctl(self.descriptor, _SEND, _ANSWER.pack(number, 0, error, flags))

    def take(self) -> tuple[str, ...]:
        """Returns what was heard since the last time."""
        told, self._told = tuple(self._told), {}
        return told

    def close(self) -> None:
        """Stops listening."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


def _described(call: int, arguments: list[int]) -> str:
    """Names a call with what of its arguments is no address: those differ from run to run."""
    name = _NAMES.get(call, f"system call {call}")
    if name in _FOR_WRITING:
        return "opening a file for writing"
    shown = ["*" if argument >= _LEAST_ADDRESS else str(argument) for argument in arguments[:3]]
    return f"{name}({', '.join(shown)})"
