"""What an improver session may do with a utility."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from selftaught.budget import Budget, Unit
from selftaught.errors import BudgetExceeded, ProgramError, RunCutShort
from selftaught.events import Event, Refused, SolutionScored
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.utility import Score, UtilityHandle

PLACE = Place(("t1", "propose"))


class ByLength:
    """Programs are the better the longer they are."""

    description = "def utility(solution): return len(solution)"

    def __init__(self) -> None:
        self.scored: list[str] = []

    def score(self, solution: Solution, place: Place) -> Score:
        assert place == PLACE
        self.scored.append(solution.text)
        return Score(float(len(solution.text)), (1.0, 2.0), {"error": 1}, "it failed once", 0.0)


class Session:
    """A handle, its budget and the events that it emitted."""

    def __init__(self, evaluations: int | None = 5, *, run: Budget | None = None) -> None:
        self.events: list[Event] = []
        self.utility = ByLength()
        self.run = run or Budget("run", {})
        limits = {} if evaluations is None else {Unit.EVALUATIONS: evaluations}
        self.handle = UtilityHandle(
            self.utility,
            budget=self.run.nested("session", limits),
            place=PLACE,
            listener=self.events.append,
        )

    @property
    def spent(self) -> float:
        return self.run.spent[Unit.EVALUATIONS]

    @property
    def scored(self) -> list[SolutionScored]:
        return [event for event in self.events if isinstance(event, SolutionScored)]

    @property
    def refused(self) -> list[Refused]:
        return [event for event in self.events if isinstance(event, Refused)]


def test_a_program_gets_its_score() -> None:
    session = Session()

    assert session.handle("x = 1") == 5.0
    assert session.spent == 1


def test_a_score_is_recorded_with_all_that_is_known_of_it() -> None:
    session = Session()

    session.handle("x = 1")

    assert session.scored == [
        SolutionScored(
            PLACE, Solution("x = 1"), 5.0, (1.0, 2.0), {"error": 1}, "it failed once", 0.0
        )
    ]


def test_the_handle_shows_the_description_and_the_budget() -> None:
    handle = Session(evaluations=7).handle

    assert handle.str == "def utility(solution): return len(solution)"
    assert handle.budget == 7
    assert Session(evaluations=None).handle.budget is None


def test_beyond_the_budget_the_score_is_0_and_nothing_is_run() -> None:
    session = Session(evaluations=1)
    session.handle("x = 1")

    score = session.handle("y = 22")

    assert score == 0.0
    assert session.utility.scored == ["x = 1"]
    assert [(event.scope, event.unit) for event in session.refused] == [("session", "evaluations")]


@pytest.mark.parametrize(
    "text",
    [None, "", " \n\t", 7, b"x = 1", ["x = 1"], {"x": 1}, pytest.param(10**5000, id="huge")],
)
def test_what_is_no_program_scores_0_is_charged_and_never_run(text: object) -> None:
    session = Session()

    score = session.handle(text)

    assert score == 0.0
    assert session.spent == 1
    assert session.utility.scored == []
    assert session.scored[0].message.startswith("no program: ")


@pytest.mark.parametrize("text", ["x = '\ud800\0'", "é☃" * 1000, "not python ("])
def test_any_text_is_judged_by_the_utility(text: str) -> None:
    session = Session()

    session.handle(text)

    assert session.utility.scored == [Solution(text).text]


def test_map_keeps_the_order() -> None:
    session = Session(evaluations=40)
    texts = ["x" * length for length in range(1, 41)]

    scores = session.handle.map(texts)

    assert scores == [float(length) for length in range(1, 41)]
    assert session.spent == 40


def test_map_scores_the_first_ones_where_the_budget_does_not_hold_all() -> None:
    session = Session(evaluations=3)
    session.handle("x = 1")

    scores = session.handle.map(["a", None, "ccc", "dddd"])

    assert scores == [1.0, 0.0, 0.0, 0.0]
    assert session.utility.scored == ["x = 1", "a"]
    assert session.spent == 3
    assert len(session.refused) == 2


def test_map_of_nothing_is_nothing() -> None:
    session = Session()

    assert session.handle.map([]) == []
    assert session.handle.map(()) == []


def test_map_of_far_more_than_the_budget_holds_is_the_programs_error() -> None:
    session = Session(evaluations=3)

    with pytest.raises(ProgramError, match="1000000 programs to score; the budget holds 3"):
        session.handle.map(["x"] * 1_000_000)

    assert session.spent == 0


@pytest.mark.parametrize("texts", ["abc", {"a": 1}, {"a"}, None, 5])
def test_map_of_what_is_no_list_is_the_programs_error(texts: object) -> None:
    session = Session()

    with pytest.raises(ProgramError, match="map takes a list of programs"):
        session.handle.map(texts)  # type: ignore[arg-type]

    assert session.spent == 0


def test_an_unlimited_session_maps_as_many_as_it_likes() -> None:
    session = Session(evaluations=None)

    assert session.handle.map(["x"] * 100) == [1.0] * 100


def test_an_outer_scope_that_is_spent_is_raised_and_recorded() -> None:
    session = Session(run=Budget("run", {Unit.EVALUATIONS: 1}))
    session.handle("x = 1")

    with pytest.raises(BudgetExceeded) as caught:
        session.handle("x = 1")

    assert caught.value.scope == "run"
    assert [event.scope for event in session.refused] == ["run"]


def test_an_outer_scope_that_is_spent_ends_a_map() -> None:
    session = Session(run=Budget("run", {Unit.EVALUATIONS: 2}))

    with pytest.raises(BudgetExceeded):
        session.handle.map(["a", "b", "c"])

    assert session.spent == 2


def test_a_run_that_was_stopped_scores_nothing_more() -> None:
    session = Session()
    session.run.close("interrupted")

    with pytest.raises(RunCutShort, match="interrupted"):
        session.handle("x = 1")


def test_a_utility_that_fails_is_not_charged() -> None:
    class Broken(ByLength):
        def score(self, solution: Solution, place: Place) -> Score:
            raise ConnectionError(f"{solution.id} at {place}")

    budget = Budget("session", {Unit.EVALUATIONS: 1})
    handle = UtilityHandle(Broken(), budget=budget, place=PLACE, listener=[].append)

    with pytest.raises(ConnectionError):
        handle("x = 1")

    assert budget.spent[Unit.EVALUATIONS] == 0


def test_threads_never_get_more_scores_than_the_budget_holds() -> None:
    session = Session(evaluations=50)
    barrier = threading.Barrier(32)

    def work(_: int) -> list[float]:
        barrier.wait()
        return [session.handle("x"), *session.handle.map(["y", "z", "w"])]

    with ThreadPoolExecutor(32) as pool:
        scores = [score for served in pool.map(work, range(32)) for score in served]

    assert len(scores) == 128
    assert sum(scores) == len(session.utility.scored) == len(session.scored) == 50
    assert session.spent == 50
