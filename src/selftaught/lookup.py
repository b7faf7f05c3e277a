"""From a name to an implementation, and a useful answer where there is none.

Short names stand for what comes with the package; ``module:name`` reaches anything importable.
"""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager

from selftaught.errors import UsageError, attributed_to, shown

_MOST_LISTED = 20
WITHOUT = "-without:"
"""Between a name and what is left out of it."""
_LONGEST_NAME = 200


def find(kind: str, name: str, known: Mapping[str, str]) -> object:
    """Returns the object behind a name.

    Args:
        kind: What is looked for, for the message: ``task``, ``improver``, ``model`` ...
        name: A short name, or ``module:name``.
        known: Short names and what they stand for, as ``module:name``.

    Raises:
        UsageError: There is no such name, and the message lists what exists; or its module cannot
            be imported.

    Example:
        >>> find("constant", "pie", {"pi": "math:pi"})
        Traceback (most recent call last):
        selftaught.errors.UsageError: unknown constant 'pie': did you mean 'pi'? known are pi ...
    """
    dotted = known.get(name, name)
    if ":" not in dotted:
        raise unknown(kind, name, known)
    module_name, _, attribute = dotted.partition(":")
    where = f"{kind} {_shown(name)}"
    with users_code(f"{where}: cannot import {_shown(module_name)}"), _current_folder():
        module = importlib.import_module(module_name)
    try:
        return vars(module)[attribute]
    except KeyError:
        message = f"{where}: {_shown(module_name)} defines no {_shown(attribute)}"
        raise UsageError(message) from None


@contextmanager
def users_code(doing: str) -> Generator[None]:
    """Lays what fails in the block, which runs a user's own code, at the user's door.

    Raises:
        UsageError: The code failed, or wanted to end the process.
    """
    try:
        with attributed_to(UsageError, doing):
            yield
    except SystemExit as error:
        raise UsageError(f"{doing}: SystemExit: {error}") from error


def unknown(
    kind: str, name: str, known: Iterable[str], *, other: str = "module:name"
) -> UsageError:
    """Returns the error for a name that does not exist, with the nearest that does.

    Args:
        kind: What was looked for.
        name: The name.
        known: What exists.
        other: What else could have been given; empty: nothing.
    """
    if "path" in other and ("/" in name or name.endswith(".py")):
        return UsageError(f"{kind} {_shown(name)}: there is no such file or folder")
    names = sorted(known)
    near = difflib.get_close_matches(name[:_LONGEST_NAME], names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    listed = ", ".join(names[:_MOST_LISTED]) + (" ..." if len(names) > _MOST_LISTED else "")
    alternative = f" (or give {other})" if other else ""
    return UsageError(
        f"unknown {kind} {_shown(name)}: {hint}known are {listed or 'none'}{alternative}"
    )


def left_out(name: str, base: str, known: Iterable[str], *, kind: str) -> tuple[str, ...]:
    """Returns what a name leaves out, each once and sorted; nothing where it leaves nothing out.

    Args:
        name: As ``paper-without:sign,slowness``.
        base: What it may leave something out of, as ``paper``.
        known: What can be left out.
        kind: What that is, for the message.

    Raises:
        UsageError: It leaves out what does not exist; the message lists what does.

    Example:
        >>> left_out("paper-without:slowness,sign", "paper", ["sign", "slowness"], kind="defect")
        ('sign', 'slowness')
    """
    start, there_are = f"{base}{WITHOUT}", {str(each) for each in known}
    names = name.removeprefix(start).split(",") if name.startswith(start) else []
    for each in names:
        if each not in there_are:
            raise unknown(kind, each, there_are, other="")
    return tuple(sorted(set(names)))


def _shown(name: str) -> str:
    return shown(name, longest=_LONGEST_NAME)


@contextmanager
def _current_folder() -> Generator[None]:
    # Last: a file there must not take the place of a module of the standard library.
    sys.path.append("")
    try:
        yield
    finally:
        sys.path.remove("")
