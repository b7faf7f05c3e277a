"""u of a task: what a program is worth, by its answers to instances.

The program runs in a sandbox and sees the arguments of one instance at a time; the score is
computed here, from the plain data that it returned.
"""

from __future__ import annotations

import math
from collections import Counter

from selftaught.description import Detail
from selftaught.errors import shown
from selftaught.events import SolutionScored
from selftaught.faults import USERS_FAILURES, in_words, way_in_words
from selftaught.host import Host
from selftaught.instances import Split, Verdict, drawn, plain_arguments, unrelated_seed
from selftaught.place import Place, key_of
from selftaught.sandbox import Outcome, Program, RunningProgram, Status
from selftaught.solution import Solution
from selftaught.task import Task
from selftaught.utility import Score


class TaskUtility:
    """u of a task for one stream of instances of one split; a `Utility`.

    Scores are remembered: the same program on the same instances has the same score.

    Args:
        task: The task.
        host: What the run shares.
        split: Which instances.
        stream: Name of the stream that the instances are drawn from.
        detail: How much the description tells.
    """

    def __init__(
        self,
        task: Task,
        host: Host,
        *,
        split: Split,
        stream: str,
        detail: Detail = Detail.GREY_BOX,
    ) -> None:
        self.description = task.describe(detail)
        self.stream = stream
        self._task = task
        self._host = host
        self._key = ("score", task.digest, split, stream)
        self._seeds = task.draw_seeds(host.seed, split, stream, task.counts[split])

    def score(self, solution: Solution, place: Place) -> Score:  # noqa: ARG002 - see `Utility`
        """Judges a program by its answers to the instances.

        Raises:
            SandboxLost: The sandbox broke; nothing is known of the program.
        """
        question = key_of(*self._key, solution.digest)

        def score() -> Score:
            if isinstance(known := self._host.history.answer(question), SolutionScored):
                return Score.of(known)
            return self._host.executor.submit(self._score, solution, question).result()

        return self._host.memory.once(question, score)

    def _score(self, solution: Solution, question: str) -> Score:
        verdicts: list[Verdict] = []
        task = self._task
        program = Program(
            solution.text,
            entry=task.entry,
            modules={"caller": task.caller} if task.caller else {},
            packages=task.packages,
            preload=task.preload,
            caller="caller" if task.caller else None,
        )
        with self._host.sandbox.run(program, task.limits) as running:
            for seed in self._seeds:
                verdicts.append(self._try(running, seed, verdicts))
        failed = [verdict for verdict in verdicts if verdict.failure]
        return Score(
            value=self._task.aggregate(verdicts),
            instances=tuple(verdict.score for verdict in verdicts),
            failures=Counter(verdict.failure for verdict in failed),
            message=failed[0].message if failed else "",
            cpu_seconds=math.fsum(verdict.cpu_seconds for verdict in verdicts),
            denied=tuple(dict.fromkeys(call for verdict in verdicts for call in verdict.denied)),
            question=question,
        )

    def _try(self, running: RunningProgram, seed: int, before: list[Verdict]) -> Verdict:
        task = self._task
        latest = before[-task.patience :]
        if len(latest) == task.patience and all(is_hopeless(verdict) for verdict in latest):
            return Verdict(task.floor, NOT_TRIED, f"not tried after {task.patience} time-outs")
        arguments, expected = drawn(task.instance, seed)
        own_seed = unrelated_seed("program", self._host.seed, seed)
        with plain_arguments(task.instance, arguments):
            outcome = running.call(arguments, seed=own_seed)
        verdict = judge(task, outcome, expected)
        return task.adjust(verdict._replace(cpu_seconds=outcome.cpu_seconds, denied=outcome.denied))


NOT_TRIED = "not tried"
"""Failure of the instances after too many time-outs in a row."""
OUT_OF_RANGE = "out of range"
"""Failure of the instances whose score is a number that no score may be."""


def is_hopeless(verdict: Verdict) -> bool:
    """Tells whether the program ran out of time, or was not even tried because it had before."""
    return verdict.failure in {Status.TIMED_OUT, NOT_TRIED}


def judge(task: Task, outcome: Outcome, expected: object) -> Verdict:
    """Returns the score of one answer, or how it failed.

    The score function is trusted, the answer is not: when the two don't fit, the answer is wrong.
    """
    if not outcome.is_ok:
        failure = Verdict(task.floor, outcome.status, outcome.message)
        return failure._replace(while_loading=outcome.while_loading)
    try:
        given: object = task.score(outcome.value, expected)
    except USERS_FAILURES as error:  # whatever a hostile answer provokes in the scorer
        where = f" ({way})" if (way := way_in_words(error)) else ""
        answer = shown(task.answer_in(outcome.value))
        reason = f"the answer {answer} cannot be scored: {in_words(error)[:200]}{where}"
        return Verdict(task.floor, Status.BAD_ANSWER, reason)
    value = _number(given)
    if value is None:
        reason = (
            f"score() gave {shown(given)}, no number; scores lie between 0 and {task.highest:g}"
        )
        return Verdict(task.floor, Status.BAD_ANSWER, reason)
    if not 0 <= value <= task.highest:  # nor is it where the score is no number
        reason = f"score() gave {value:g}; scores lie between 0 and {task.highest:g}"
        return Verdict(
            task.floor, OUT_OF_RANGE if math.isfinite(value) else Status.BAD_ANSWER, reason
        )
    return Verdict(value)


def _number(given: object) -> float | None:
    try:
        return float(given)  # pyright: ignore[reportArgumentType] - whatever a user's function gave
    except USERS_FAILURES:
        return None
