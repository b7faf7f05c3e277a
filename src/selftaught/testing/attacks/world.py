"""What attacks aim at: a process, listeners, a folder, a secret; and whether one was hit."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import select
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np

from selftaught import sandbox
from selftaught.sandbox import Outcome

REACHED = "REACHED"
"""What an attack returns that saw itself succeed."""
_SECRET = secrets.token_hex(16)
_LONGEST_LOOK = 1 << 20


class World:
    """Targets on this machine. Use as a context manager."""

    def __init__(self) -> None:
        self.secret = _SECRET
        self._undo = ExitStack()

    def __enter__(self) -> World:
        os.environ["ATTACK_SECRET"] = self.secret
        self._folder = Path(self._undo.enter_context(tempfile.TemporaryDirectory()))
        self._folder.chmod(0o777)
        (self._folder / "secret").write_text(self.secret)
        (self._folder / "secret").chmod(0o666)
        self._canary = subprocess.Popen(["sleep", "1000"])  # noqa: S607 - found on every system
        self._undo.callback(self._bury)
        self._listeners = list(self._listen())
        self._before = self._fingerprint()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._undo.close()

    @property
    def targets(self) -> dict[str, object]:
        """What an attack is told."""
        tcp, udp, _, abstract = self._listeners
        return {
            "canary": self._canary.pid,
            "host": os.getpid(),
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "socket": str(self._folder / "socket"),
            "abstract": abstract.getsockname(),
            "folder": str(self._folder),
            "file": str(self._folder / "secret"),
            "package": str(Path(sandbox.__file__).parent),
            "numpy": str(Path(np.__file__).parent),
        }

    def breaches(self, outcome: Outcome) -> list[str]:
        """Names the targets that were hit since the world was entered."""
        said = f"{outcome.value!r:.{_LONGEST_LOOK}} {outcome.printed}"
        signs = {
            "the canary died": self._canary.poll() is not None,
            "a listener was reached": bool(select.select(self._listeners, [], [], 0)[0]),
            "the folder changed": self._fingerprint() != self._before,
            "the secret got out": self.secret in said + outcome.message,
            f"it says so: {said[:200]}": REACHED in said,
        }
        return [sign for sign, is_seen in signs.items() if is_seen]

    def _listen(self) -> Iterator[socket.socket]:
        unix = str(self._folder / "socket")
        name = "\0" + secrets.token_hex(8)
        for family, kind, address in (
            (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            (socket.AF_UNIX, socket.SOCK_STREAM, unix),
            (socket.AF_UNIX, socket.SOCK_STREAM, name),
        ):
            listener = self._undo.enter_context(socket.socket(family, kind))
            listener.bind(address)
            if kind == socket.SOCK_STREAM:
                listener.listen()
            yield listener
        Path(unix).chmod(0o777)

    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for path in sorted(self._folder.rglob("*")):
            status = path.lstat()
            digest.update(
                f"{path} {status.st_mode} {status.st_mtime_ns} {status.st_nlink}".encode()
            )
            if path.is_file():
                digest.update(path.read_bytes())
        return digest.hexdigest()

    def _bury(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._canary.kill()
        self._canary.wait()
