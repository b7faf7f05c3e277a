"""What went wrong at a server, and whose affair it is."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Mapping
from dataclasses import dataclass

from selftaught.errors import ProgramError, ProviderError, SelftaughtError, UsageError
from selftaught.language_models.servers.answer import what_it_is
from selftaught.language_models.servers.exchange import Transient
from selftaught.language_models.servers.form import is_too_long
from selftaught.language_models.servers.json_values import fields_of, items_of, parsed_json, text_of
from selftaught.language_models.servers.providers import OTHER_KEY, Address

_LONGEST = 300
"""Characters of what a server says that are passed on."""
_WORDS = ("message", "error", "detail")
"""Fields in which servers say what is wrong."""
_REFUSED = (400, 413, 422)
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
    if (problem := _of_the_prompt(status, about)) is not None:
        return ProgramError(f"{address.name}: {problem}: {words}")
    hint = _hint(address, status, about)
    return UsageError(f"{message} ({hint})") if hint else ProviderError(message)


def _of_the_prompt(status: int, about: str) -> str | None:
    """Returns what is wrong with a prompt, which programs write; None: it is something else."""
    if status == 413 or (status in _REFUSED and is_too_long(about)):
        return "the prompt is too long"
    return "it does not answer this prompt" if any(each in about for each in _FILTERED) else None


def _hint(address: Address, status: int, about: str) -> str:
    """Returns what mends a wrong key, URL or name of a model; empty: that is not it."""
    if status in (401, 403):
        variable = address.key.variable
        return f"is the key in {variable} right?" if variable else f"set {OTHER_KEY} to its key"
    if status in (400, 404, 422) and "model" in about:
        return f"does the server have a model {address.model!r}?"
    if status in (404, 405) or 300 <= status < 400:
        return f"is {address.base_url} the base URL? Most end in /v1"
    return ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a server says of its failure."""

    text: str
    """In one line."""
    code: str = ""
    """Its own names for it."""
    field: str | None = None
    """Which field of the request it is about."""


def words_of(body: bytes) -> Said:
    """Returns what a server says of its failure, whatever form it has.

    Example:
        >>> words_of(b'{"error": {"message": "no such model", "code": "model_not_found"}}').text
        'no such model'
    """
    try:
        document = parsed_json(body)
    except ValueError:
        what = what_it_is(body)
        is_text = what == "no JSON"
        return Said(
            _line(body[:1000].decode("utf-8", "replace")) if is_text else f"it answered {what}"
        )
    first = next(iter(items_of(document)), document)  # Google sends a list of one
    fields = fields_of(first)
    error = fields_of(fields.get("error")) or fields
    text = next((text for name in _WORDS if (text := text_of(error.get(name)))), "")
    code = f"{error.get('code') or ''} {error.get('type') or ''}".strip()
    return Said(_line(text or str(document)), code, text_of(error.get("param")) or None)


def _line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST] or "no reason given"


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
