"""How many tokens an exchange took, and what of it belongs to each of its replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one exchange, as the server counts them."""

    prompt_tokens: int
    completion_tokens: int
    """Of all replies together, with what a model thought before it answered."""
    cached_tokens: int = 0
    """Those of the prompt that the provider had in a cache of its own."""
    dollars: float | None = None
    """Where the provider states what it charges."""

    @property
    def tokens(self) -> int:
        """Tokens of the prompt, once, and of all replies."""
        return self.prompt_tokens + self.completion_tokens


def tokens_by_reply(usage: Usage, lengths: Sequence[int]) -> list[int]:
    """Returns how many tokens of an exchange belong to each reply; their sum is that of the usage.

    The prompt is charged once for all replies of an exchange and shared evenly; the rest by the
    lengths of the replies.

    Args:
        usage: What the exchange took.
        lengths: Characters of each reply.

    Example:
        >>> tokens_by_reply(Usage(prompt_tokens=10, completion_tokens=90), [200, 100, 0])
        [64, 33, 3]
    """
    prompt = _shared(usage.prompt_tokens, [1] * len(lengths))
    # One more each: replies may all be empty, and empty ones take a token to say so.
    completion = _shared(usage.completion_tokens, [length + 1 for length in lengths])
    return [sum(both) for both in zip(prompt, completion, strict=True)]


def _shared(amount: int, weights: Sequence[int]) -> list[int]:
    """Splits a whole number by weights; what rounding leaves goes to the largest remainders."""
    whole = sum(weights)
    parts = [amount * weight // whole for weight in weights]
    remainders = [amount * weight % whole for weight in weights]
    largest = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    for i in largest[: amount - sum(parts)]:
        parts[i] += 1
    return parts
