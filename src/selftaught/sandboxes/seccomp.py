"""The list of system calls that a program may make, as a BPF filter that we assemble ourselves.

Everything not listed is denied. Calls that can reach other processes or files are admitted only
with arguments that cannot. Runs inside the wall, so it imports nothing of ours but its neighbours.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from dataclasses import dataclass

from selftaught.sandboxes.kernel import system_call

_ARM = platform.machine() == "aarch64"
_AUDIT_ARCHITECTURE = 0xC00000B7 if _ARM else 0xC000003E
_SECCOMP = 277 if _ARM else 317

# Name: number on x86-64, number on arm64.
_READING = {
    "read": (0, 63), "write": (1, 64), "futex": (202, 98), "mmap": (9, 222), "munmap": (11, 215),
    "brk": (12, 214), "madvise": (28, 233), "clock_gettime": (228, 113), "close": (3, 57),
    "stat": (4, None), "fstat": (5, 80), "lstat": (6, None), "poll": (7, None), "lseek": (8, 62),
    "mprotect": (10, 226), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "pread64": (17, 67), "pwrite64": (18, 68), "readv": (19, 65),
    "writev": (20, 66), "access": (21, None), "pipe": (22, None), "select": (23, None),
    "sched_yield": (24, 124), "mremap": (25, 216), "dup": (32, 23), "dup2": (33, None),
    "dup3": (292, 24), "pause": (34, None), "nanosleep": (35, 101), "getitimer": (36, 102),
    "alarm": (37, None), "setitimer": (38, 103), "getpid": (39, 172), "exit": (60, 93),
    "uname": (63, 160), "getcwd": (79, 17), "readlink": (89, None), "gettimeofday": (96, 169),
    "getrusage": (98, 165), "sysinfo": (99, 179), "times": (100, 153), "getuid": (102, 174),
    "getgid": (104, 176), "geteuid": (107, 175), "getegid": (108, 177), "getppid": (110, 173),
    "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137), "sigaltstack": (131, 132),
    "gettid": (186, 178), "time": (201, None), "sched_getaffinity": (204, 123),
    "getdents64": (217, 61), "set_tid_address": (218, 96), "restart_syscall": (219, 128),
    "fadvise64": (221, 223), "clock_getres": (229, 114), "clock_nanosleep": (230, 115),
    "exit_group": (231, 94), "epoll_wait": (232, None), "epoll_ctl": (233, 21),
    "newfstatat": (262, 79), "readlinkat": (267, 78), "faccessat": (269, 48),
    "pselect6": (270, 72), "ppoll": (271, 73), "set_robust_list": (273, 99),
    "epoll_pwait": (281, 22), "eventfd2": (290, 19), "epoll_create1": (291, 20),
    "umask": (95, 166),
    "pipe2": (293, 59), "getcpu": (309, 168), "getrandom": (318, 278), "membarrier": (324, 283),
    "statx": (332, 291), "rseq": (334, 293), "close_range": (436, 436), "faccessat2": (439, 439),
}  # fmt: skip
# Needed once, to lock the process itself; `SEAL` takes them away again.
_LOCKING = {"seccomp": (317, 277), "sendmsg": (46, 211)}
_WRITING = {
    "ftruncate": (77, 46), "unlink": (87, None),
    "unlinkat": (263, 35), "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276),
    "rmdir": (84, None), "fsync": (74, 82), "fdatasync": (75, 83), "chdir": (80, 49),
}  # fmt: skip
_CHECKED = {
    "open": (2, None), "openat": (257, 56), "clone": (56, 220), "clone3": (435, 435),
    "kill": (62, 129), "tgkill": (234, 131), "prlimit64": (302, 261), "fcntl": (72, 25),
    "ioctl": (16, 29), "prctl": (157, 167), "mkdir": (83, None), "mkdirat": (258, 34),
}  # fmt: skip
_OPEN_FOR_WRITING = 0o1 | 0o2 | 0o100 | 0o1000 | 0o20000000
_CREATE = 0o100
_NEW_NAMESPACES = 0x7E020080
_CLONE_THREAD = 0x10000
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC; never F_SETOWN, which sends signals.
_FCNTL = (0, 1, 2, 3, 4, 1030)
_IOCTL = (0x5451, 0x5450, 0x5421)
_PRCTL = (15, 16)
_FIRST_UNKNOWN = 424

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _NOTIFY, _ERROR = 0x7FFF0000, 0x80000000, 0x7FC00000, 0x00050000
_NEW_LISTENER = 1 << 3

_Instruction = tuple[int, int, int, int]


@dataclass(frozen=True)
class Filter:
    """An assembled filter, to be completed with the process that it is for."""

    code: bytes
    places_of_pid: tuple[int, ...]

    def for_process(self, pid: int) -> bytes:
        """Returns the filter for the process with this id."""
        code = bytearray(self.code)
        for place in self.places_of_pid:
            struct.pack_into("<I", code, place, pid)
        return bytes(code)


def assemble(*, threads: bool, writing: bool, reporting: bool) -> Filter:
    """Makes the filter of programs that may, or may not, start threads and write files.

    With `reporting`, what is denied is told to the listener, which denies it. Writing needs one.
    """
    assert reporting or not writing
    listed = _READING | (_WRITING if writing else {}) | (_LOCKING if reporting else {})
    code = [*_only_this_architecture()]
    for name in listed:
        code += _when(listed[name][_ARM], [_answer(_ALLOW)])
    for name, body in _checks(threads=threads, writing=writing).items():
        code += _when(_CHECKED[name][_ARM], body)
    # The C library falls back to older calls where newer ones do not exist, and gives up on EPERM.
    code += [(_AT_LEAST, 0, 1, _FIRST_UNKNOWN), _deny(errno.ENOSYS), _deny(errno.EPERM)]
    if reporting:
        code = [_answer(_NOTIFY) if line in _REPORTED else line for line in code]
    places = [8 * i + 4 for i, (_, _, _, value) in enumerate(code) if value == _PID]
    return Filter(_packed(code), tuple(places))


def install(code: bytes) -> None:
    """Puts a filter on this process, for good. Needs `no_new_privs`."""
    _install(code, 0)


def install_with_listener(code: bytes) -> int:
    """Puts a filter on this process and returns the descriptor that hears what is denied.

    Raises:
        OSError: The kernel, or a filter around this process, does not allow listeners.
    """
    return _install(code, _NEW_LISTENER)


def _install(code: bytes, flags: int) -> int:
    buffer = ctypes.c_char_p(code)
    address = ctypes.cast(buffer, ctypes.c_void_p).value
    program = struct.pack("<HxxxxxxQ", len(code) // 8, address)
    return system_call(_SECCOMP, 1, flags, program)


def _packed(code: list[_Instruction]) -> bytes:
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


_PID = 0xFEEDF00D


def _only_this_architecture() -> list[_Instruction]:
    code = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _AUDIT_ARCHITECTURE), _answer(_KILL), (_LOAD, 0, 0, 0)]
    if not _ARM:  # the x32 calls have their own numbers for the same deeds
        code += [(_AT_LEAST, 0, 1, 0x40000000), _answer(_KILL)]
    return code


def _checks(*, threads: bool, writing: bool) -> dict[str, list[_Instruction]]:
    only_self = [_load(0), (_EQUAL, 0, 1, _PID), _answer(_ALLOW), _deny(errno.EPERM)]
    thread = [(_ANY_BIT, 0, 1, _CLONE_THREAD), _answer(_ALLOW), _deny(errno.EPERM)]
    return {
        "open": _opening(1, writing=writing),
        "openat": _opening(2, writing=writing),
        "clone": [_load(0), (_ANY_BIT, 0, 1, _NEW_NAMESPACES), _deny(errno.EPERM), *thread]
        if threads
        else [_deny(errno.EPERM)],
        "clone3": [_deny(errno.ENOSYS)],
        "mkdir": [_answer(_NOTIFY) if writing else _deny(errno.EPERM)],
        "mkdirat": [_answer(_NOTIFY) if writing else _deny(errno.EPERM)],
        "kill": only_self,
        "tgkill": only_self,
        "prlimit64": _reading_own_limits(),
        "fcntl": _one_of(1, _FCNTL, errno.EPERM),
        "ioctl": _one_of(1, _IOCTL, errno.ENOTTY),
        "prctl": _one_of(0, _PRCTL, errno.EPERM),
    }


def _opening(argument: int, *, writing: bool) -> list[_Instruction]:
    if writing:  # the listener counts new files: the folder's size does not bound their number
        creating = (_ANY_BIT, 0, 1, _CREATE)
        return [_load(argument), creating, _answer(_NOTIFY), _answer(_ALLOW)]
    flags = (_ANY_BIT, 0, 1, _OPEN_FOR_WRITING)
    return [_load(argument), flags, _deny(errno.EROFS), _answer(_ALLOW)]


def _reading_own_limits() -> list[_Instruction]:
    return [
        _load(0), (_EQUAL, 0, 5, 0),
        _load(2), (_EQUAL, 0, 3, 0),
        _load(2, high=True), (_EQUAL, 0, 1, 0),
        _answer(_ALLOW), _deny(errno.EPERM),
    ]  # fmt: skip


def _one_of(argument: int, values: tuple[int, ...], error: int) -> list[_Instruction]:
    tests = [(_EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]
    return [_load(argument), *tests, _deny(error), _answer(_ALLOW)]


def _when(number: int | None, body: list[_Instruction]) -> list[_Instruction]:
    if number is None:
        return []
    return [(_EQUAL, 0, len(body), number), *body]


def _load(argument: int, *, high: bool = False) -> _Instruction:
    return (_LOAD, 0, 0, 16 + 8 * argument + (4 if high else 0))


def _answer(action: int) -> _Instruction:
    return (_RETURN, 0, 0, action)


def _deny(error: int) -> _Instruction:
    return _answer(_ERROR | error)


_REPORTED = (_deny(errno.EPERM), _deny(errno.EROFS))
SEAL = _packed(
    [
        (_LOAD, 0, 0, 0),
        *(line for call in _LOCKING.values() for line in _when(call[_ARM], [_deny(errno.EPERM)])),
        _answer(_ALLOW),
    ]
)
"""A second filter, for processes with a listener: takes away what installing it needed."""
