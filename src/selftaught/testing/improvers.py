"""What every improver must do: a suite to subclass, and to give the fixtures that it asks for.

Example::

    @pytest.fixture(scope="module")
    def sandbox():
        with LocalSandbox(workers=2) as sandbox:
            yield sandbox

    @pytest.fixture
    def improver():
        return Solution(Path("my_improver.py").read_text())

    class TestMyImprover(ImproverConformance):
        pass

An improver that departs from a rule on purpose overrides that test, and says there what it does.
"""

from __future__ import annotations

import random
import time
import zlib
from dataclasses import replace

import pytest

from selftaught.budget import Unit
from selftaught.client import Request
from selftaught.events import Attempted, Refused
from selftaught.host import Host
from selftaught.improver import ENTRY
from selftaught.meta_utility import Measurement, MetaUtility, SessionBudget
from selftaught.place import Place
from selftaught.sandbox import Sandbox, Status
from selftaught.solution import Solution
from selftaught.task import Split, Task
from selftaught.task_utility import TaskUtility
from selftaught.testing.applications import (
    INITIAL,
    USUAL,
    Applied,
    Failing,
    Stated,
    Unannounced,
    apply,
    fenced,
)
from selftaught.utility import Score, Utility

SMALLEST = SessionBudget(calls=1, samples_per_call=1, evaluations=1)
BUDGETS = (
    SMALLEST,
    SessionBudget(calls=1, samples_per_call=1, evaluations=2),
    SessionBudget(calls=1, samples_per_call=6, evaluations=1),
    SessionBudget(calls=6, samples_per_call=1, evaluations=25),
    SessionBudget(calls=1, samples_per_call=30, evaluations=25),
    SessionBudget(calls=2, samples_per_call=6, evaluations=3),
    SessionBudget(calls=3, samples_per_call=2, evaluations=4),
    USUAL,
)
"""From a single call, sample and evaluation to the paper's."""
ENDLESS = Unannounced(samples_per_call=2, limits={})
"""No limit at all."""

_NO_CODE = "I am sorry, but I have no idea."
_USELESS = {
    "nothing": "",
    "fence": "```",
    "empty block": "```python\n```",
    "unclosed": "```python\ndef algorithm():\n    return (",
    "broken": fenced("def algorithm("),
    "nested": fenced("'''\n```python\n```\n```python"),
    "unicode": fenced("# \ud800 \0 \u202e 🙂 é\nx = '\ud800\0\u2028'"),
    "raises": fenced("1 / 0"),
    "deep": fenced("x = " + "(" * 5000 + ")" * 5000),
    "fences": "```\n" * 3000,
    "huge": fenced("# " + "large " * 200_000),
}
"""Replies that hold no program, or none that works."""


def varied(request: Request) -> str:
    """Replies with programs of all qualities; some do not parse, some are none."""
    parts = (request.expertise, request.message, request.temperature, request.index)
    number = zlib.crc32(repr(parts).encode("utf-8", "replace"))
    if number % 9 == 0:
        return _NO_CODE
    program = f"def algorithm():\n    return 0.{number % 1000:03}"
    if f"def {ENTRY}" in request.message:
        program = _IMPROVER.format(repr(program))
    return fenced(program + "(" * (number % 7 == 0))


_IMPROVER = f"def {ENTRY}(initial_solution, utility, language_model):\n    return {{}}"


