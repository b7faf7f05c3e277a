"""Lemma 1: how far a measured meta-utility can lie from the true one (paper, appendix A.2).

The bounds here hold for all improvers of a class at once, whichever of them a search ends with, if
the n tasks were drawn independently and utilities lie in [0, 1]. Each has the form
``epsilon = sqrt(complexity / n)``: the larger the class, the more tasks.

Copies of one task are one draw. The paper's experiments use five copies of one task: what the mean
over them can be off by is the noise of the model, not the choice of the task.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from selftaught.errors import UsageError, shown

MOST = 10**15
"""Of tasks, characters and rounds: beyond it floats no longer hold whole numbers exactly."""
LEAST_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Bound:
    """With probability 1 - delta no improver's measured value is epsilon or more from the true."""

    tasks: int
    """n: how many independent tasks the measured value is the mean of."""
    complexity: float
    """What epsilon squared is n times smaller than; grows with the class of improvers."""

    @property
    def epsilon(self) -> float:
        """The bound, in units of the utility."""
        return math.sqrt(self.complexity / self.tasks)

    @property
    def selection_loss(self) -> float:
        """2 epsilon: what choosing by the measured value costs at most against the truly best."""
        return 2 * self.epsilon

    @property
    def selection_is_vacuous(self) -> bool:
        """Tells whether the bound says nothing of choosing: no choice can cost more than 1."""
        return self.selection_loss >= 1

    @property
    def is_vacuous(self) -> bool:
        """Tells whether the bound says nothing: values in [0, 1] differ by at most 1."""
        return self.epsilon >= 1

    @property
    def least_tasks(self) -> int:
        """The fewest tasks with which the bound says anything."""
        return math.floor(self.complexity) + 1

    def tasks_needed(self, epsilon: float) -> int:
        """Returns the fewest tasks that make the bound `epsilon` or less.

        Raises:
            UsageError: `epsilon` is no number from 1e-9 to 1.
        """
        if not _is_number(epsilon) or not LEAST_EPSILON <= epsilon <= 1:
            raise UsageError(
                f"expected an epsilon from {LEAST_EPSILON:g} to 1, got {shown(epsilon)}"
            )
        return math.ceil(Fraction(self.complexity) / Fraction(epsilon) ** 2)

    @property
    def warning(self) -> str | None:
        """What must be said beside the bound where it is vacuous; else None."""
        if not self.is_vacuous:
            return None
        return (
            f"vacuous: an epsilon of {self.epsilon:.3g} says nothing about utilities between "
            f"0 and 1; at least {self.least_tasks:,} independent tasks are needed"
        )


def lemma_1(tasks: int, *, length: int, alphabet: int, delta: float) -> Bound:
    """Returns the paper's bound for all improvers of at most `length` characters.

    ``epsilon = sqrt((length * ln(alphabet) + ln(1 / delta)) / tasks)`` (appendix A.2, lemma 1).
    Hoeffding's inequality for one improver, and a union over fewer than ``alphabet^(length + 1)``.

    Args:
        tasks: n >= 1, independent draws.
        length: Characters of the longest improver, at least 2.
        alphabet: How many different characters there are, at least 2.
        delta: The chance that the bound fails, more than 0 and at most 1.

    Raises:
        UsageError: An argument lies outside.

    Example:
        >>> round(lemma_1(5, length=2000, alphabet=128, delta=0.05).epsilon)
        44
        >>> round(lemma_1(100_000, length=2000, alphabet=128, delta=0.05).epsilon, 2)
        0.31
    """
    _check(tasks, length, alphabet, delta)
    return Bound(tasks, length * math.log(alphabet) + math.log(1 / delta))


def hoeffding(tasks: int, *, length: int, alphabet: int, delta: float) -> Bound:
    """Returns the sharper bound that the proof of lemma 1 gives; about 0.71 of the paper's.

    ``epsilon = sqrt(ln(2 N / delta) / (2 tasks))`` with N the exact number of strings of at most
    `length` characters. The paper rounds ``2 exp(-2 epsilon^2 n)`` and N up; this does not. Never
    larger than `lemma_1` (ours; arguments and errors are those of `lemma_1`).

    Example:
        >>> round(hoeffding(5, length=2000, alphabet=128, delta=0.05).epsilon, 1)
        31.2
    """
    _check(tasks, length, alphabet, delta)
    # N = (alphabet^(length + 1) - 1) / (alphabet - 1), in logarithms.
    longest = (length + 1) * math.log(alphabet)
    strings = longest + math.log1p(-math.exp(-longest)) - math.log(alphabet - 1)
    return Bound(tasks, (strings + math.log(2 / delta)) / 2)


def chosen_beforehand(tasks: int, *, delta: float, improvers: int = 1) -> Bound:
    """Returns the bound for a few improvers that were fixed before the tasks were drawn.

    ``epsilon = sqrt(ln(2 improvers / delta) / (2 tasks))``: Hoeffding and a union over them. This
    is what fresh tasks give, which no search has seen (ours).

    Raises:
        UsageError: An argument lies outside, as for `lemma_1`.

    Example:
        >>> round(chosen_beforehand(5, delta=0.05).epsilon, 2)
        0.61
    """
    _check(tasks, 2, 2, delta)
    _check_whole("a number of improvers", improvers, least=1)
    return Bound(tasks, math.log(2 * improvers / delta) / 2)


@dataclass(frozen=True, slots=True)
class IteratedBound:
    """Bounds for improvers that are applied again and again to what they returned."""

    mean: Bound
    """For the utility averaged over the rounds: lemma 1 as it is (paper, appendix A.2)."""
    each: Bound
    """For the utility after each of the rounds, all of them at once (ours)."""


def iterated(tasks: int, *, rounds: int, length: int, alphabet: int, delta: float) -> IteratedBound:
    """Returns lemma 1 for a fixed number of rounds of improvement of every task.

    The mean over the rounds of one task is again one value in [0, 1] per task, so the bound stays:
    rounds of one task depend on each other and never count as tasks. For every single round at
    once delta is shared among them: ``ln(rounds / delta)`` in place of ``ln(1 / delta)``.

    Raises:
        UsageError: An argument lies outside, as for `lemma_1`.
    """
    _check_whole("a number of rounds", rounds, least=1)
    mean = lemma_1(tasks, length=length, alphabet=alphabet, delta=delta)
    return IteratedBound(mean, Bound(tasks, mean.complexity + math.log(rounds)))


def _check(tasks: int, length: int, alphabet: int, delta: float) -> None:
    _check_whole("a number of tasks", tasks, least=1)
    _check_whole("a length in characters", length, least=2)
    _check_whole("an alphabet of characters", alphabet, least=2)
    if not _is_number(delta) or not 0 < delta <= 1:
        raise UsageError(f"expected a delta above 0 and at most 1, got {shown(delta)}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_whole(what: str, value: object, *, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise UsageError(f"expected {what}, a whole number, got {shown(value)}")
    if not least <= value <= MOST:
        raise UsageError(f"expected {what} from {least} to {MOST:.0e}, got {shown(value)}")
