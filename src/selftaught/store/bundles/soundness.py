"""Whether an event from elsewhere is one that this version writes and reads.

A chain can be computed for anything: that it holds does not make its events events.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast, get_args

from selftaught.errors import StoreError, shown
from selftaught.events import Event
from selftaught.store.chain import Row
from selftaught.store.codec import decode

_DEEPEST = 64
"""Levels of lists and mappings in a body; ours have less than ten."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_KINDS = frozenset(kind.__name__ for kind in get_args(Event))


class References(NamedTuple):
    """The texts that an event refers to, by digest."""

    programs: frozenset[str]
    texts: frozenset[str]


def references(body: str) -> References:
    """Returns what the body of an event refers to.

    Raises:
        ValueError: It is no JSON, is nested too deeply, or refers to what is no digest.
    """
    found: dict[str, set[str]] = {"$program": set(), "$text": set()}
    try:
        values: object = json.loads(body)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    for name, digest in _marked(values, _DEEPEST):
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"it refers to {shown(digest)}, which is no digest")
        found[name].add(digest)
    return References(frozenset(found["$program"]), frozenset(found["$text"]))


def check_event(row: Row) -> None:
    """Makes sure that a row holds an event.

    Raises:
        StoreError: Its kind is unknown, or something in it has a wrong type.
    """
    if row.kind not in _KINDS:
        raise StoreError(f"{row} is of a kind that this version of selftaught does not know")
    try:
        event = decode(row.kind, row.body, lambda digest: digest)
    except StoreError as error:
        raise StoreError(f"{row}: {error}") from error
    about = (str(getattr(event, "place", "")), getattr(event, "question", "") or None)
    if about != (row.place, row.question):
        raise StoreError(f"{row} tells of another place or question than its columns")


def _marked(value: object, levels: int) -> Iterator[tuple[str, str]]:
    if levels < 0:
        raise ValueError("it is nested too deeply")
    inner: Iterable[object] = ()
    match value:
        # The same order as in `codec`, which looks no further into either.
        case {"$program": str(digest)}:
            yield "$program", digest
        case {"$text": str(digest)}:
            yield "$text", digest
        case dict():
            inner = cast("dict[str, object]", value).values()
        case list():
            inner = cast("list[object]", value)
        case _:
            pass
    for item in inner:
        # Most lists are long ones of numbers.
        if isinstance(item, dict | list):
            yield from _marked(cast("object", item), levels - 1)
