"""Two programs side by side, by scores of the same sessions or instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selftaught.analysis.intervals import ANYTHING, Estimate, Measured, Range, estimate, gain_within
from selftaught.sign_flip import sign_flip_p


@dataclass(frozen=True, slots=True)
class Comparison:
    """A later program against the one it started from, pair by pair, on the test split."""

    seed: Estimate
    champion: Estimate
    gain: Estimate
    p: float
    """One-sided, by flipping signs: how likely equal ones show such a gain."""
    p_of_loss: float
    """The same for a loss."""
    seed_scores: tuple[float, ...] = ()
    champion_scores: tuple[float, ...] = ()


def compare(
    seed: Sequence[float],
    champion: Sequence[float],
    *,
    of: Measured,
    within: Range = ANYTHING,
    strata: int = 1,
) -> Comparison:
    """Compares two programs by scores of the same sessions or instances.

    Args:
        seed: Scores of the earlier program.
        champion: Scores of the later one; pairs with `seed` by position.
        of: What the scores are of.
        within: Where such scores can lie.
        strata: How many groups of the same size, such as tasks, they consist of.
    """
    differences = [new - old for old, new in zip(seed, champion, strict=True)]
    return Comparison(
        estimate(seed, of=of, within=within, strata=strata),
        estimate(champion, of=of, within=within, strata=strata),
        estimate(differences, of=of, within=gain_within(within), strata=strata),
        sign_flip_p(differences),
        sign_flip_p([-difference for difference in differences]),
        tuple(seed),
        tuple(champion),
    )
