"""Values of JSON that a server sent, taken for what they are and not for what they should be."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast


def parsed_json(body: bytes) -> object:
    """Returns the value of a text.

    Raises:
        ValueError: It is no JSON, or nested too deeply.
    """
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def fields_of(value: object) -> Mapping[str, object]:
    """Returns an object's fields; of anything else, none."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def items_of(value: object) -> Sequence[object]:
    """Returns a list's items; of anything else, none."""
    return cast("Sequence[object]", value) if isinstance(value, list) else ()


def text_of(value: object) -> str:
    """Returns a text; of anything else, an empty one."""
    return value if isinstance(value, str) else ""


def count_of(value: object, *, most: int = 10**9) -> int | None:
    """Returns a whole number that can be a count; of anything else, None."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value <= most else None
    return None


def amount_of(value: object) -> float | None:
    """Returns a number that can be an amount of money; of anything else, None."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if 0 <= value < 1e6 else None
    return None
