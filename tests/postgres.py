"""A PostgreSQL server of the tests' own, from Debian's package, in a folder of its own.

It is no part of the system's cluster, answers on a socket only, and ends with the tests.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

USER = "postgres"
"""Who runs it where we are root: a server refuses to be root's."""


def binaries() -> Path | None:
    """Returns the folder of the newest server's programs; None: none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    return found[-1].parent if found else None


def _version(path: Path) -> float:
    return float(path.parts[-3])


class PostgresServer:
    """A server that a test may stop, start and restart.

    Args:
        programs: The folder with ``initdb`` and ``postgres``.
        settings: What differs from the server's defaults.
    """

    def __init__(self, programs: Path, settings: Sequence[str] = ("fsync=off",)) -> None:
        self._programs = programs
        self._settings = settings
        self._folder = Path(tempfile.mkdtemp(prefix="selftaught-postgres-"))
        self._schemas = itertools.count()
        self._process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        """Makes the server's files and starts it."""
        if os.geteuid() == 0:
            shutil.chown(self._folder, USER, USER)
        folder = self._folder / "data"
        command = [self._programs / "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8"]
        command += ["--locale=C", f"--username={USER}", f"--pgdata={folder}"]
        subprocess.run([*_as_user(), *command], cwd="/", check=True, stdout=subprocess.DEVNULL)
        self.start()

    def start(self) -> None:
        """Starts the server and waits until it answers; it ends with the thread that starts it."""
        settings = ["listen_addresses=", f"unix_socket_directories={self._folder}"]
        settings += ["shared_buffers=16MB", *self._settings]
        options = [word for setting in settings for word in ("-c", setting)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_as_user(), self._programs / "postgres", "-D", self._folder / "data", *options],
                cwd="/",
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self._address()).close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (self._folder / "log").read_text()
                time.sleep(0.02)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stops the server: by default at once, as in a crash; SIGINT lets it say good-bye."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)
        self._process = None

    def restart(self) -> None:
        """Stops the server as a crash would, and starts it."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stops the server and removes its files."""
        self.stop()
        shutil.rmtree(self._folder)

    def new_store(self) -> str:
        """Returns the URL of an empty store: a schema, for databases take time to make."""
        name = f"test{next(self._schemas)}"
        with psycopg.connect(self._address(), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        path = f"-csearch_path%3D{name}"
        return f"postgresql+psycopg://{USER}@/postgres?host={self._folder}&options={path}"

    def _address(self) -> str:
        return f"host={self._folder} user={USER} dbname=postgres connect_timeout=5"


def _as_user() -> list[str]:
    """Returns what makes a command an ordinary user's, and ends it with us however we end."""
    user = [f"--reuid={USER}", f"--regid={USER}", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *user, "--pdeathsig=INT"]
