"""What became of a model's replies: how many were cut short or empty, and what nobody counted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from selftaught.client import Finish
from selftaught.errors import StoreError, attributed_to
from selftaught.events import ReplyReceived
from selftaught.store import Row


@dataclass(frozen=True, slots=True)
class Replies:
    """Counts of replies."""

    count: int = 0
    cut: int = 0
    """Cut short at the longest reply that was allowed (`max_tokens`)."""
    empty: int = 0
    """Others without any text."""
    without_program: int = 0
    """All without a program, those that were cut or empty among them."""
    tokens_unknown: int = 0
    """The server does not say what they took."""
    dollars_unknown: int = 0
    """No price is known."""


def replies_in(rows: Iterable[Row]) -> Replies:
    """Counts the replies among the events of a run.

    Raises:
        StoreError: One cannot be read.
    """
    found: list[dict[str, Any]] = []
    for row in rows:
        if row.kind == ReplyReceived.__name__:
            with attributed_to(StoreError, f"{row} cannot be read"):
                found.append(json.loads(row.body))
    return Replies(
        count=len(found),
        cut=sum(each["finish"] == Finish.LENGTH for each in found),
        empty=sum(_is_empty(each["reply"]) and each["finish"] != Finish.LENGTH for each in found),
        without_program=sum(each["solution"] is None for each in found),
        tokens_unknown=sum(each["tokens"] is None for each in found),
        dollars_unknown=sum(each["dollars"] is None for each in found),
    )


def _is_empty(text: object) -> bool:
    return isinstance(text, str) and not text.strip()  # a long one is a digest


def in_words(replies: Replies) -> str:
    """Says how many replies were cut short or empty; nothing where none was.

    Example:
        >>> in_words(Replies(count=6, cut=2, empty=1, without_program=4))
        'Of 6 replies, 2 were cut short at max_tokens, 1 was empty; 4 hold no program.'
    """
    kinds = {"cut short at max_tokens": replies.cut, "empty": replies.empty}
    told = [f"{n} {'was' if n == 1 else 'were'} {kind}" for kind, n in kinds.items() if n]
    if not told:
        return ""
    without = f"; {replies.without_program} hold no program" if replies.without_program else ""
    return f"Of {replies.count} replies, {', '.join(told)}{without}."
