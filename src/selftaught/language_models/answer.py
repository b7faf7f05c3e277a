"""What a server answers, read with care: it can be of any form, whatever its status says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from selftaught.language_model import Finish
from selftaught.language_models.usage import Usage

LONGEST_TEXT = 1_000_000
"""Characters of a reply that are kept; programs are far shorter."""
_FINISHES = {
    None: Finish.STOP,
    "stop": Finish.STOP,
    "eos": Finish.STOP,
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "model_length": Finish.LENGTH,
}
_MOST_TOKENS = 10**9


@dataclass(frozen=True, slots=True)
class Choice:
    """One reply of an answer."""

    text: str
    finish: Finish


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of an answer."""

    choices: tuple[Choice, ...]
    usage: Usage | None
    """None where the server states none, or none that can be true."""
    error: Mapping[str, object] | None = None
    """What some servers say in place of replies, with a status of success."""


class Unreadable(ValueError):
    """A body that is no answer; the message says what it is."""


def read_answer(body: bytes) -> Answer:
    """Reads the body of an answer to chat completions.

    Raises:
        Unreadable: It is none.

    Example:
        >>> read_answer(b'{"choices": [{"message": {"content": "hi"}}]}').choices[0].text
        'hi'
    """
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(what_it_is(body)) from error
    match document:
        case {"error": dict(error)}:
            return Answer((), None, error)
        case {"error": str(words)}:
            return Answer((), None, {"message": words})
        case {"choices": list(choices)}:
            read = [_choice(choice) for choice in choices]
            replies = tuple(choice for choice in read if choice is not None)
            return Answer(replies, _usage(document.get("usage")))
        case _:
            raise Unreadable("JSON without choices")


def what_it_is(body: bytes) -> str:
    """Returns what a body is that is not JSON, in a few words."""
    start = body[:200].decode("utf-8", "replace").strip().lower()
    if not start:
        return "nothing"
    if start.startswith(("<!doctype", "<html", "<head", "<?xml")):
        return "a web page"
    return "malformed JSON" if start.startswith(("{", "[")) else "no JSON"


def _choice(choice: Any) -> Choice | None:  # noqa: ANN401 - whatever a server sends
    match choice:
        case {"finish_reason": "error"}:
            return None
        case {"message": dict(message)}:
            finish = choice.get("finish_reason")
            known = finish is None or isinstance(finish, str)
            return _cut(_text(message), _FINISHES.get(finish if known else "", Finish.OTHER))
        case _:
            return None


def _cut(text: str, finish: Finish) -> Choice:
    is_whole = len(text) <= LONGEST_TEXT
    return Choice(text, finish) if is_whole else Choice(text[:LONGEST_TEXT], Finish.LENGTH)


def _text(message: Mapping[str, Any]) -> str:
    match message.get("content") or message.get("refusal"):
        case str(text):
            return text
        case list(parts):
            texts = [part.get("text") for part in parts if isinstance(part, dict)]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            return "".join(text for text in texts if isinstance(text, str))
        case _:
            return ""


def _usage(stated: object) -> Usage | None:
    match stated:
        case {"prompt_tokens": int(prompt), "completion_tokens": int(completion), **rest}:
            # Some servers count what a model thinks in the total alone.
            total = rest.get("total_tokens")
            if isinstance(total, int):
                completion = max(completion, total - prompt)
            if not (0 <= prompt <= _MOST_TOKENS and 0 <= completion <= _MOST_TOKENS):
                return None
            return Usage(prompt, completion, _cached(rest, prompt), _dollars(rest.get("cost")))
        case _:
            return None


def _cached(usage: Mapping[str, object], prompt: int) -> int:
    match usage.get("prompt_tokens_details"):
        case {"cached_tokens": int(cached)} if 0 <= cached <= prompt:
            return cached
        case _:
            return 0


def _dollars(cost: object) -> float | None:
    is_amount = isinstance(cost, int | float) and not isinstance(cost, bool)
    return float(cost) if is_amount and 0 <= cost < 1e6 else None
