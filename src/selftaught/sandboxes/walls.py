"""The outer wall: the command line that puts a zygote where there is nothing to get at.

Only the interpreter, the system's libraries, NumPy, msgpack and this folder are visible inside,
read-only, at their own paths. The rest of this package is hidden even where it lies within them:
programs must not read reference solutions.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

BOOTSTRAP = """
import json, sys, types
for name in ("selftaught", "selftaught.sandboxes"):
    module = sys.modules[name] = types.ModuleType(name)
    module.__path__ = [sys.argv[2]]
sys.path.extend(json.loads(sys.argv[1])["paths"])
from selftaught.sandboxes.zygote import main
main()
"""
"""Makes our files importable by their own names without the rest of the package."""

FOLDER = "/scratch"
"""For temporary files, inside the wall. Not /tmp: an interpreter or its packages may lie there."""
_HERE = Path(__file__).parent
_OURS = _HERE.parent
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_SYSTEM = ("/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/usr/lib32", "/usr/local/lib")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/alternatives")
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}


class Level(StrEnum):
    """What stands between programs and the machine, strongest first."""

    FULL = "full"
    """Both walls."""
    INNER = "inner"
    """The inner wall only: what `lockdown` does."""
    NONE = "none"
    """Nothing: for negative controls, and for users who say so."""


@dataclass(frozen=True)
class Visible:
    """What programs can read, and import."""

    folders: tuple[Path, ...]
    """Files and folders, none within another."""
    import_paths: tuple[Path, ...]


def visible(packages: Path | None) -> Visible:
    """Finds what a zygote needs to read, and the user's packages."""
    sites = {name: _site_of(name) for name in ("numpy", "msgpack")}
    folders = [Path(sys.base_prefix), *map(Path, (*_SYSTEM, *_SYSTEM_FILES)), _HERE]
    for name, site in sites.items():
        folders += [path for path in site.glob(f"{name}*") if path.name != name + ".py"]
    paths = list(dict.fromkeys(sites.values()))
    if packages is not None:
        folders.append(packages)
        paths.insert(0, packages)
    present = [path for path in folders if path.exists() or path.is_symlink()]
    return Visible(tuple(_outermost(present)), tuple(paths))


def environment() -> dict[str, str]:
    """Returns the whole environment of a zygote."""
    # Without /proc the loader cannot resolve $ORIGIN of the interpreter, and would take another's.
    return _ENVIRONMENT | {"LD_LIBRARY_PATH": str(Path(sys.base_prefix) / "lib")}


def interpreter(order: str) -> list[str]:
    """Returns the command that runs a zygote."""
    executable = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    return [executable, "-S", "-s", "-P", "-c", BOOTSTRAP, order, str(_HERE)]


def bubblewrap(seen: Visible, *, writable: int) -> list[str]:
    """Returns the command that builds the outer wall around a command.

    Raises:
        FileNotFoundError: bubblewrap is not installed.
    """
    # Where the system has none, set-up puts one beside the interpreter.
    program = shutil.which("bwrap") or shutil.which("bwrap", path=Path(sys.executable).parent)
    if program is None:
        raise FileNotFoundError("bubblewrap (the command bwrap) is not installed")
    return [
        program,
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--die-with-parent", "--new-session", "--as-pid-1"),
        *("--hostname", "sandbox", "--clearenv", "--cap-drop", "ALL"),
        *_of_this_user(),
        # Before the mounts: what they show may lie in a folder of the same name outside.
        *(("--perms", "1777", "--size", str(writable), "--tmpfs", FOLDER) if writable else ()),
        *_mounts(seen),
        *("--dev", "/dev", "--remount-ro", "/dev"),
        *("--chdir", "/", "--remount-ro", "/"),
        *(word for name, value in environment().items() for word in ("--setenv", name, value)),
        "--",
    ]


def readable_inside(seen: Visible) -> list[str]:
    """Lists the rules for reading: around our own package, except this folder."""
    allowed = [part for path in seen.folders for part in _around(path, _OURS)]
    return [*map(str, allowed), str(_HERE), *_DEVICES]


def unprivileged_user() -> int | None:
    """Picks a user that owns nothing and runs nothing, for zygotes started by root."""
    if os.geteuid() != 0:
        return None
    return 0x60000000 + int.from_bytes(os.urandom(3), "little")


def _of_this_user() -> Sequence[str]:
    if os.geteuid() == 0:  # needs no user namespace, and the zygote leaves root at once
        return ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    return ("--unshare-user", "--disable-userns")


def _mounts(seen: Visible) -> Iterator[str]:
    # Left to itself, bubblewrap makes the folders above a mount for its own user only.
    above = {parent for path in (*seen.folders, _HERE) for parent in path.parents}
    for parent in sorted(above - {Path("/")}):
        if not any(parent.is_relative_to(path) for path in seen.folders):
            yield from ("--dir", str(parent))
    for path in seen.folders:
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        else:
            yield from ("--ro-bind", str(path), str(path))
    if any(_OURS.is_relative_to(path) for path in seen.folders):
        yield from ("--tmpfs", str(_OURS), "--ro-bind", str(_HERE), str(_HERE))


def _site_of(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent.parent


def _outermost(paths: Sequence[Path]) -> Iterator[Path]:
    for path in dict.fromkeys(paths):
        if not any(path != other and path.is_relative_to(other) for other in paths):
            yield path


def _around(path: Path, hole: Path) -> Iterator[Path]:
    """Splits a folder into the parts that do not contain another."""
    if not hole.is_relative_to(path):
        yield path
        return
    for entry in path.iterdir() if path != hole else ():
        yield from _around(entry, hole)
