"""u: how good a solution is, and what a language model is told about it.

In the paper (section 3) a utility is a pair: a black-box function of a program, and a description.
`Utility` is that pair; `UtilityHandle` is what one improver session may do with it.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from selftaught.budget import Amounts, Budget, Unit
from selftaught.errors import BudgetExceeded, ProgramError, shown
from selftaught.events import Attempted, Listener, Refused, SolutionScored, tried
from selftaught.history import NO_HISTORY, History
from selftaught.place import Place, score_key
from selftaught.solution import Solution

_MOST_AT_ONCE = 16
"""Evaluations of one `map` that wait at the same time; they wait for sandboxes, not for cores."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a utility says of a program."""

    value: float
    """The mean over instances; a fraction where the task's scores are."""
    instances: tuple[float, ...] = ()
    """Score of every instance; empty where the program was never run."""
    failures: Mapping[str, int] = field(default_factory=Counter[str])
    """How many instances failed, by kind of outcome."""
    message: str = ""
    """The first failure, in words."""
    cpu_seconds: float = 0.0
    """CPU time of the program, where it was run; no part of the result."""
    denied: tuple[str, ...] = ()
    """System calls that the program tried and may not make; no part of the result."""
    question: str = ""
    """Names the utility, its instances and the program."""

    @classmethod
    def of(cls, event: SolutionScored) -> Score:
        """Returns the score that an event tells of."""
        return cls(
            value=event.score,
            instances=event.instances,
            failures=Counter(event.failures),
            message=event.message,
            cpu_seconds=event.cpu_seconds,
            denied=event.denied,
            question=event.question,
        )


class Utility(Protocol):
    """A black-box function of a program, and its description. Safe to use from several threads."""

    @property
    def description(self) -> str:
        """What a language model is told: usually the essential source, as the paper advises."""
        ...

    def score(self, solution: Solution, place: Place) -> Score:
        """Judges a program; whatever the program does is part of the score.

        Args:
            solution: The program.
            place: Where in the run it is judged.
        """
        ...


class UtilityHandle:
    """What an improver session may do with a utility: a budget, and text in place of programs.

    Over budget, and for what is no program, the score is 0 (paper, appendix E).

    Args:
        utility: The utility.
        budget: Evaluations that may be spent.
        place: Where in the run the session stands.
        listener: Told of every score and of every refusal.
        history: Evaluations that the run was charged for already.
    """

    def __init__(
        self,
        utility: Utility,
        *,
        budget: Budget,
        place: Place,
        listener: Listener,
        history: History = NO_HISTORY,
    ) -> None:
        self.str = utility.description
        self._utility = utility
        self._budget = budget
        self._place = place
        self._listener = listener
        self._history = history
        self._scored: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def budget(self) -> int | None:
        """How many evaluations this session may use in all; None: as many as it likes."""
        limit = self._budget.limits.get(Unit.EVALUATIONS)
        return None if limit is None else int(limit)

    def __call__(self, text: object) -> float:
        """Returns the score of a program.

        Raises:
            BudgetExceeded: A scope around the session, such as the run, has nothing left.
        """
        is_program = isinstance(text, str) and bool(text.strip())
        try:
            solution = Solution(str(text)) if is_program else Solution("")
            return evaluate(
                self._utility if is_program else _NoProgram(text),
                solution,
                budget=self._budget,
                place=self._place,
                listener=self._listener,
                history=self._history,
                index=self._index(solution),
            ).value
        except BudgetExceeded as error:
            self._listener(Refused(self._place, error.scope, error.unit, str(error)))
            if error.scope != self._budget.scope:
                raise
            return 0.0

    def map(self, texts: Sequence[object]) -> list[float]:
        """Scores several programs at the same time; the scores stand in the programs' order.

        Where the budget does not hold them all, it holds the first ones.
        """
        if not isinstance(texts, list | tuple):
            raise ProgramError(f"map takes a list of programs, not {shown(texts)}")
        remaining = self._budget.remaining(Unit.EVALUATIONS)
        if len(texts) > remaining + _MOST_AT_ONCE:
            raise ProgramError(f"{len(texts)} programs to score; the budget holds {remaining:g}")
        within = min(len(texts), int(remaining)) if remaining < len(texts) else len(texts)
        with ThreadPoolExecutor(_MOST_AT_ONCE) as pool:
            scores = list(pool.map(self, texts[:within]))
        return scores + [self(text) for text in texts[within:]]

    def _index(self, solution: Solution) -> int:
        with self._lock:
            index = self._scored[solution.digest]
            self._scored[solution.digest] += 1
        return index


@dataclass(frozen=True, slots=True)
class _NoProgram:
    """The utility of what is no program."""

    what: object
    description = ""

    def score(self, solution: Solution, place: Place) -> Score:
        del solution, place
        return Score(0.0, message=f"no program: {shown(self.what)}")


def evaluate(  # noqa: PLR0913 - what an evaluation consists of
    utility: Utility,
    solution: Solution,
    *,
    budget: Budget,
    place: Place,
    listener: Listener,
    history: History = NO_HISTORY,
    index: int = 0,
) -> Score:
    """Judges a program, charges it to a budget and tells of it.

    Args:
        utility: Who judges.
        solution: The program.
        budget: Where it is charged.
        place: Where in the run it is judged.
        listener: Told of the score.
        history: Tells whether the run was charged for it already.
        index: How many times this very program was scored before, at this place.

    Raises:
        BudgetExceeded: No evaluation is left.
    """
    cost: Amounts = {Unit.EVALUATIONS: 1}
    is_charged = history.at(score_key(place, solution, index)) is not None
    with budget.reserve(cost, before=cost if is_charged else None):
        score = utility.score(solution, place)
        if score.denied:
            listener(Attempted(place, solution, tried(score.denied)))
        listener(_scored(solution, score, place, index))
    return score


def _scored(solution: Solution, score: Score, place: Place, index: int) -> SolutionScored:
    return SolutionScored(
        place=place,
        solution=solution,
        score=score.value,
        instances=score.instances,
        failures=score.failures,
        message=score.message,
        cpu_seconds=score.cpu_seconds,
        index=index,
        question=score.question,
        denied=score.denied,
    )
