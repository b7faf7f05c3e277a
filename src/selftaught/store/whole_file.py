"""Files that are there as a whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from selftaught.errors import HostError, UsageError

STDOUT = "-"
"""What stands for standard output where the path of a file is expected."""


@contextmanager
def whole_file(path: str, *, replace: bool) -> Generator[BinaryIO]:
    """Opens a file that takes its name at the end of the block, and only if that is reached.

    Args:
        path: Where it will be; `STDOUT`: it is copied there.
        replace: Whether it may take the place of another file.

    Raises:
        UsageError: There is such a file already, or no such folder.
        HostError: It cannot be written: the disk is full, the folder is read-only.
    """
    if path == STDOUT:
        with tempfile.TemporaryFile() as file:
            yield file
            file.seek(0)
            shutil.copyfileobj(file, sys.stdout.buffer)
        return
    target = Path(path)
    _check_target(target, replace=replace)
    unfinished = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}")
    try:
        with unfinished.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _give_name(unfinished, target, replace=replace)
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _check_target(target: Path, *, replace: bool) -> None:
    if "\0" in str(target):
        raise UsageError(f"{str(target)!r} cannot be the path of a file")
    try:
        if target.exists() and not target.is_file():
            raise UsageError(f"{target} is no file: expected the path of one, or {STDOUT}")
        if target.exists() and not replace:
            raise _exists(target)
        if not target.parent.is_dir():
            raise UsageError(f"there is no folder {target.parent} to write {target.name} to")
    except OSError as error:
        raise UsageError(f"{target} cannot be the path of a file: {error.strerror}") from error


def _give_name(unfinished: Path, target: Path, *, replace: bool) -> None:
    if replace:
        unfinished.replace(target)
        return
    try:
        # Unlike renaming, this replaces no file that was made meanwhile.
        target.hardlink_to(unfinished)
    except FileExistsError as error:
        raise _exists(target) from error
    except OSError:
        unfinished.replace(target)  # a file system without links


def _exists(target: Path) -> UsageError:
    return UsageError(f"there is a file {target} already: give another name, or --force")
