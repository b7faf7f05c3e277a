"""What an improver is judged by, as functions on callables, and what judging costs.

The meta-utility of an improver I is u_bar(I), its mean value over a distribution of tasks (paper,
section 3, eq. 1). Two estimates of it: u_hat, the mean over a fixed set D of tasks, and u_dot, the
value for one task drawn anew at every call (appendix A.2). Both are unbiased.

The engine's own meta-utility is `selftaught.meta_utility`; this is its theory, without a sandbox.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeVar

from selftaught.errors import BudgetExceeded

Improver = TypeVar("Improver")
Task = TypeVar("Task")


def empirical(
    tasks: Sequence[Task], value: Callable[[Improver, Task], float]
) -> Callable[[Improver], float]:
    """Returns u_hat, the mean value over the tasks of D (paper, section 3).

    Args:
        tasks: D.
        value: u(I(u, s, L)) for an improver I and a task (u, s).
    """

    def meta_utility(improver: Improver) -> float:
        return fmean(value(improver, task) for task in tasks)

    return meta_utility


def stochastic(
    draw: Callable[[], Task], value: Callable[[Improver, Task], float]
) -> Callable[[Improver], float]:
    """Returns u_dot, the value for one random task per call (paper, appendix A.2).

    ``E[u_dot(I)] = u_bar(I)``: unbiased, whatever the improver.

    Args:
        draw: Returns a task, independently of all before.
        value: u(I(u, s, L)) for an improver I and a task (u, s).
    """

    def meta_utility(improver: Improver) -> float:
        return value(improver, draw())

    return meta_utility


def simulated(
    tasks: Sequence[Task], value: Callable[[Improver, Task], float]
) -> Callable[[Improver], float]:
    """Returns a stand-in for u_dot that needs no distribution, only tasks drawn from it before.

    The k-th call uses the k-th task. To any algorithm that makes at most ``len(tasks)`` calls it is
    u_dot itself, however it chooses its calls: whether a task is drawn before or at the call, it
    does not depend on what is asked (paper, appendix A.2, observation 1).

    Raises:
        BudgetExceeded: On a call beyond the last task.
    """
    left = iter(tasks)

    def draw() -> Task:
        for task in left:
            return task
        raise BudgetExceeded(
            "simulation", "tasks", f"the simulation has tasks for {len(tasks)} calls, not for more"
        )

    return stochastic(draw, value)


@dataclass(frozen=True, slots=True)
class Calls:
    """How often each function is called."""

    meta_utility: int
    utility: int
    language_model: int
    samples: int
    """Replies of the language model."""


def step_calls(
    *,
    meta_utility: int,
    utility: int,
    language_model: int,
    samples_per_call: int = 1,
    sessions: int = 1,
) -> Calls:
    """Returns the calls of one step of algorithm 1 whose improvers spend all of their budgets.

    The step is one application of an improver to the meta-utility. Each of its calls of the
    meta-utility applies another improver in every session and scores once what that returned::

        utility         meta_utility * sessions * (utility + 1)
        language_model  meta_utility * sessions * language_model + language_model

    Together O((budget_u + budget_L) * budget_meta), the paper's order (section 4), with the number
    of sessions and 2 as constants. Improvers that ask for less, fail or are known already cost
    less. With the research code's budgets, 25, 25, 4 calls of 6 samples and 5 sessions, the
    sessions take the 3,000 samples that the paper reports per iteration; the step itself takes 24.

    Args:
        meta_utility: Budget of a step: calls of the meta-utility.
        utility: Budget of a session: calls of the utility.
        language_model: Budget of a session, and of the step: calls of the language model.
        samples_per_call: Replies to each of those.
        sessions: Applications behind one call of the meta-utility: tasks times repeats.

    Example:
        >>> step_calls(
        ...     meta_utility=25, utility=25, language_model=4, samples_per_call=6, sessions=5
        ... )
        Calls(meta_utility=25, utility=3250, language_model=504, samples=3024)
    """
    applications = meta_utility * sessions
    asked = (applications + 1) * language_model
    return Calls(meta_utility, applications * (utility + 1), asked, asked * samples_per_call)