class ImproverConformance:
    """The contract of an improver. Needs the fixtures ``improver`` and ``sandbox``."""

    @pytest.mark.parametrize("session", BUDGETS, ids=str)
    def test_it_stays_within_any_budget(
        self, improver: Solution, sandbox: Sandbox, session: SessionBudget
    ) -> None:
        applied = apply(improver, sandbox, varied, session=session)

        assert applied.improvement.outcome.message == ""
        assert applied.count(Refused) == applied.count(Attempted) == 0
        assert applied.spent[Unit.CALLS] <= session.calls
        assert applied.spent[Unit.EVALUATIONS] <= session.evaluations
        assert_best(applied)

    @pytest.mark.parametrize("session", [SMALLEST, USUAL, ENDLESS], ids=str)
    def test_without_code_in_the_replies_the_solution_stays(
        self, improver: Solution, sandbox: Sandbox, session: SessionBudget
    ) -> None:
        applied = apply(improver, sandbox, lambda _: _NO_CODE, session=session)

        assert applied.text == INITIAL
        assert applied.count(Refused) == 0

    @pytest.mark.parametrize("reply", _USELESS.values(), ids=_USELESS)
    def test_it_survives_useless_replies_within_its_cpu_time(
        self, improver: Solution, sandbox: Sandbox, reply: str
    ) -> None:
        applied = apply(improver, sandbox, lambda _: reply)

        assert applied.improvement.outcome.message == ""
        assert applied.text == INITIAL
        assert applied.count(Refused) == 0

    @pytest.mark.parametrize("score", ["0.6", "0.2"], ids=["better", "worse"])
    def test_the_same_reply_again_and_again_is_judged_by_its_score(
        self, improver: Solution, sandbox: Sandbox, score: str
    ) -> None:
        program = f"def algorithm():\n    return {score}"

        applied = apply(improver, sandbox, lambda _: fenced(program))

        assert applied.count(Refused) == 0
        assert_best(applied)

    def test_it_finds_the_good_reply_among_bad_ones(
        self, improver: Solution, sandbox: Sandbox
    ) -> None:
        best = "def algorithm():\n    return 0.9"
        bad = [text for name, text in _USELESS.items() if name != "huge"]
        replies = iter([*bad[:3], fenced(best), fenced(INITIAL), *bad * 10])

        applied = apply(improver, sandbox, lambda _: next(replies))

        assert applied.text == best

    def test_it_ends_where_nothing_is_limited(self, improver: Solution, sandbox: Sandbox) -> None:
        applied = apply(improver, sandbox, varied, session=ENDLESS)

        assert applied.improvement.outcome.message == ""
        assert_best(applied)

    def test_a_limit_that_was_not_announced_costs_nothing_that_was_found(
        self, improver: Solution, sandbox: Sandbox
    ) -> None:
        limits = {Unit.CALLS: 4, Unit.SAMPLES: 7, Unit.EVALUATIONS: 25}

        applied = apply(improver, sandbox, varied, session=Unannounced(limits=limits))

        assert applied.improvement.outcome.message == ""
        assert_best(applied)

    def test_a_utility_that_fails_leaves_the_solution_as_it_is(
        self, improver: Solution, sandbox: Sandbox
    ) -> None:
        applied = apply(improver, sandbox, varied, utility=lambda _: Failing())

        assert applied.text == INITIAL

    def test_the_same_seed_gives_the_same_result_whatever_is_done_first(
        self, improver: Solution, sandbox: Sandbox
    ) -> None:
        first, second = (
            apply(improver, sandbox, varied, utility=lambda _: _Unsteady()) for _ in range(2)
        )

        assert first.text == second.text
        assert first.scores == second.scores
        assert [sorted(map(str, call)) for call in first.calls] == [
            sorted(map(str, call)) for call in second.calls
        ]

    def test_it_improves_a_function(self, improver: Solution, sandbox: Sandbox) -> None:
        applied = apply(
            improver,
            sandbox,
            varied,
            utility=lambda host: TaskUtility(_TASK, host, split=Split.SEARCH, stream="s"),
        )

        assert applied.improvement.solution
        assert applied.improvement.solution.defines("algorithm")
        assert_best(applied)

    def test_it_improves_an_improver(self, improver: Solution, sandbox: Sandbox) -> None:
        applied = apply(
            improver,
            sandbox,
            varied,
            session=SessionBudget(calls=2, samples_per_call=3, evaluations=7),
            initial=_IMPROVER.format("initial_solution"),
            utility=_meta_utility,
        )

        assert applied.improvement.solution
        assert applied.improvement.solution.defines(ENTRY)
        assert_best(applied)


def assert_best(applied: Applied) -> None:
    """Asserts that what was returned is the best of what was scored, where anything was."""
    assert applied.improvement.outcome.status is Status.OK
    assert applied.text
    if applied.scores:
        assert applied.scores.get(applied.text, 0.0) == max(applied.scores.values())


class _Unsteady(Stated):
    """Takes its time, and not always the same."""

    def score(self, solution: Solution, place: Place) -> Score:
        time.sleep(random.SystemRandom().random() / 500)
        return super().score(solution, place)


def _instance(seed: int) -> tuple[tuple[object, ...], object]:
    return (), seed


def _score(answer: object, expected: object) -> float:  # noqa: ARG001 - see `Task`
    assert isinstance(answer, float)
    return answer


_TASK = replace(
    Task.from_functions(_instance, _score, seed=INITIAL, id="number"),
    counts=dict.fromkeys(Split, 2),
)


def _meta_utility(host: Host) -> Utility:
    return MetaUtility(
        (_TASK,),
        search=Measurement(Split.SEARCH, "all", 1),
        session=SessionBudget(calls=1, samples_per_call=2, evaluations=3),
        evaluations=7,
        host=host,
    )
