"""What went wrong at a server, and whose affair it is."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Mapping
from typing import Any

from selftaught.errors import ProgramError, ProviderError, SelftaughtError, UsageError
from selftaught.language_models.answer import what_it_is
from selftaught.language_models.exchange import Transient
from selftaught.language_models.form import is_too_long
from selftaught.language_models.providers import OTHER_KEY, Address

_LONGEST = 300
"""Characters of what a server says that are passed on."""
_PASSING = {408, 409, 425, 429}
_NO_MONEY = ("insufficient_quota", "insufficient balance", "billing", "credit balance", "payment")
_FILTERED = ("content_filter", "content_policy", "content management policy", "content filter")


def failure(
    address: Address, status: int, body: bytes, headers: Mapping[str, str]
) -> SelftaughtError:
    """Returns the error for a status that is not success.

    Args:
        address: Who was asked.
        status: The HTTP status, or what stands for it in the body.
        body: What came with it.
        headers: May say how long to wait.
    """
    said = words_of(body)
    words = address.key.hidden_in(said.text)
    about = f"{said.code} {said.text}".lower()
    message = f"{address.name}: HTTP {status}: {words}"
    if status == 402 or any(each in about for each in _NO_MONEY):
        return ProviderError(f"{message} (no credit is left there)")
    if status in _PASSING or (status >= 500 and status != 501):
        return Transient(message, wait_seconds=wait_seconds(headers))
    if status in (400, 413, 422) and (status == 413 or is_too_long(about)):
        return ProgramError(f"the prompt is too long for {address.name}: {words}")
    if any(each in about for each in _FILTERED):
        return ProgramError(f"{address.name} does not answer this prompt: {words}")
    if (hint := _hint(address, status, about)) is not None:
        return UsageError(f"{message} ({hint})")
    return ProviderError(message)


def _hint(address: Address, status: int, about: str) -> str | None:
    """Returns what mends a wrong key, URL or name of a model; None: that is not it."""
    if status in (401, 403):
        variable = address.key.variable or address.provider.key or OTHER_KEY
        if not address.key.is_there and address.provider.key:
            variable = OTHER_KEY
        return f"is the key in {variable} right?" if address.key.is_there else f"set {variable}"
    if status in (400, 404, 422) and "model" in about:
        return f"does the server have a model {address.model!r}?"
    if status in (404, 405) or 300 <= status < 400:
        return f"is {address.base_url} the base URL? Most end in /v1"
    return None


class Said:
    """What a server says of its failure."""

    def __init__(self, text: str, code: str = "", field: str | None = None) -> None:
        self.text = " ".join(text.split())[:_LONGEST] or "no reason given"
        self.code = code
        self.field = field


def words_of(body: bytes) -> Said:
    """Returns what a server says of its failure, whatever form it has.

    Example:
        >>> words_of(b'{"error": {"message": "no such model", "code": "model_not_found"}}').text
        'no such model'
    """
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError):
        what = what_it_is(body)
        text = body[:_LONGEST].decode("utf-8", "replace")
        return Said(text if what == "no JSON" else f"it answered {what}")
    match document:
        case {"error": dict(error)}:
            return _said(error)
        case {"error": str(text)} | {"detail": str(text)} | {"message": str(text)}:
            return Said(text)
        case [{"error": dict(error)}, *_]:
            return _said(error)
        case _:
            return Said(json.dumps(document)[:_LONGEST])


def _said(error: Mapping[str, Any]) -> Said:
    text, code, field = (error.get(each) for each in ("message", "code", "param"))
    kind = error.get("type")
    return Said(
        text if isinstance(text, str) else "",
        f"{code or ''} {kind or ''}",
        field if isinstance(field, str) else None,
    )


def wait_seconds(headers: Mapping[str, str]) -> float | None:
    """Returns how long a server asks to be left alone, however it says so; None: it does not.

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


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
