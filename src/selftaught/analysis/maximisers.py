"""Maximisers: STOP without an initial solution, and its recursive objective (paper, A.3).

A maximiser M(u) returns a solution of high utility; the language model is understood. It is as good
as an improver I(u, s): each can be made of the other. Improvers are what STOP uses, for a good
start helps; maximisers are simpler to reason about. Nothing here runs in the engine.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from typing import Generic, TypeVar

Text = TypeVar("Text")
"""What solutions are: program texts in the paper, anything here."""

_PRIOR = "# prior solution: "


@dataclass(frozen=True, slots=True)
class Objective(Generic[Text]):
    """u, with an initial solution stored in it."""

    value: Callable[[Text], float]
    initial: Text

    def __call__(self, solution: Text) -> float:
        """Returns the utility of a solution."""
        return self.value(solution)


Maximiser = Callable[[Objective[Text]], Text]
Improver = Callable[[Objective[Text], Text], Text]


def as_improver(maximiser: Maximiser[Text]) -> Improver[Text]:
    """Returns ``I(u, s) := M(u)``: the improver that ignores what it is given to improve."""

    def improver(objective: Objective[Text], initial: Text) -> Text:  # noqa: ARG001
        return maximiser(objective)

    return improver


def as_maximiser(improver: Improver[Text], *, prior: Text | None = None) -> Maximiser[Text]:
    """Returns ``M(u) := I(u, e(M, u))``: the maximiser that brings its own start.

    Args:
        improver: I.
        prior: What e finds encoded in M, see `extract_prior`; None: nothing, then e(M, u) is the
            initial solution stored in u.
    """

    def maximiser(objective: Objective[Text]) -> Text:
        return improver(objective, objective.initial if prior is None else prior)

    return maximiser


def encode_prior(program: str, prior: str) -> str:
    """Returns a program that does the same and carries a solution, in a comment on its last line.

    Example:
        >>> print(encode_prior("x = 1", "y = 2"))
        x = 1
        # prior solution: "y = 2"
    """
    return f"{program}\n{_PRIOR}{json.dumps(prior)}"


def extract_prior(program: str) -> str | None:
    """Returns the solution that a program carries; None where it carries none. The paper's e."""
    _, found, encoded = program.rpartition("\n" + _PRIOR)
    try:
        prior = json.loads(encoded) if found else None
    except (ValueError, RecursionError):
        return None
    return prior if isinstance(prior, str) else None


def meta_objective(
    objectives: list[Objective[Text]], apply: Callable[[Text, Objective[Text]], Text]
) -> Callable[[Text], float]:
    """Returns u~: the mean of u(M(u)) over the objectives. The recursion is M_t := M_{t-1}(u~).

    Args:
        objectives: U.
        apply: Runs a maximiser on an objective: (M, u) to M(u).
    """

    def value(maximiser: Text) -> float:
        return fmean(objective(apply(maximiser, objective)) for objective in objectives)

    return value


def recursive_utility(
    base: Callable[[Text], float],
    apply: Callable[[Text, Callable[[Text], float]], Text],
    *,
    rate: float,
    rng: random.Random,
) -> Callable[[Text], float]:
    """Returns u_lambda, which judges a maximiser by what it makes of itself.

    ``u_lambda(M) = u~(M)`` with probability lambda, else ``u_lambda(M(u_lambda))``: u~ after k
    self-applications with probability ``lambda * (1 - lambda)^k``. Unlike M_t := M_{t-1}(u~) it
    does not go through a proxy. A maximiser with ``M = M(u_lambda)`` is a fixed point whether it
    maximises or minimises.

    Args:
        base: u~.
        apply: Runs a maximiser on a utility of maximisers: (M, u) to M(u).
        rate: lambda, above 0 and at most 1.
        rng: Decides when to stop.

    Raises:
        ValueError: The rate lies outside.
    """
    _check_rate(rate)

    def utility(maximiser: Text) -> float:
        while rng.random() >= rate:
            maximiser = apply(maximiser, utility)
        return base(maximiser)

    return utility


def expected_calls(rate: float, *, evaluations: float = 0) -> float:
    """Returns the expected number of maximiser calls behind one value of u_lambda.

    The paper's ``1 / lambda`` counts one chain: (1 - lambda) / lambda self-applications, and the
    call inside u~. A maximiser that evaluates u_lambda itself starts as many chains anew at every
    self-application: ``1 / (lambda - evaluations * (1 - lambda))``, and infinite as soon as
    ``evaluations * (1 - lambda) >= lambda`` (ours: the mean size of a branching process).

    Args:
        rate: lambda, above 0 and at most 1.
        evaluations: How often a maximiser evaluates u_lambda in each self-application.

    Raises:
        ValueError: The rate lies outside.

    Example:
        >>> expected_calls(0.25), expected_calls(0.75, evaluations=2)
        (4.0, 4.0)
        >>> expected_calls(0.5, evaluations=1)
        inf
    """
    _check_rate(rate)
    left = rate - evaluations * (1 - rate)
    return 1 / left if left > 0 else math.inf


def _check_rate(rate: float) -> None:
    if not 0 < rate <= 1:
        raise ValueError(f"expected a rate above 0 and at most 1, got {rate!r}")
