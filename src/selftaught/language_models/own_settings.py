"""Settings of the models that come with the package, in their names: ``editor:skill=0.3``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from selftaught.errors import UsageError, shown
from selftaught.language_models import KNOWN
from selftaught.lookup import unknown


class Named(NamedTuple):
    """A model's name, taken apart."""

    name: str
    """An id, or ``module:name``."""
    settings: dict[str, float]


def named(text: str) -> Named:
    """Takes the name of a model apart; settings follow the id of one that we know.

    Raises:
        UsageError: What follows the id is no list of settings.

    Example:
        >>> named("planted:effect=0.2,cheats=0.05")
        Named(name='planted', settings={'effect': 0.2, 'cheats': 0.05})
        >>> named("my_models:Mine")
        Named(name='my_models:Mine', settings={})
    """
    name, colon, listed = text.partition(":")
    if not colon or name not in KNOWN:
        return Named(text, {})
    return Named(name, dict(_setting(text, part) for part in listed.split(",")))


def checked(named: Named, make: Callable[..., object]) -> dict[str, float]:
    """Returns the settings, if what makes the model takes them.

    Raises:
        UsageError: It has no setting of that name; the message lists those that it has.
    """
    # Signatures evaluate no annotations: `Any` is what their defaults are typed as.
    parameters: dict[str, Any] = dict(inspect.signature(make).parameters) if named.settings else {}
    known = [name for name, each in parameters.items() if isinstance(each.default, float)]
    for name in named.settings:
        if name not in known:
            raise unknown(f"setting of {named.name}", name, known, other="")
    return named.settings


def _setting(text: str, part: str) -> tuple[str, float]:
    name, _, value = part.strip().partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise UsageError(
            f"model {shown(text)}: expected settings such as skill=0.3, with commas between them, "
            f"not {shown(part)}"
        ) from None
