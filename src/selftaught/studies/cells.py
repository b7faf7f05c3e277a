"""Shares as tables print them, and as documents hold them: never without n."""

from __future__ import annotations

from selftaught.analysis.proportions import Proportion, in_words


def share_cell(value: Proportion | None) -> str:
    """Returns a share with its interval and its denominator; a dash where there are no trials."""
    return "-" if value is None else in_words(value)


def share_json(value: Proportion | None) -> dict[str, float] | None:
    """Returns a share as plain data.

    Example:
        >>> share_json(Proportion(1, 2, 0.25, 0.75))
        {'count': 1, 'share': 0.5, 'low': 0.25, 'high': 0.75, 'n': 2}
    """
    if value is None:
        return None
    share = {"count": value.successes, "share": value.share}
    return {**share, "low": value.low, "high": value.high, "n": value.n}
