"""How good an improver is: sessions, their streams and their budgets."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

import pytest

from selftaught.budget import Budget, Unit
from selftaught.client import Request
from selftaught.errors import RunCutShort
from selftaught.events import Event, ReplyReceived, SessionEnded, SessionScored, SolutionScored
from selftaught.host import Host
from selftaught.language_models.scripted import Scripted
from selftaught.meta_utility import Measurement, MetaUtility, SessionBudget, describe
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.task import Split, Task
from selftaught.testing.inline import InlineSandbox

PLACE = Place(("t1", "propose"))
SEARCH = Measurement(Split.SEARCH, "all", 3)
GATE = Measurement(Split.GATE, "t1", 3)
SESSION = SessionBudget(calls=2, samples_per_call=3, evaluations=4)
SEED = "def algorithm(x):\n    return 0.25"


def instance(seed: int) -> tuple[tuple[object, ...], object]:
    return (seed % 1000 / 1000,), seed


def score(answer: object, expected: object) -> float:
    assert isinstance(answer, float)
    assert isinstance(expected, int)
    return answer


def task(id: str, floor: float = 0.0) -> Task:  # noqa: A002
    return replace(Task.from_functions(instance, score, seed=SEED, id=id), floor=floor)


def returning(program: str, extra: str = "pass") -> Solution:
    return Solution(
        f"def improve_algorithm(initial_solution, utility, language_model):\n    {extra}\n"
        f"    return {program!r}"
    )


KEEPING = Solution(
    "def improve_algorithm(initial_solution, utility, language_model):\n    return initial_solution"
)
ASKING = Solution(
    "def improve_algorithm(initial_solution, utility, language_model):\n"
    "    utility(initial_solution)\n"
    "    return language_model.prompt('expert', 'Improve', 2)[1]"
)
CONSTANT = returning("def algorithm(x):\n    return 0.75")
SHOWING = returning("def algorithm(x):\n    return x")


def noisy(request: Request) -> str:
    value = random.Random(f"{request.stream} {request.index}").random()
    return f"def algorithm(x):\n    return {value}"


class Measured:
    """A meta-utility, and all that its host was told."""

    def __init__(
        self,
        executor: Executor,
        *tasks: Task,
        limits: dict[Unit, float] | None = None,
        seed: int = 0,
    ) -> None:
        self.events: list[Event] = []
        self.budget = Budget("run", limits or {})
        host = Host(
            Scripted(noisy), InlineSandbox(), executor, self.events.append, self.budget, seed
        )
        self.meta_utility = MetaUtility(
            tasks or (task("own"),), search=SEARCH, session=SESSION, evaluations=5, host=host
        )

    def measure(
        self, improver: Solution, measurement: Measurement = SEARCH, place: Place = PLACE
    ) -> tuple[float, ...]:
        return self.meta_utility.measure(improver, measurement, place)

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def streams(self) -> list[str]:
        return [event.stream for event in self.events if isinstance(event, ReplyReceived)]


Measure = Callable[..., Measured]


@pytest.fixture
def measured(executor: Executor) -> Measure:
    return lambda *tasks, **options: Measured(executor, *tasks, **options)


def test_the_meta_utility_is_the_mean_utility_of_what_is_returned(measured: Measure) -> None:
    result = measured(task("a"), task("b")).meta_utility.score(CONSTANT, PLACE)

    assert result.value == 0.75
    assert result.instances == (0.75,) * 6


def test_scores_stand_task_by_task_and_repeat_by_repeat(measured: Measure) -> None:
    run = measured(task("a"), task("b", floor=0.5))

    scores = run.measure(returning("broken ("))

    assert scores == (0.0, 0.0, 0.0, 0.5, 0.5, 0.5)
    told = {(event.task, event.repeat): event.score for event in run.of(SessionScored)}
    assert told == {(name, n): (0.0, 0.5)[name == "b"] for name in "ab" for n in range(3)}


def test_every_session_has_a_place_of_its_own(measured: Measure) -> None:
    run = measured(task("a"), task("b"))

    run.meta_utility.score(CONSTANT, PLACE)

    places = {str(event.place) for event in run.of(SessionEnded)}
    assert places == {
        f"t1/propose/{CONSTANT.id}/{name}/{repeat}" for name in "ab" for repeat in range(3)
    }


def test_improvers_are_compared_on_the_same_instances_and_the_same_randomness(
    measured: Measure,
) -> None:
    run = measured()
    other = Solution(f"{ASKING.text}  # another")

    first, second = run.measure(ASKING), run.measure(other)
    shown, again = run.measure(SHOWING), run.measure(Solution(f"{SHOWING.text}  # another"))

    assert first == second
    assert shown == again
    assert len(set(first)) == len(set(shown)) == 3


def test_sessions_splits_and_measurements_have_streams_of_their_own(measured: Measure) -> None:
    run = measured(task("a"), task("b"))

    for measurement in (SEARCH, GATE, replace(GATE, name="t2")):
        run.measure(ASKING, measurement)

    assert len(set(run.streams)) == 18
    assert len(run.streams) == 36


def test_the_result_is_scored_on_its_split_and_the_search_on_its_own(measured: Measure) -> None:
    run = measured()
    shows_search = Solution(
        "def improve_algorithm(initial_solution, utility, language_model):\n"
        "    score = utility('def algorithm(x): return x')\n"
        "    return f'def algorithm(x):\\n    return x if x != {score} else 0.0'"
    )

    on_search = run.measure(shows_search, SEARCH)
    on_gate = run.measure(shows_search, GATE)

    searched = [event.score for event in run.of(SolutionScored) if event.place.path[-1] != "result"]
    assert sorted(on_search) == sorted(searched[:3])
    assert set(on_gate).isdisjoint(searched)


def test_every_session_has_a_fresh_budget(measured: Measure) -> None:
    run = measured()
    exhausting = returning(
        SEED, "[language_model.prompt('e', 'm', 3) for _ in range(2)] + utility.map(['x'] * 4)"
    )

    scores = run.measure(exhausting)

    assert scores == (0.25,) * 3
    assert run.budget.spent[Unit.CALLS] == 6
    assert run.budget.spent[Unit.SAMPLES] == 18
    assert run.budget.spent[Unit.EVALUATIONS] == 15


def test_a_session_cannot_spend_more_than_its_budget(measured: Measure) -> None:
    run = measured()
    greedy = returning(SEED, "[language_model.prompt('e', 'm') for _ in range(3)]")

    scores = run.measure(greedy)

    assert scores == (0.0,) * 3
    ended = run.of(SessionEnded)
    assert all("the session may spend 2 calls" in event.message for event in ended)


def test_the_score_of_the_result_is_told_and_charged_to_the_run(measured: Measure) -> None:
    run = measured()

    scores = run.measure(CONSTANT)

    told = [event.score for event in run.of(SolutionScored)]
    assert sorted(told) == sorted(scores)
    assert run.budget.spent[Unit.EVALUATIONS] == 3


def test_an_improver_is_measured_once(measured: Measure) -> None:
    run = measured()

    first = run.measure(ASKING)
    second = run.measure(ASKING, place=Place(("t2", "search")))
    third = run.meta_utility.score(Solution(f"\n{ASKING.text}\n"), PLACE).instances

    assert first == second == third
    assert len(run.of(SessionEnded)) == 3
    assert run.budget.spent[Unit.CALLS] == 3


@pytest.mark.parametrize(
    "program",
    ["", "broken (", "x = 1", "def improve(s, u, l): return s", "x = '\0'", "'" + "é" * 10_000],
)
def test_what_is_no_improver_scores_0_without_a_session(measured: Measure, program: str) -> None:
    run = measured()

    result = run.meta_utility.score(Solution(program), PLACE)

    assert result.value == 0.0
    assert result.instances == (0.0,) * 3
    assert run.events == []


@pytest.mark.parametrize("returned", ["None", "7", "1 / 0", "''"])
def test_an_improver_that_fails_scores_0_whatever_the_floor(
    measured: Measure, returned: str
) -> None:
    text = (
        f"def improve_algorithm(initial_solution, utility, language_model):\n    return {returned}"
    )

    assert measured(task("a", floor=0.5)).measure(Solution(text)) == (0.0,) * 3


def test_an_improver_that_changes_nothing_scores_as_the_seed_solution(measured: Measure) -> None:
    assert measured().measure(KEEPING) == (0.25,) * 3


def test_the_same_seed_gives_the_same_scores_and_another_seed_others(measured: Measure) -> None:
    first, again, other = (measured(seed=seed).measure(SHOWING) for seed in (1, 1, 2))

    assert first == again
    assert set(first).isdisjoint(other)


def test_within_another_scope_the_same_is_charged_there(measured: Measure) -> None:
    run = measured()
    generation = run.budget.nested("generation 1", {Unit.CALLS: 2})

    with pytest.raises(RunCutShort, match="the generation 1 may spend 2 calls"):
        run.meta_utility.within(generation).measure(ASKING, SEARCH, PLACE)

    assert generation.spent[Unit.CALLS] == 2
    assert len(run.measure(ASKING)) == 3


def test_a_limit_of_the_run_cuts_it_short(measured: Measure) -> None:
    run = measured(limits={Unit.SAMPLES: 3})

    with pytest.raises(RunCutShort, match="the run may spend 3 samples"):
        run.measure(ASKING)


def test_the_description_is_python_and_states_the_budgets() -> None:
    description = describe(20, SessionBudget(calls=7, samples_per_call=8, evaluations=9), 11)

    ast.parse(description)
    assert "At most 11 improvers can be scored" in description
    assert "sample_tasks(20)" in description
    assert "At most 7 calls, each for at most 8 samples" in description
    assert "LanguageModel(\n                budget=7, max_responses_per_call=8" in description
    assert "At most 9 evaluations; beyond that the utility is 0" in description
    assert "utility.map(solutions)" in description


def test_the_description_shows_no_task(measured: Measure) -> None:
    description = measured(task("a"), task("b")).meta_utility.description

    assert "sample_tasks(6)" in description
    assert "def score" not in description
    assert "algorithm(x)" not in description


SOMETIMES = returning(
    "def algorithm(x):\n    return 0.5",
    "import random\n    if random.random() < 0.5: raise RuntimeError('bad luck')",
)
"""Fails in some sessions: its randomness follows from the stream."""


def test_a_session_without_a_program_costs_only_itself(executor: Executor) -> None:
    measured = Measured(executor)

    score = measured.meta_utility.score(SOMETIMES, PLACE)

    assert set(score.instances) == {0.0, 0.5}
    assert score.value == pytest.approx(sum(score.instances) / 3)
    failed = [event.failed for event in measured.events if isinstance(event, SessionScored)]
    assert sorted(failed) == sorted(value == 0.0 for value in score.instances)


def test_in_the_research_code_it_makes_the_whole_call_0(executor: Executor) -> None:
    official = replace(Measured(executor).meta_utility, failure_is_zero=True)

    assert official.score(SOMETIMES, PLACE).value == 0.0
    assert official.score(CONSTANT, PLACE).value == 0.75
