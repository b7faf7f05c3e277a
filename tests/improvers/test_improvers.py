"""The reference improvers, as programs in the real sandbox."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

import pytest

from selftaught.budget import Budget, Unit
from selftaught.events import Attempted, Event, Refused, SolutionScored
from selftaught.host import Host
from selftaught.improver import ENTRY, Improvement, improve
from selftaught.improvers import KNOWN
from selftaught.language_model import Client, Request
from selftaught.language_models.editor import Editor
from selftaught.language_models.scripted import Scripted
from selftaught.meta_utility import SessionBudget, open_session
from selftaught.parts import improver_summary, known_improver
from selftaught.place import Place
from selftaught.sandbox import Status
from selftaught.sandboxes.local import LocalSandbox
from selftaught.solution import Solution
from selftaught.task import Split, Task, TaskUtility

SMALLEST = SessionBudget(calls=1, samples_per_call=1, evaluations=1)
USUAL = SessionBudget()
BUDGETS = [
    SMALLEST,
    SessionBudget(calls=1, samples_per_call=1, evaluations=2),
    SessionBudget(calls=1, samples_per_call=6, evaluations=1),
    SessionBudget(calls=4, samples_per_call=1, evaluations=25),
    SessionBudget(calls=2, samples_per_call=6, evaluations=3),
    USUAL,
]


def instance(seed: int) -> tuple[tuple[object, ...], object]:
    """Draw numbers; the largest is looked for."""
    numbers = [seed % 97, seed % 89, seed % 83]
    return (numbers,), max(numbers)


def score(answer: object, expected: object) -> float:
    """Return 1 for the largest number, less for a smaller one."""
    assert isinstance(answer, int)
    assert isinstance(expected, int)
    return answer / expected if 0 <= answer <= expected else 0.0


SEED = "def algorithm(numbers):\n    best = numbers[0]\n    return best"
BEST = "def algorithm(numbers):\n    return max(numbers)"
TASK = Task.from_functions(instance, score, seed=SEED, id="largest", title="Find the largest.")


class Session:
    """One application of an improver to the task."""

    def __init__(self, improvement: Improvement, budget: Budget, events: list[Event]) -> None:
        self.improvement = improvement
        self.budget = budget
        self.events = events

    @property
    def text(self) -> str | None:
        solution = self.improvement.solution
        return solution.text if solution else None

    def count(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.events)

    @property
    def scores(self) -> dict[str, float]:
        return {
            event.solution.text: event.score
            for event in self.events
            if isinstance(event, SolutionScored)
        }


Apply = Callable[[str, Client | Callable[[Request], str] | Sequence[str], SessionBudget], Session]


@pytest.fixture
def apply(real_sandbox: LocalSandbox, executor: Executor) -> Apply:
    def run(
        name: str, model: Client | Callable[[Request], str] | Sequence[str], limits: SessionBudget
    ) -> Session:
        events: list[Event] = []
        budget = Budget("run", {})
        client = model if isinstance(model, Editor) else Scripted(model)  # type: ignore[arg-type]
        host = Host(client, real_sandbox, executor, events.append, budget)
        utility = TaskUtility(TASK, host, split=Split.SEARCH, stream="test")
        session = open_session(TASK.seed, utility, limits, host, Place(("t0",)), "test")
        return Session(improve(known_improver(name), session, host=host), budget, events)

    return run


def fenced(program: str) -> str:
    return f"An idea.\n```python\n{program}\n```"


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("limits", BUDGETS, ids=str)
def test_an_improver_stays_within_any_budget(
    apply: Apply, name: str, limits: SessionBudget
) -> None:
    session = apply(name, Editor(seed=1), limits)

    # The seed improver is the paper's: it picks among replies, and there may be none.
    assert session.text or name == "seed"
    assert session.improvement.outcome.status in (Status.OK, Status.BAD_ANSWER)
    assert session.count(Refused) == 0
    assert session.count(Attempted) == 0
    assert session.budget.spent[Unit.CALLS] <= limits.calls
    assert session.budget.spent[Unit.SAMPLES] <= limits.calls * limits.samples_per_call
    assert session.budget.spent[Unit.EVALUATIONS] <= limits.evaluations


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("limits", BUDGETS, ids=str)
def test_an_improver_survives_replies_without_code(
    apply: Apply, name: str, limits: SessionBudget
) -> None:
    session = apply(name, lambda _: "I am sorry, but I have no idea.", limits)

    # The seed improver is the paper's: it picks among replies, and there is none.
    assert session.text == (None if name == "seed" else SEED)
    assert session.improvement.outcome.status in (Status.OK, Status.BAD_ANSWER)
    assert session.count(Refused) == 0


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize(
    "reply",
    [
        "",
        "```",
        "```python\n```",
        fenced("def algorithm("),
        fenced("x = '\ud800\0'"),
        fenced("1 / 0"),
    ],
    ids=["empty", "fence", "empty block", "broken", "hostile", "raises"],
)
def test_an_improver_survives_useless_replies(apply: Apply, name: str, reply: str) -> None:
    session = apply(name, lambda _: reply, USUAL)

    assert session.text or name == "seed"
    assert session.improvement.outcome.status in (Status.OK, Status.BAD_ANSWER)
    assert session.count(Refused) == 0


@pytest.mark.parametrize("name", KNOWN)
def test_an_improver_finds_the_good_reply_among_bad_ones(apply: Apply, name: str) -> None:
    replies = ["no code", fenced("broken ("), fenced(SEED), fenced(BEST), "```\n```", ""] * 4

    session = apply(name, replies, USUAL)

    assert session.text == BEST


@pytest.mark.parametrize("name", KNOWN)
def test_an_improver_returns_the_best_of_what_it_scored(apply: Apply, name: str) -> None:
    session = apply(name, Editor(seed=2), USUAL)

    assert session.text
    assert session.scores[session.text] == max(session.scores.values())


@pytest.mark.parametrize("name", KNOWN)
def test_an_improver_shows_solution_and_utility_and_takes_all_samples(
    apply: Apply, name: str
) -> None:
    asked: list[Request] = []

    def reply(request: Request) -> str:
        asked.append(request)
        return fenced(BEST)

    session = apply(name, reply, SessionBudget(calls=1, samples_per_call=5, evaluations=25))

    assert len(asked) == 5
    assert session.budget.spent[Unit.CALLS] == 1
    assert SEED in asked[0].message
    assert TASK.describe().strip() in asked[0].message


@pytest.mark.parametrize("name", KNOWN)
def test_an_improver_imports_nothing_of_ours(name: str) -> None:
    program = known_improver(name)

    imported = set[str]()
    for node in ast.walk(ast.parse(program.text)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")

    assert not any(module.startswith("selftaught") for module in imported)


@pytest.mark.parametrize("name", KNOWN)
def test_an_improver_is_one_short_function_that_says_what_it_does(name: str) -> None:
    program = known_improver(name)

    functions = [n.name for n in ast.parse(program.text).body if isinstance(n, ast.FunctionDef)]

    assert functions == [ENTRY]
    assert len(program.text.splitlines()) <= 80
    assert improver_summary(program).endswith(".")


def test_every_improver_is_known_by_its_file() -> None:
    assert all(isinstance(known_improver(name), Solution) for name in KNOWN)
    assert list(KNOWN) == sorted(KNOWN)
