"""What went wrong at a server, and whose affair it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from selftaught.errors import ProgramError, ProviderError, SelftaughtError, UsageError
from selftaught.language_models.servers.answer import what_it_is
from selftaught.language_models.servers.exchange import Transient
from selftaught.language_models.servers.form import is_too_long
from selftaught.language_models.servers.json_values import fields_of, items_of, parsed_json, text_of
from selftaught.language_models.servers.keys import NO_KEY, Key
from selftaught.language_models.servers.providers import OTHER_KEY, Address
from selftaught.language_models.servers.waits import wait_in_error, wait_seconds

_LONGEST = 300
"""Characters of what a server says that are passed on."""
_LONGEST_READ = 100_000
"""Of which these are taken; a key that is cut there is beyond what is passed on."""
_WORDS = ("message", "error", "detail")
"""Fields in which servers say what is wrong."""
_REFUSED = (400, 413, 422)
_PASSING = {408, 409, 425, 429}
_NO_MONEY = re.compile(
    r"insufficient_(user_)?quota|insufficient[_ ](balance|credits?|funds)"
    r"|billing_(hard_limit_reached|not_active)"
)
"""Exact names; other words about billing stand in messages about ordinary limits of rates too."""
_LITTLE_MONEY = re.compile(r"credit balance is too low|used all available credits")
_NO_MODEL = re.compile(
    r"model_not_found|model_not_exist|not found|does not exist|not exist|no such model"
    r"|not a valid model|(unknown|invalid) model"
)
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
    said = words_of(body, address.key)
    about = f"{said.code} {said.text}".lower()
    message = f"{address.name}: HTTP {status}: {said.text}"
    stated = wait_seconds(headers)
    wait = said.wait_seconds if stated is None else stated
    if status == 402 or _tells_of_no_money(said, passes=status >= 500 or wait is not None):
        return ProviderError(f"{message} (no credit is left there)")
    if status in _PASSING or (status >= 500 and status != 501):
        return Transient(message, wait_seconds=wait)
    if (problem := _of_the_prompt(status, about)) is not None:
        return ProgramError(f"{address.name}: {problem}: {said.text}")
    hint = _hint(address, status, about)
    return UsageError(f"{message} ({hint})") if hint else ProviderError(message)


def _tells_of_no_money(said: Said, *, passes: bool) -> bool:
    """Tells whether no credit is left; words alone do not, where the server says that it passes."""
    code, words = said.code.lower(), said.text.lower()
    if _NO_MONEY.search(code):
        return True
    if passes or "rate_limit_exceeded" in code:
        return False
    return bool(_NO_MONEY.search(words) or _LITTLE_MONEY.search(words))


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
    if status in (400, 404, 422) and "model" in about and _NO_MODEL.search(about):
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
    wait_seconds: float | None = None
    """How long it asks to be left alone; None: it does not."""


def words_of(body: bytes, key: Key = NO_KEY) -> Said:
    """Returns what a server says of its failure, whatever form it has.

    Args:
        body: What it answered.
        key: Is hidden before anything is cut, so that no beginning of it is left.

    Example:
        >>> words_of(b'{"error": {"message": "no such model", "code": "model_not_found"}}').text
        'no such model'
    """
    try:
        document = parsed_json(body)
    except ValueError:
        what = what_it_is(body)
        words = key.hidden_in(body[:_LONGEST_READ].decode("utf-8", "replace"))
        text = _line(words) if what == "no JSON" else f"it answered {what}"
        return Said(text, wait_seconds=wait_in_error({}, words))
    first = next(iter(items_of(document)), document)  # Google sends a list of one
    fields = fields_of(first)
    error = fields_of(fields.get("error")) or fields
    text = next((text for name in _WORDS if (text := text_of(error.get(name)))), "")
    words = key.hidden_in(text or str(document))
    return Said(
        _line(words),
        f"{error.get('code') or ''} {error.get('type') or ''}".strip(),
        text_of(error.get("param")) or None,
        wait_in_error(error, words),
    )


def _line(text: str) -> str:
    return " ".join(text[:_LONGEST_READ].split())[:_LONGEST] or "no reason given"
