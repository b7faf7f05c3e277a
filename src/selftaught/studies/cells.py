"""Numbers as tables print them, and as documents hold them: never without n."""

from __future__ import annotations

from selftaught.analysis.intervals import Estimate
from selftaught.analysis.proportions import Proportion, in_words


def interval_cell(value: Estimate) -> str:
    """Returns a mean with its interval.

    Example:
        >>> interval_cell(Estimate(0.5, 0.4, 0.6, 5))
        '0.500 (0.400 to 0.600)'
    """
    return f"{value.mean:.3f} ({value.low:.3f} to {value.high:.3f})"


def signed_cell(value: Estimate) -> str:
    """Returns a difference with its interval.

    Example:
        >>> signed_cell(Estimate(0.1, -0.1, 0.3, 5))
        '+0.100 (-0.100 to +0.300)'
    """
    return f"{value.mean:+.3f} ({value.low:+.3f} to {value.high:+.3f})"


def short_cell(value: Estimate) -> str:
    """Returns a mean and the wider half of its interval, where columns are many.

    Example:
        >>> short_cell(Estimate(0.5, 0.4, 0.55, 5))
        '0.500 ± 0.100'
    """
    return f"{value.mean:.3f} ± {max(value.high - value.mean, value.mean - value.low):.3f}"


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
