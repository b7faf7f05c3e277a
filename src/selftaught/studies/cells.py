"""Numbers as tables print them."""

from __future__ import annotations

from selftaught.analysis.intervals import Estimate


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
