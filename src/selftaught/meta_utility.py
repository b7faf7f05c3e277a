"""u-hat(I): how good an improver is, over downstream tasks (paper, algorithm 1).

For every task and repeat the improver runs in a fresh session with fresh budgets; what it returns
is scored. Its utility calls see the search split, whatever split the result is scored on. The
meta-utility is itself a `Utility`: that closes the recursion.

Sessions of the same stream draw the same instances and the same randomness of the language model,
whichever improver is measured: two improvers are compared pair by pair.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from selftaught.ahead import Ahead
from selftaught.budget import Budget, Unit
from selftaught.description import Detail, black_box
from selftaught.errors import SandboxLost
from selftaught.events import SessionScored
from selftaught.host import Host
from selftaught.improver import ENTRY, LIMITS, SCOPE, Improvement, Session, improve
from selftaught.instances import unrelated_seed
from selftaught.language_model import LanguageModel
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.task import Split, Task
from selftaught.task_utility import TaskUtility
from selftaught.utility import Score, Utility, UtilityHandle, evaluate


@dataclass(frozen=True, slots=True)
class SessionBudget:
    """What one application of an improver may spend; defaults of the research code."""

    calls: int = 4
    """Calls of the language model."""
    samples_per_call: int = 6
    evaluations: int = 25
    """Calls of the utility."""
    cpu_seconds: float = 10.0
    """CPU time of the program; what the host does for it is not counted."""

    def open(self, parent: Budget) -> Budget:
        """Opens a session's scope."""
        limits = {Unit.CALLS: self.calls, Unit.EVALUATIONS: self.evaluations}
        return parent.nested(SCOPE, limits)


@dataclass(frozen=True, slots=True)
class Measurement:
    """Which sessions make up a measurement of an improver."""

    split: Split
    """What the returned solutions are scored on."""
    name: str
    """Tells measurements of one split apart, such as the gates of generations."""
    repeats: int
    """Sessions per task."""


@dataclass(frozen=True, slots=True)
class MetaUtility:
    """u-hat over a set of tasks; a `Utility` of improvers."""

    tasks: tuple[Task, ...]
    """D, the downstream tasks."""
    search: Measurement
    """The sessions behind every call as a utility."""
    session: SessionBudget
    """What each session may spend."""
    evaluations: int
    """How often it may be called, for the description."""
    host: Host
    """What the run shares."""
    detail: Detail = Detail.GREY_BOX
    """How much descriptions tell, of this utility and of the tasks'."""
    failure_is_zero: bool = False
    """One session without a program makes a whole call 0, as in the research code. In the paper it
    costs only itself."""

    @property
    def description(self) -> str:
        """What a language model is told; grey-box: how improvers are scored, without the tasks."""
        if self.detail is Detail.BLACK_BOX:
            return black_box(ENTRY)
        applications = len(self.tasks) * self.search.repeats
        grey = describe(applications, self.session, self.evaluations)
        if self.detail is Detail.GREY_BOX:
            return grey
        return "\n\n".join([grey, *(task.describe(self.detail) for task in self.tasks)])

    def within(self, budget: Budget) -> MetaUtility:
        """Returns the same meta-utility, charged to another scope."""
        return replace(self, host=replace(self.host, budget=budget))

    def score(self, solution: Solution, place: Place) -> Score:
        """Judges an improver by the search sessions."""
        sessions = self._sessions(solution, self.search, place / solution.id)
        scores = tuple(session.score for session in sessions)
        if self.failure_is_zero and any(session.failed for session in sessions):
            return Score(0.0, instances=scores, message="a session came back without a program")
        return Score(math.fsum(scores) / len(scores), instances=scores)

    def measure(
        self, improver: Solution, measurement: Measurement, place: Place
    ) -> tuple[float, ...]:
        """Returns the scores of an improver's sessions, task by task and repeat by repeat."""
        return tuple(each.score for each in self._sessions(improver, measurement, place))

    def _sessions(
        self, improver: Solution, measurement: Measurement, place: Place
    ) -> tuple[SessionScored, ...]:
        sessions = [(task, repeat) for task in self.tasks for repeat in range(measurement.repeats)]

        def score(session: tuple[Task, int]) -> SessionScored:
            return self._remembered(improver, session, measurement, place)

        if not improver.defines(ENTRY):
            return tuple(
                _unscored(improver, measurement, task, repeat, place) for task, repeat in sessions
            )
        with ThreadPoolExecutor(self.host.sessions) as pool:
            return tuple(pool.map(score, sessions))

    def _remembered(
        self,
        improver: Solution,
        session: tuple[Task, int],
        measurement: Measurement,
        place: Place,
    ) -> SessionScored:
        task, repeat = session
        unscored = _unscored(improver, measurement, task, repeat, place / task.id / repeat)

        def score() -> SessionScored:
            known = self.host.history.at(unscored.key)
            if isinstance(known, SessionScored):
                scored = known
            else:
                value = self._apply(improver, task, measurement, repeat, unscored.place)
                failed = value is None
                scored = replace(unscored, score=value or 0.0, failed=failed)
            self.host.listener(scored)
            return scored

        return self.host.memory.once(unscored.key, score)

    def _apply(
        self, improver: Solution, task: Task, measurement: Measurement, repeat: int, place: Place
    ) -> float | None:
        """Returns the score of what an improver made of a task; None where it made no program."""
        stream = f"{measurement.split}/{measurement.name}/{task.id}/{repeat}"
        utility = TaskUtility(
            task, self.host, split=Split.SEARCH, stream=stream, detail=self.detail
        )

        def apply() -> Improvement:
            session = open_session(task.seed, utility, self.session, self.host, place, stream)
            return improve(improver, session, host=self.host)

        try:
            improvement = apply()
        except SandboxLost:
            improvement = apply()  # nothing is known of the improver; once more, from the start
        if improvement.solution is None:
            return None
        final = TaskUtility(task, self.host, split=measurement.split, stream=stream)
        return evaluate(
            final,
            improvement.solution,
            budget=self.host.budget,
            place=place / "result",
            listener=self.host.listener,
            history=self.host.history,
        ).value


