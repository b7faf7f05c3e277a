"""Events as JSON, with programs and long texts set aside.

A body holds plain JSON; ``{"$program": digest}`` stands for a program and ``{"$text": digest}`` for
a long text, both kept once, by content. A key of somebody's data that begins with ``$`` gets
another ``$`` before it, and refers to nothing. Decoding is the exact inverse.
"""

from __future__ import annotations

import builtins
import dataclasses
import hashlib
import json
import types
import typing
from collections import abc
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple, cast, get_args, get_origin

from selftaught import events
from selftaught.errors import StoreError, shown
from selftaught.events import Event
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.text import storable

_LONG = 200
"""Characters above which a text is set aside."""
_NUMBERS: tuple[object, ...] = (int, float)
_ANYTHING: tuple[object, ...] = (object,)
_KINDS: dict[str, type] = {kind.__name__: kind for kind in get_args(events.Event)}


class Encoded(NamedTuple):
    """An event as the journal keeps it."""

    kind: str
    body: str
    """JSON, with sorted keys."""
    blobs: Mapping[str, str]
    """Texts that the body refers to, by digest."""


def encode(event: Event) -> Encoded:
    """Returns an event as JSON and texts.

    Example:
        >>> encode(events.PhaseStarted(Place(("t1",)), "gate", 1)).body
        '{"phase":"gate","place":"t1","t":1}'
    """
    blobs: dict[str, str] = {}
    fields = {
        field.name: _plain(getattr(event, field.name), blobs) for field in dataclasses.fields(event)
    }
    body = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Encoded(type(event).__name__, body, blobs)


def decode(kind: str, body: str, blob: Callable[[str], str]) -> Event:
    """Returns the event of a body; what a newer version wrote besides is passed over.

    Args:
        kind: Name of the event's class.
        body: What `encode` gave.
        blob: Gives the text of a digest.

    Raises:
        StoreError: The body is not one that `encode` gave.
    """
    try:
        event_type = _KINDS[kind]
        fields = json.loads(body)
        # What an older version did not write has a default.
        known = {name: hint for name, hint in _hints(event_type).items() if name in fields}
        values = {name: _typed(fields[name], hint, blob) for name, hint in known.items()}
        return event_type(**values)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise StoreError(
            f"the journal holds an event that cannot be read: {kind}: {error}"
        ) from error


@cache
def _hints(event_type: type) -> Mapping[str, object]:
    return typing.get_type_hints(event_type)


def _plain(value: object, blobs: dict[str, str]) -> object:
    plain = value
    match value:
        case Place():
            plain = storable(str(value))
        case Solution():
            blobs[value.digest] = value.text
            plain = {"$program": value.digest}
        case str():
            plain = _text(value, blobs)
        case Mapping():
            items = cast("Mapping[str, object]", value).items()
            plain = {_escaped(storable(str(key))): _plain(item, blobs) for key, item in items}
        case list() | tuple():
            plain = [_plain(item, blobs) for item in cast("list[object]", value)]
        case _:
            pass
    return plain


def _text(value: str, blobs: dict[str, str]) -> object:
    text = storable(value)
    if len(text) <= _LONG:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    blobs[digest] = text
    return {"$text": digest}


def _escaped(key: str) -> str:
    """Keeps a key of somebody's data from being taken for a reference to a text."""
    return f"${key}" if key.startswith("$") else key


def _unescaped(key: str) -> str:
    if key.startswith("$") and not key.startswith("$$"):
        raise ValueError(f"expected a reference, not one with the key {shown(key)}")
    return key.removeprefix("$")


def _typed(value: object, hint: object, blob: Callable[[str], str]) -> object:
    """Returns what a field holds.

    Raises:
        TypeError: It is not of the field's type.
    """
    if get_origin(hint) in (types.UnionType, typing.Union):
        if value is None:
            return None
        hint = next(each for each in get_args(hint) if each is not type(None))
    if hint is Place and isinstance(value, str):
        return Place(tuple(_text_of(value).split("/")) if value else ())
    match get_origin(hint), value:
        case builtins.tuple, list():
            items = cast("list[object]", value)
            return tuple(_typed(item, get_args(hint)[0], blob) for item in items)
        case abc.Mapping, dict():
            pairs = cast("dict[str, object]", value).items()
            inner = get_args(hint)[1]
            return {_unescaped(_text_of(key)): _typed(item, inner, blob) for key, item in pairs}
        case _:
            return _checked(_restored(value, blob), hint)


def _checked(value: object, hint: object) -> object:
    # A whole number may stand where a fraction is expected, and the other way round.
    fitting: tuple[object, ...] = _NUMBERS if hint in _NUMBERS else (hint,)
    if hint in _ANYTHING or type(value) in fitting:
        return value
    raise TypeError(f"expected {getattr(hint, '__name__', hint)}, not {shown(value)}")


def _restored(value: object, blob: Callable[[str], str]) -> object:
    match value:
        case dict():
            return _restored_dict(cast("dict[str, object]", value), blob)
        case list():
            return [_restored(item, blob) for item in cast("list[object]", value)]
        case str():
            return _text_of(value)
        case _:
            return value


def _restored_dict(value: dict[str, object], blob: Callable[[str], str]) -> object:
    match list(value.items()):
        case [("$program", str(digest))]:
            return Solution(blob(digest))
        case [("$text", str(digest))]:
            return blob(digest)
        case items:
            return {_unescaped(_text_of(key)): _restored(item, blob) for key, item in items}


def _text_of(text: str) -> str:
    if storable(text) != text:
        raise ValueError(f"expected text that can be stored, not {shown(text)}")
    return text
