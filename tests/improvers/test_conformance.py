"""The contract of an improver, for every one that comes with the package."""

from __future__ import annotations

import pytest

from selftaught.budget import Unit
from selftaught.events import Attempted, Refused
from selftaught.improvers import KNOWN
from selftaught.meta_utility import SessionBudget
from selftaught.parts import known_improver
from selftaught.sandbox import Sandbox, Status
from selftaught.solution import Solution
from selftaught.testing.applications import INITIAL, Failing, apply, fenced
from selftaught.testing.improvers import SMALLEST, ImproverConformance, varied

OWN_WAYS = ("chain_of_thought", "seed")


class TestImprovers(ImproverConformance):
    @pytest.fixture(params=[name for name in KNOWN if name not in OWN_WAYS])
    def improver(self, request: pytest.FixtureRequest) -> Solution:
        return known_improver(request.param)


class TestChainOfThought(ImproverConformance):
    @pytest.fixture
    def improver(self) -> Solution:
        return known_improver("chain_of_thought")

    def test_it_finds_the_good_reply_among_bad_ones(
        self, improver: Solution, sandbox: Sandbox
    ) -> None:
        """It has one attempt, and does not know whether that is good."""
        poor = "def algorithm():\n    return 0.1"

        applied = apply(improver, sandbox, lambda _: fenced(poor))

        assert applied.text == poor
        assert applied.spent[Unit.SAMPLES] == 1
        assert applied.spent[Unit.EVALUATIONS] == 0


class TestSeed(ImproverConformance):
    """The paper's: it picks among the replies, whatever they are, and keeps nothing else."""

    @pytest.fixture
    def improver(self) -> Solution:
        return known_improver("seed")

    @pytest.mark.parametrize("session", [SMALLEST, SessionBudget()], ids=str)
    def test_without_code_in_the_replies_the_solution_stays(
        self, improver: Solution, sandbox: Sandbox, session: SessionBudget
    ) -> None:
        applied = apply(improver, sandbox, lambda _: "no code", session=session)

        assert applied.improvement.outcome.status is Status.BAD_ANSWER
        assert applied.count(Refused) == applied.count(Attempted) == 0

    @pytest.mark.parametrize("reply", ["", "```", fenced("algorithm("), fenced("1 / 0")])
    def test_it_survives_useless_replies_within_its_cpu_time(
        self, improver: Solution, sandbox: Sandbox, reply: str
    ) -> None:
        applied = apply(improver, sandbox, lambda _: reply)

        assert applied.text != INITIAL
        assert applied.improvement.outcome.status in (Status.OK, Status.BAD_ANSWER)
        assert applied.count(Refused) == 0

    def test_a_utility_that_fails_leaves_the_solution_as_it_is(
        self, improver: Solution, sandbox: Sandbox
    ) -> None:
        """It has no other plan."""
        applied = apply(improver, sandbox, varied, utility=lambda _: Failing())

        assert applied.improvement.outcome.status is Status.ERROR
