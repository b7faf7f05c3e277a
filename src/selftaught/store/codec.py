"""Events as JSON, with programs and long texts set aside.

A body holds plain JSON; ``{"$program": digest}`` stands for a program and ``{"$text": digest}`` for
a long text, both kept once, by content. Decoding is the exact inverse.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Callable, Mapping
from typing import NamedTuple, cast, get_args, get_origin

from selftaught import events
from selftaught.errors import StoreError
from selftaught.events import Event
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.text import storable

_LONG = 200
"""Characters above which a text is set aside."""
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
        hints = typing.get_type_hints(event_type)
        fields = json.loads(body)
        # What an older version did not write has a default.
        known = {name: hint for name, hint in hints.items() if name in fields}
        values = {name: _typed(fields[name], hint, blob) for name, hint in known.items()}
        return event_type(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"the journal holds an event that cannot be read: {kind}: {error}"
        ) from error


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
            plain = {storable(str(key)): _plain(item, blobs) for key, item in items}
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


def _typed(value: object, hint: object, blob: Callable[[str], str]) -> object:
    if get_origin(hint) in (types.UnionType, typing.Union):
        hint = next(each for each in get_args(hint) if each is not type(None))
    if value is not None and hint is Place:
        return Place(tuple(str(value).split("/")) if value else ())
    restored = _restored(value, blob)
    if get_origin(hint) is tuple and isinstance(restored, list):
        restored = tuple(cast("list[object]", restored))
    return cast("object", restored)


def _restored(value: object, blob: Callable[[str], str]) -> object:
    match value:
        case {"$program": str(digest)}:
            return Solution(blob(digest))
        case {"$text": str(digest)}:
            return blob(digest)
        case dict():
            items = cast("dict[str, object]", value).items()
            return {key: _restored(item, blob) for key, item in items}
        case list():
            return [_restored(item, blob) for item in cast("list[object]", value)]
        case _:
            return value
