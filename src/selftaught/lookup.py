"""From a name to an implementation, and a useful answer where there is none.

Short names stand for what comes with the package; ``module:name`` reaches anything importable.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterable, Mapping

from selftaught.errors import UsageError, attributed_to

_MOST_LISTED = 20


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
    with attributed_to(UsageError, f"{kind} {name!r}: cannot import {module_name!r}"):
        module = importlib.import_module(module_name)
    try:
        return vars(module)[attribute]
    except KeyError:
        raise UsageError(f"{kind} {name!r}: {module_name!r} defines no {attribute!r}") from None


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
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    listed = ", ".join(names[:_MOST_LISTED]) + (" ..." if len(names) > _MOST_LISTED else "")
    alternative = f" (or give {other})" if other else ""
    return UsageError(f"unknown {kind} {name!r}: {hint}known are {listed or 'none'}{alternative}")
