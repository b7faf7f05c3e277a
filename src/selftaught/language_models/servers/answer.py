"""What a server answers, read with care: it can be of any form, whatever its status says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from selftaught.client import Finish
from selftaught.language_models.servers.json_values import (
    amount_of,
    count_of,
    fields_of,
    items_of,
    parsed_json,
    text_of,
)
from selftaught.language_models.servers.usage import Usage

LONGEST_TEXT = 1_000_000
"""Characters of a reply that are kept; programs are far shorter."""
A_STREAM = "a stream"
"""Pieces of an answer, as they are sent to those who ask for them."""
_FINISHES = {
    "stop": Finish.STOP,
    "eos": Finish.STOP,
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "model_length": Finish.LENGTH,
}


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
        document = fields_of(parsed_json(body))
    except ValueError as error:
        raise Unreadable(what_it_is(body)) from error
    if error := document.get("error"):
        return Answer((), None, fields_of(error) or {"message": text_of(error)})
    if not isinstance(document.get("choices"), list):
        raise Unreadable("JSON without choices")
    choices = [_choice(fields_of(choice)) for choice in items_of(document["choices"])]
    replies = tuple(choice for choice in choices if choice is not None)
    return Answer(replies, _usage(fields_of(document.get("usage"))))


def what_it_is(body: bytes) -> str:
    """Returns what a body is that is not JSON, in a few words."""
    start = body[:200].decode("utf-8", "replace").strip().lower()
    if not start:
        return "nothing"
    if start.startswith(("<!doctype", "<html", "<head", "<?xml")):
        return "a web page"
    if start.startswith(("data:", "event:")):
        return A_STREAM
    return "malformed JSON" if start.startswith(("{", "[")) else "no JSON"


def _choice(choice: Mapping[str, object]) -> Choice | None:
    finish = choice.get("finish_reason")
    if not isinstance(choice.get("message"), dict) or finish == "error":
        return None
    text = _text(fields_of(choice["message"]))
    if len(text) > LONGEST_TEXT:
        return Choice(text[:LONGEST_TEXT], Finish.LENGTH)
    return Choice(text, _FINISHES.get(text_of(finish or "stop"), Finish.OTHER))


def _text(message: Mapping[str, object]) -> str:
    content = message.get("content") or message.get("refusal")
    # Some models answer in parts, of which those that they thought first are no text.
    parts = (text_of(fields_of(part).get("text")) for part in items_of(content))
    return text_of(content) or "".join(parts)


def _usage(stated: Mapping[str, object]) -> Usage | None:
    prompt, completion = (count_of(stated.get(f"{of}_tokens")) for of in ("prompt", "completion"))
    if prompt is None or completion is None:
        return None
    # Some servers count what a model thinks in the total alone.
    total = count_of(stated.get("total_tokens")) or 0
    details = fields_of(stated.get("prompt_tokens_details"))
    cached = count_of(details.get("cached_tokens"), most=prompt) or 0
    return Usage(prompt, max(completion, total - prompt), cached, amount_of(stated.get("cost")))
