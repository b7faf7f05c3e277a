"""Fisher's randomisation test for paired scores: how likely equal ones differ so much."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

_MOST_EXACT = 12
_FLIPS = 4000


def sign_flip_p(differences: Sequence[float]) -> float:
    """Returns the one-sided p value of paired differences under random signs.

    Exact up to 12 differences that are not 0; beyond that from 4,000 random flips, with the
    observed signs counted among them, so that it is never 0.

    Example:
        >>> sign_flip_p([0.1, 0.2, 0.1])
        0.125
    """
    moved = [abs(difference) for difference in differences if difference]
    if not moved:
        return 1.0
    # Sums of the same sizes differ by rounding, whatever the unit of the scores.
    observed = sum(differences) - 1e-12 * sum(moved)
    if len(moved) <= _MOST_EXACT:
        signs = itertools.product((1, -1), repeat=len(moved))
        sums = [sum(map(float.__mul__, map(float, flip), moved)) for flip in signs]
        return sum(total >= observed for total in sums) / len(sums)
    rng = random.Random(0)  # noqa: S311 - statistics, not secrets
    at_least = 1
    for _ in range(_FLIPS):
        at_least += sum(rng.choice((1, -1)) * size for size in moved) >= observed
    return at_least / (_FLIPS + 1)
