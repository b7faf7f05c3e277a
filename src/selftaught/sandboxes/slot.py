"""One zygote seen from the host: started once, it forks one child after the other."""

from __future__ import annotations

import array
import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from selftaught.errors import SandboxLost, SandboxUnavailable
from selftaught.sandboxes import walls
from selftaught.sandboxes.denials import Denials
from selftaught.sandboxes.lockdown import LOCKED
from selftaught.sandboxes.remedies import explain, hidden_from_me, hidden_from_others
from selftaught.sandboxes.walls import Level, Visible
from selftaught.sandboxes.zygote import ENDING, REQUEST, Order

_START_SECONDS = 30.0
_ANSWER_SECONDS = 10.0
_CREDENTIALS = struct.Struct("3i")
_DEFAULT_MAPPED = 512 << 20
"""Taken for the zygote's address space where /proc does not tell."""


@dataclass(frozen=True)
class Setting:
    """What all zygotes of a sandbox have in common."""

    level: Level
    seen: Visible
    preload: tuple[str, ...]


@dataclass(frozen=True)
class Ending:
    """How a child ended."""

    status: int
    resident_bytes: int
    left_files: bool

    def describe(self) -> str:
        """Says it in words for the program's author."""
        if os.WIFSIGNALED(self.status):
            number = os.WTERMSIG(self.status)
            return f"the process was ended by {signal.Signals(number).name}"
        return f"the process ended itself with exit code {os.waitstatus_to_exitcode(self.status)}"


@dataclass(frozen=True)
class Child:
    """A child that has just been locked."""

    end: socket.socket
    """The host's end of its channel."""
    pid: int
    """As the host sees it."""
    denials: Denials | None
    """What it is denied, where the kernel tells."""


class Slot:
    """A zygote in its wall. Use `launch` to make one."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process = process
        self._control = control
        self._mapped = _DEFAULT_MAPPED
        self.is_broken = False

    def await_start(self) -> None:
        """Waits until the zygote is warm.

        Raises:
            SandboxUnavailable: It did not start; the message says what it said.
        """
        self._control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        try:
            answer, pid, _ = _receive_with_sender(self._control, _START_SECONDS)
        except (OSError, SandboxLost):
            answer, pid = b"", 0
        if not answer.startswith(b"up"):
            raise SandboxUnavailable(explain(self._last_words()))
        self._mapped = _address_space(pid)
        _errors_of(self._process).close()

    def fork(self, *, memory_bytes: int, threads: int, writable: int) -> Child:
        """Makes a locked child.

        Raises:
            SandboxLost: The zygote or the child did not answer.
        """
        ours, theirs = socket.socketpair()
        try:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            request = REQUEST.pack(b"F", self._mapped + memory_bytes, threads, writable)
            with theirs:
                socket.send_fds(self._control, [request], [theirs.fileno()])
            answer, pid, listener = _receive_with_sender(ours, _ANSWER_SECONDS)
            _check_locked(answer)
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        except BaseException as error:
            ours.close()
            self.is_broken = True
            if isinstance(error, OSError):
                raise SandboxLost(f"the zygote does not answer: {error}") from error
            raise
        denials = None if listener is None else Denials(listener, may_write=writable > 0)
        return Child(ours, pid, denials)

    def end(self, *, grace: bool) -> Ending:
        """Kills the child and returns how it ended.

        Args:
            grace: Whether it hung up by itself: then it may finish dying.

        Raises:
            SandboxLost: The zygote does not answer.
        """
        try:
            self._control.send(REQUEST.pack(b"W" if grace else b"K", 0, 0, 0))
            _wait(self._control, _ANSWER_SECONDS)
            status, kilobytes, left_files = ENDING.unpack(self._control.recv(ENDING.size))
        except (OSError, struct.error) as error:
            self.is_broken = True
            raise SandboxLost(f"the zygote does not answer: {error}") from error
        except BaseException:
            self.is_broken = True
            raise
        self.is_broken = self.is_broken or left_files
        return Ending(status, kilobytes << 10, left_files)

    def close(self) -> None:
        """Ends the zygote and everything in it."""
        self.is_broken = True
        self._control.close()
        self._process.kill()
        self._process.wait()
        _errors_of(self._process).close()

    def _last_words(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)  # it may still be writing them
        self._process.kill()
        return _errors_of(self._process).read(4096).decode(errors="replace").strip()


def launch(setting: Setting, *, writable: int) -> Slot:
    """Starts a zygote and returns at once.

    The calling thread must outlive the slot: the kernel ends a child whose parent thread ends.

    Raises:
        SandboxUnavailable: The wall's command cannot be run.
    """
    _check_readable(setting)
    is_open = setting.level is Level.NONE
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        try:
            command = _command(setting, theirs.fileno(), writable)
            process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                pass_fds=[theirs.fileno()],
                env=walls.environment() | (dict(os.environ) if is_open else {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd="/",
                start_new_session=True,  # Ctrl-C is for the host alone
            )
        except OSError as error:
            ours.close()
            raise SandboxUnavailable(explain(str(error))) from error
    return Slot(process, ours)


def _check_locked(answer: bytes) -> None:
    if answer != LOCKED:
        raise SandboxLost("a child could not be locked")


def _check_readable(setting: Setting) -> None:
    drops_root = os.geteuid() == 0 and setting.level is Level.INNER
    hidden = hidden_from_others if drops_root else hidden_from_me
    reason = hidden(setting.seen.folders)
    if reason:
        raise SandboxUnavailable(reason)


def _command(setting: Setting, control: int, writable: int) -> list[str]:
    is_locked = setting.level is not Level.NONE
    order = Order(
        control=control,
        # Inside the outer wall, the first process has no parent that it can see.
        parent=0 if setting.level is Level.FULL else os.getpid(),
        is_locked=is_locked,
        needs_landlock=setting.level is Level.INNER,
        user=walls.unprivileged_user() if is_locked else None,
        paths=[str(path) for path in setting.seen.import_paths],
        readable=walls.readable_inside(setting.seen),
        # Without the outer wall there is no file system whose size can be bounded.
        folder=walls.FOLDER if writable and setting.level is Level.FULL else "",
        preload=list(setting.preload),
    )
    command = walls.interpreter(json.dumps(asdict(order)))
    if setting.level is Level.FULL:
        return walls.bubblewrap(setting.seen, writable=writable) + command
    return command


def _receive_with_sender(end: socket.socket, seconds: float) -> tuple[bytes, int, int | None]:
    """Receives a short message, its sender as the kernel vouches for it, and a descriptor."""
    _wait(end, seconds)
    space = socket.CMSG_SPACE(_CREDENTIALS.size) + socket.CMSG_SPACE(4)
    message, ancillary, _, _ = end.recvmsg(64, space, socket.MSG_CMSG_CLOEXEC)
    said = {kind: array.array("i", body)[0] for _, kind, body in ancillary}
    return message, said.get(socket.SCM_CREDENTIALS, 0), said.get(socket.SCM_RIGHTS)


def _wait(end: socket.socket, seconds: float) -> None:
    poll = select.poll()
    poll.register(end, select.POLLIN)
    if not poll.poll(seconds * 1000):
        raise SandboxLost(f"no answer within {seconds:g} s")


def _address_space(pid: int) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[0]
    except OSError:
        return _DEFAULT_MAPPED
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _errors_of(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stderr is not None
    return process.stderr
