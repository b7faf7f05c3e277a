"""How many tokens a prompt and its reply may have together, as servers say when they refuse."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selftaught.client import Request

SMALLEST_REPLY = 256
"""Tokens. With less, there is no room for a program."""
_USUAL_TOKENS_PER_BYTE = 0.33
_MARGIN = 1.05
"""Prompts of the same length differ in tokens."""
_FORM_TOKENS = 16
"""What marks who speaks, in short prompts."""
_SIZE = re.compile(
    r"context (?:length|window|size|limit)(?: is| of|:)? ?(\d{3,9})\b(?! ?\+)"
    r"|(\d{3,9}) maximum context|context limit: \d+ \+ \d+ > (\d+)|must be <= (\d+)",
)
_PROMPT = re.compile(
    r"(\d+) (?:in|of) (?:the |your )?(?:messages|prompt|text input)|(\d+) (?:`inputs`|input) tokens"
    r"|(\d+) tokens (?:from|in) the (?:input|messages|prompt)|messages resulted in (\d+) tokens"
    r"|context limit: (\d+) \+"
)


@dataclass(frozen=True, slots=True)
class Context:
    """The context of a model."""

    size: int
    """Tokens."""
    tokens_per_byte: float = _USUAL_TOKENS_PER_BYTE
    """The most that was seen in a prompt."""

    def room_beside(self, request: Request) -> int:
        """Returns how many tokens are left for a reply; may be negative."""
        tokens = self.tokens_per_byte * _bytes_of(request)
        return self.size - int(_MARGIN * tokens) - _FORM_TOKENS


def stated_context(words: str, request: Request, known: Context | None) -> Context | None:
    """Returns what the words of a refusal tell of the context; None where they tell no size.

    Args:
        words: In lower case.
        request: What was refused.
        known: What earlier refusals told.

    Example:
        >>> said = "maximum context length is 4096 tokens; you have 100 in your prompt"
        >>> hello = Request("", "hello " * 80, temperature=0.7, stream="s", index=0)
        >>> stated_context(said, hello, None).room_beside(hello)
        3975
    """
    size = _first_number(_SIZE, words)
    if size is None:
        return None
    prompt = _first_number(_PROMPT, words)
    if prompt is None:
        return Context(size, known.tokens_per_byte if known else _USUAL_TOKENS_PER_BYTE)
    rate = prompt / _bytes_of(request)
    return Context(size, max(rate, known.tokens_per_byte) if known else rate)


def _bytes_of(request: Request) -> int:
    texts = (request.expertise, request.message)
    return max(1, sum(len(text.encode("utf-8", "replace")) for text in texts))


def _first_number(pattern: re.Pattern[str], words: str) -> int | None:
    found = pattern.search(words)
    return next(int(each) for each in found.groups() if each) if found else None
