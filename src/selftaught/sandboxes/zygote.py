"""The zygote: a warm interpreter inside the outer wall that forks one locked child at a time.

It runs no line of a program and decides nothing: the host says when to fork and when to kill, and
talks to the child directly. Started by `walls.BOOTSTRAP`; imports nothing of ours but neighbours.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
from dataclasses import dataclass
from typing import NoReturn

from selftaught.sandboxes.guest import serve
from selftaught.sandboxes.lockdown import LOCKED, Allowance, Lock, die_with_parent, out_of_the_way

REQUEST = struct.Struct("<cQII")
"""What the host asks: fork (with address space, threads, writable bytes) or end."""
ENDING = struct.Struct("<iQ?")
"""How the child ended: wait status, largest resident kB, whether it left files behind."""
_GRACE_MILLISECONDS = 100
"""How long a child that closed its channel may take to end by itself, so that we learn how."""


@dataclass(frozen=True)
class Order:
    """What the host tells a new zygote, as JSON on its command line."""

    control: int
    parent: int
    is_locked: bool
    needs_landlock: bool
    """Whether nothing else keeps programs from files."""
    user: int | None
    paths: list[str]
    readable: list[str]
    folder: str
    """For temporary files; empty where there is none."""
    preload: list[str]


def main() -> None:
    """Prepares everything that children share, then serves the host until it hangs up."""
    order = Order(**json.loads(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if order.user is not None:
        _become(order.user)
    die_with_parent(order.parent)
    for name in ("numpy.linalg", "numpy.random", *order.preload):
        importlib.import_module(name)
    with socket.socket(fileno=order.control) as control:
        _Zygote(order, control).serve()


def _become(user: int) -> None:
    """Drops root: limits on processes do not count for it."""
    os.setgroups([])
    try:
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    except OSError:  # a container that maps few users
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)


class _Zygote:
    def __init__(self, order: Order, control: socket.socket) -> None:
        is_alone = order.user is not None or os.getpid() == 1
        self._lock = (
            Lock(order.readable, order.folder, is_alone=is_alone) if order.is_locked else None
        )
        if order.needs_landlock and not (self._lock and self._lock.landlock):
            raise OSError("Landlock is missing, and nothing else keeps programs from files")
        self._folder = order.folder
        self._control = control
        self._null = out_of_the_way(os.open("/dev/null", os.O_RDWR))
        self._child = 0

    def serve(self) -> None:
        gc.collect()
        gc.freeze()  # children then share its pages
        landlock = self._lock.landlock if self._lock else 0
        self._control.send(b"up" + bytes([landlock]))
        while True:
            request, descriptors, _, _ = socket.recv_fds(self._control, REQUEST.size, 1)
            if len(request) != REQUEST.size:
                break
            kind, space, threads, writable = REQUEST.unpack(request)
            if kind == b"F":
                self._fork(descriptors[0], Allowance(space, threads, writable))
            else:
                self._control.send(self._end(grace=kind == b"W"))
        self._end(grace=False)

    def _fork(self, channel: int, allowance: Allowance) -> None:
        parent = os.getpid()
        self._child = os.fork()
        if not self._child:
            try:
                self._become_child(channel, allowance, parent)
            finally:
                os._exit(70)
        os.close(channel)

    def _become_child(self, channel: int, allowance: Allowance, parent: int) -> NoReturn:
        self._control.close()
        os.dup2(channel, 3)
        for standard in range(3):
            os.dup2(self._null, standard)
        die_with_parent(parent)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        host = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=3)
        if self._lock:
            self._lock.turn(allowance, host)
            os.environ.clear()
        else:
            host.send(LOCKED)
        if allowance.writable and self._folder:
            os.environ["TMPDIR"] = self._folder
        serve(host.detach())

    def _end(self, *, grace: bool) -> bytes:
        if not self._child:
            return ENDING.pack(0, 0, False)  # noqa: FBT003 - of a struct
        if grace:
            self._wait_a_little()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGKILL)
        _, status, usage = os.wait4(self._child, 0)
        self._child = 0
        return ENDING.pack(status, usage.ru_maxrss, self._is_dirty())

    def _wait_a_little(self) -> None:
        descriptor = os.pidfd_open(self._child)
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.poll(_GRACE_MILLISECONDS)
        os.close(descriptor)

    def _is_dirty(self) -> bool:
        return bool(self._folder and os.listdir(self._folder))  # noqa: PTH208 - costs every child