def _unscored(
    improver: Solution, measurement: Measurement, task: Task, repeat: int, place: Place
) -> SessionScored:
    return SessionScored(
        place=place,
        improver=improver,
        split=measurement.split,
        task=task.id,
        repeat=repeat,
        score=0.0,
        measurement=measurement.name,
        failed=True,
    )


def open_session(
    initial: Solution,
    utility: Utility,
    session: SessionBudget,
    host: Host,
    place: Place,
    stream: str,
) -> Session:
    """Makes what an improver is given for one application."""
    budget = session.open(host.budget)
    return Session(
        initial=initial,
        utility=UtilityHandle(
            utility, budget=budget, place=place, listener=host.listener, history=host.history
        ),
        language_model=LanguageModel(
            host.client,
            budget=budget,
            max_responses_per_call=session.samples_per_call,
            place=place,
            stream=stream,
            listener=host.listener,
            history=host.history,
            heed=_ahead(utility, session, host, place),
        ),
        place=place,
        limits=replace(LIMITS, cpu_seconds=session.cpu_seconds),
        seed=unrelated_seed("improver", host.seed, stream),
    )


def _ahead(
    utility: Utility, session: SessionBudget, host: Host, place: Place
) -> Callable[[Solution], None] | None:
    """Returns what scores improvers ahead; solutions take no replies, so that none would wait."""
    if host.ahead is None or not isinstance(utility, MetaUtility):
        return None
    score = partial(utility.score, place=place)
    return Ahead(score, executor=host.ahead, most=session.evaluations)


def describe(applications: int, session: SessionBudget, evaluations: int) -> str:
    """Returns the grey-box description: how improvers are scored, without the tasks."""
    return f'''\
def meta_utility(improver):
    """Score the text of a program that defines improve_algorithm.

    The score is the average utility of the solutions that the program returns for downstream
    tasks, which it does not know in advance. At most {evaluations} improvers can be scored.
    """
    total = 0
    for task in sample_tasks({applications}):
        try:
            namespace = {{}}
            exec(improver, namespace)
            # At most {session.calls} calls, each for at most {session.samples_per_call} samples; \
beyond that they raise.
            language_model = LanguageModel(
                budget={session.calls}, max_responses_per_call={session.samples_per_call}
            )
            # At most {session.evaluations} evaluations; beyond that the utility is 0.
            # task.utility.map(solutions) scores many solutions at the same time.
            task.utility.budget = {session.evaluations}
            # At most {session.cpu_seconds:g} s of CPU time, not counting what these calls take.
            solution = namespace["improve_algorithm"](task.seed, task.utility, language_model)
            total += task.final_utility(solution)
        except Exception:
            continue  # a program that fails scores 0
    return total / {applications}
'''
