"""Improvers that the editor writes: they run, within their budgets, and better ones exist."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from tests.language_models.editor.conftest import (
    IMPROVER,
    META_UTILITY,
    SCHEDULER,
    SCHEDULING,
    ask,
    function_of,
    programs,
    request,
)

from selftaught.client import replies_of
from selftaught.errors import BudgetExceeded
from selftaught.language_models.editor import Editor

CALLS, SAMPLES, EVALUATIONS = 3, 3, 12


@dataclass
class Utility:
    """Scheduling, on three instances; 0 beyond the budget."""

    budget: int = EVALUATIONS
    str: str = SCHEDULING
    used: int = 0

    def __call__(self, solution: object) -> float:
        self.used += 1
        return rate(solution) if self.used <= self.budget and isinstance(solution, str) else 0.0

    def map(self, solutions: Sequence[object]) -> list[float]:
        return [self(solution) for solution in solutions]


@dataclass
class LanguageModel:
    """The editor within a budget of calls."""

    stream: str
    budget: int = CALLS
    max_responses_per_call: int = SAMPLES
    asked: list[str] = field(default_factory=list)
    temperatures: list[float] = field(default_factory=list)
    calls: int = 0

    def batch_prompt(
        self, expertise: str, messages: Sequence[str], temperature: float = 0.7
    ) -> list[str]:
        assert expertise
        self.calls += 1
        if self.calls > self.budget or len(messages) > self.max_responses_per_call:
            raise BudgetExceeded("session", "calls", "no call is left")
        start = len(self.asked)
        self.asked += messages
        self.temperatures.append(temperature)
        requests = [
            request(f"{message} {self.stream}", start + number, temperature=temperature)
            for number, message in enumerate(messages)
        ]
        return [reply.text for reply in replies_of(Editor(), requests)]


def rate(solution: str) -> float:
    try:
        scorer = function_of(SCHEDULING, "score")
        instance = function_of(SCHEDULING, "instance")
        algorithm: Callable[..., object] = function_of(solution)
        pairs = [instance(seed) for seed in range(3)]
        return statistics.mean(scorer(algorithm(*given), expected) for given, expected in pairs)
    except Exception:  # noqa: BLE001 - some replies are broken: they score 0, as in a run
        return 0.0


def improved(improver: str, stream: str = "") -> tuple[float, LanguageModel]:
    language_model = LanguageModel(stream)
    try:
        improve = function_of(improver, "improve_algorithm")
        return rate(improve(SCHEDULER, Utility(), language_model)), language_model
    except Exception:  # noqa: BLE001 - as above
        return 0.0, language_model


@pytest.fixture(scope="module")
def candidates() -> list[str]:
    return programs(ask(IMPROVER, META_UTILITY, "Be creative. Write a better improver."), 25)


@pytest.mark.usefixtures("helpers")
def test_most_improvers_it_writes_work_within_their_budgets(candidates: list[str]) -> None:
    scores = [improved(candidate)[0] for candidate in candidates]

    assert statistics.mean(score > 0 for score in scores) >= 0.6


@pytest.mark.usefixtures("helpers")
def test_rounds_are_among_the_ideas_and_pay(candidates: list[str]) -> None:
    seed = statistics.mean(improved(IMPROVER, stream)[0] for stream in "abc")
    many = [each for each in candidates if "for round_number in" in each][:4]

    best = max(
        statistics.mean(improved(candidate, stream)[0] for stream in "abc") for candidate in many
    )

    assert best > seed


@pytest.mark.usefixtures("helpers")
def test_improvers_come_to_ask_at_other_temperatures_and_in_other_words(
    candidates: list[str],
) -> None:
    models = [improved(candidate)[1] for candidate in candidates]

    assert len({temperature for model in models for temperature in model.temperatures}) >= 3
    assert len({model.asked[0].rsplit("```", 1)[-1] for model in models if model.asked}) >= 3


def test_a_good_score_makes_changes_smaller() -> None:
    def actions(score: float) -> float:
        message = f"Solution, score {score}:\n```python\n{program('jobs', 2, 9)}\n```\nBetter?"
        replies = replies_of(Editor(), [request(message, index) for index in range(60)])
        return statistics.mean(reply.text.count("; then ") for reply in replies)

    assert actions(0.9) < actions(0.1)


def test_careful_requests_get_smaller_changes_than_bold_ones() -> None:
    def actions(wish: str) -> float:
        message = ask(SCHEDULER, SCHEDULING, wish)
        replies = replies_of(Editor(), [request(message, index) for index in range(60)])
        return statistics.mean(reply.text.count("; then ") for reply in replies)

    assert actions("Make one small, careful change.") < actions("Be bold, creative and novel.")


def program(order: str, start: int, turns: int) -> str:
    return (
        f"def better({order}, number):\n    return {order}[number:] + {order}[:{start}]\n\n"
        f"def algorithm({order}):\n    for number in range({turns}):\n"
        f"        {order} = better({order}, number)\n    return {order}"
    )


def test_two_parents_are_combined_when_that_is_asked_for() -> None:
    other = f"Another solution:\n```python\n{program('jobs', 2, 9)}\n```\nCombine both."
    message = ask(program("jobs", 1, 4), SCHEDULING, other)

    replies = replies_of(Editor(), [request(message, index) for index in range(20)])

    actions = [reply.text.partition("\n")[0] for reply in replies]
    assert any("other solution" in text or "both solutions" in text for text in actions)


def test_the_better_of_two_parents_is_edited_more_often() -> None:
    message = (
        f"Solution, score 0.2:\n```python\n{program('poor', 2, 9)}\n```\n"
        f"Solution, score 0.7:\n```python\n{program('good', 1, 4)}\n```\n"
    )

    replies = [
        reply.text for reply in replies_of(Editor(), [request(message, n) for n in range(40)])
    ]

    edited = [text.partition("algorithm(")[2][:4] for text in replies]
    assert edited.count("good") > 1.5 * edited.count("poor") > 0
