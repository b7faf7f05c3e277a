"""One application of an improver to something cheap, and all that was asked, scored and refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from selftaught.budget import Budget, Unit
from selftaught.client import Reply, Request
from selftaught.errors import ProgramError
from selftaught.events import Event, SolutionScored
from selftaught.host import Host
from selftaught.improver import SCOPE, Improvement, improve
from selftaught.meta_utility import SessionBudget, open_session
from selftaught.place import Place
from selftaught.sandbox import Sandbox
from selftaught.solution import Solution
from selftaught.utility import Score, Utility

INITIAL = "def algorithm():\n    return 0.4"
"""What is improved where nothing else is said."""
USUAL = SessionBudget()
_PLACE = Place(("application",))
_NUMBER = re.compile(r"return (\d\.\d+)")


def fenced(program: str) -> str:
    """Returns a reply that holds a program."""
    return f"Idea: another number.\n```python\n{program}\n```\n"


class Stated:
    """A utility that runs nothing: the score is the first number that a program returns."""

    description = (
        '"""The number that algorithm returns is its score."""\n\n'
        "def utility(program):\n    return run(program).algorithm()"
    )

    def score(self, solution: Solution, place: Place) -> Score:  # noqa: ARG002 - see `Utility`
        """Reads the score of a program off its text; 0 where it does not parse or says none."""
        number = _NUMBER.search(solution.text)
        return Score(float(number[1]) if number and solution.is_python else 0.0)


class Failing(Stated):
    """A utility that refuses to score."""

    def score(self, solution: Solution, place: Place) -> Score:
        """Refuses.

        Raises:
            ProgramError: Always.
        """
        raise ProgramError(f"{place}: {solution.id} cannot be scored")


def stated(host: Host) -> Utility:  # noqa: ARG001 - others need it
    """Makes the cheapest utility."""
    return Stated()


class Answering:
    """A client that replies by a function, and remembers what it was asked."""

    name = "answering"

    def __init__(self, reply: Callable[[Request], str]) -> None:
        self.calls: list[Sequence[Request]] = []
        self._reply = reply

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """Answers every request, in their order."""
        self.calls.append(requests)
        for number, request in enumerate(requests):
            yield number, Reply(self._reply(request), tokens=0, dollars=0.0)


@dataclass(frozen=True, slots=True)
class Unannounced(SessionBudget):
    """A session's budget whose limits are others than those that its program is told of."""

    limits: Mapping[Unit, float] = field(default_factory=dict[Unit, float])

    def open(self, parent: Budget) -> Budget:
        """Opens a session's scope."""
        return parent.nested(SCOPE, self.limits)


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of one application."""

    improvement: Improvement
    calls: Sequence[Sequence[Request]]
    """What the language model was asked, call by call."""
    events: Sequence[Event]
    spent: Mapping[Unit, float]

    @property
    def text(self) -> str | None:
        """What the improver returned."""
        solution = self.improvement.solution
        return None if solution is None else solution.text

    @property
    def scores(self) -> dict[str, float]:
        """Every program that was scored in this session, and its score."""
        return {
            event.solution.text: event.score
            for event in self.events
            if isinstance(event, SolutionScored) and event.place == _PLACE
        }

    def count(self, kind: type[Event]) -> int:
        """Returns how many events of a kind there were."""
        return sum(isinstance(event, kind) for event in self.events)


def apply(
    improver: Solution,
    sandbox: Sandbox,
    reply: Callable[[Request], str],
    *,
    session: SessionBudget = USUAL,
    initial: str = INITIAL,
    utility: Callable[[Host], Utility] = stated,
) -> Applied:
    """Applies an improver once.

    Args:
        improver: The program.
        sandbox: Where it runs.
        reply: What the language model says to a request.
        session: What may be spent.
        initial: What is to be improved.
        utility: Makes what scores it.
    """
    events: list[Event] = []
    client, budget = Answering(reply), Budget("run", {})
    with ThreadPoolExecutor(2) as executor:
        host = Host(client, sandbox, executor, events.append, budget)
        given = open_session(Solution(initial), utility(host), session, host, _PLACE, "application")
        improvement = improve(improver, given, host=host)
    return Applied(improvement, client.calls, events, budget.spent)
