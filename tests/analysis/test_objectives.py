"""Two unbiased estimates of the meta-utility, and what judging costs."""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.analysis.objectives import Calls, empirical, simulated, step_calls, stochastic
from selftaught.errors import BudgetExceeded

TASKS = (0.1, 0.25, 0.7, 0.9)


def value(improver: float, task: float) -> float:
    """An improver is good at tasks that are like it."""
    return 1 - abs(improver - task)


def test_the_stochastic_meta_utility_is_unbiased() -> None:
    rng = random.Random(3)
    estimate = stochastic(lambda: rng.choice(TASKS), value)

    drawn = fmean(estimate(0.3) for _ in range(20_000))

    assert drawn == pytest.approx(empirical(TASKS, value)(0.3), abs=0.01)


def test_the_stochastic_meta_utility_draws_one_task_a_call() -> None:
    draws: list[float] = []

    def draw() -> float:
        draws.append(TASKS[len(draws)])
        return draws[-1]

    estimate = stochastic(draw, value)

    assert [estimate(0.1), estimate(0.1)] == [value(0.1, TASKS[0]), value(0.1, TASKS[1])]
    assert len(draws) == 2


def adaptive(meta_utility: Callable[[float], float], calls: int, rng: random.Random) -> list[float]:
    """An algorithm whose improvers, and whose end, depend on every value that it saw."""
    seen: list[float] = []
    improver = rng.random()
    while len(seen) < calls and (not seen or seen[-1] < 0.99):
        seen.append(meta_utility(improver))
        better = seen[-1] >= fmean(seen)
        improver = (improver + seen[-1] * rng.random()) % 1 if better else rng.random()
    return [*seen, improver]


@given(st.integers(1, 30), st.integers(), st.integers())
def test_any_algorithm_of_n_calls_is_simulated_exactly_by_n_tasks(
    n: int, task_seed: int, algorithm_seed: int
) -> None:
    live, before = random.Random(task_seed), random.Random(task_seed)
    tasks = [before.choice(TASKS) for _ in range(n)]

    with_draws = adaptive(
        stochastic(lambda: live.choice(TASKS), value), n, random.Random(algorithm_seed)
    )
    with_tasks = adaptive(simulated(tasks, value), n, random.Random(algorithm_seed))

    assert with_tasks == with_draws


def test_a_simulation_has_no_task_for_one_call_more() -> None:
    estimate = simulated(TASKS, value)
    for _ in TASKS:
        estimate(0.5)

    with pytest.raises(BudgetExceeded, match="tasks for 4 calls"):
        estimate(0.5)


class Counting:
    """A step of algorithm 1 in which everyone spends all that they may."""

    def __init__(
        self, *, utility: int, language_model: int, meta_utility: int, sessions: int
    ) -> None:
        self.budgets = (utility, language_model, meta_utility, sessions)
        self.counts = {"utility": 0, "language_model": 0, "meta_utility": 0}

    def count(self, what: str, times: int = 1) -> None:
        self.counts[what] += times

    def session(self) -> None:
        utility, language_model, _, _ = self.budgets
        for _ in range(language_model):
            self.count("language_model")
        for _ in range(utility):
            self.count("utility")
        self.count("utility")  # of what the improver returned

    def meta_utility(self) -> None:
        self.count("meta_utility")
        for _ in range(self.budgets[3]):
            self.session()

    def step(self) -> None:
        self.count("language_model", self.budgets[1])
        for _ in range(self.budgets[2]):
            self.meta_utility()


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(1, 5))
def test_the_cost_of_a_step_is_counted_exactly(u: int, lm: int, meta: int, sessions: int) -> None:
    budgets = {"utility": u, "language_model": lm, "meta_utility": meta, "sessions": sessions}
    counting = Counting(**budgets)
    counting.step()

    calls = step_calls(**budgets, samples_per_call=6)

    assert calls == Calls(**counting.counts, samples=6 * counting.counts["language_model"])


@given(st.integers(1, 1000), st.integers(1, 1000), st.integers(1, 1000))
def test_the_cost_of_a_step_is_of_the_papers_order(u: int, lm: int, meta: int) -> None:
    calls = step_calls(utility=u, language_model=lm, meta_utility=meta)

    order = (u + lm) * meta
    assert order <= calls.utility + calls.language_model <= 2 * order
