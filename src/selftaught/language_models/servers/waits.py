"""How long a server asks to be left alone, however it says so."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Mapping

from selftaught.language_models.servers.json_values import fields_of, items_of, text_of

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = (
    r"(\d{1,12}(?:\.\d{1,12})?) ?"
    r"(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)(?![a-z])"
)
_SPAN = re.compile(_PART, re.IGNORECASE)
_AGAIN = re.compile(rf"(?:again|retry|wait)(?: in| after| for) ((?:{_PART}[ ,]*)+)", re.IGNORECASE)


def wait_seconds(headers: Mapping[str, str]) -> float | None:
    """Returns how long the headers of an answer ask to wait; None: they do not.

    Example:
        >>> wait_seconds({"retry-after": "20"}), wait_seconds({"retry-after-ms": "1500"})
        (20.0, 1.5)
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    stated = headers.get("retry-after")
    seconds = _number(stated)
    if seconds is not None or stated is None:
        return seconds
    try:
        moment = email.utils.parsedate_to_datetime(stated).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, moment - time.time())


def wait_in_error(error: Mapping[str, object], words: str) -> float | None:
    """Returns how long an error asks to wait, in Google's field or in words; None: it does not.

    Example:
        >>> wait_in_error({}, "Rate limit reached. Please try again in 1m2.5s.")
        62.5
        >>> wait_in_error({"details": [{"retryDelay": "2.5s"}]}, "")
        2.5
    """
    for detail in items_of(error.get("details")):
        if delay := _span(text_of(fields_of(detail).get("retryDelay"))[:100]):
            return delay
    found = _AGAIN.search(words[:10_000])
    return _span(found[1]) if found else None


def _span(text: str) -> float | None:
    parts = [(float(number), unit.lower()) for number, unit in _SPAN.findall(text)]
    if not parts:
        return None
    return sum(
        number * (_UNITS["ms"] if unit.startswith(("ms", "milli")) else _UNITS[unit[0]])
        for number, unit in parts
    )


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
