"""Independent replies to one question: a sample of what a language model proposes.

Nothing of it is run. Each call has a source of randomness of its own, so that a larger sample
begins with the smaller one, and can be drawn in parts.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from selftaught.analysis.summary import RunSummary
from selftaught.budget import Budget
from selftaught.client import Watcher
from selftaught.events import PhaseStarted
from selftaught.experiment import Experiment
from selftaught.host import Host
from selftaught.language_model import LanguageModel
from selftaught.place import Place
from selftaught.running.execution import Execution, no_listener
from selftaught.solution import Solution

_MOST_AT_ONCE = 16
"""Calls in flight; they wait for a server."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a language model is asked again and again."""

    subject: Solution
    """The program that it is asked to improve."""
    expertise: str
    """The system prompt."""
    message: str
    temperature: float = 0.7


class Sampling:
    """Asks an experiment's model for replies to a question.

    Args:
        experiment: Names the model; a call asks for as many replies as its `self_session` allows.
        question: What is asked.
        replies: Numbers of the replies in the whole sample; the first one begins a call.
        watch: Told of all events, besides the journal.
    """

    def __init__(
        self,
        experiment: Experiment,
        question: Question,
        replies: range,
        watch: Watcher = no_listener,
    ) -> None:
        self.budget = Budget("run", experiment.limits.amounts())
        self._experiment = experiment
        self._question = question
        self._replies = replies
        self._watch = watch

    def stop(self, reason: str) -> None:
        """Ends the sampling at the next reply."""
        self.budget.close(reason)

    def __call__(self) -> RunSummary:
        """Asks, or goes on where it was interrupted.

        Raises:
            UsageError: The experiment names something that does not exist.
            SelftaughtError: A call failed; the journal has what came before.
        """
        question, replies = self._question, self._replies
        recorded: dict[str, object] = {
            "kind": "replies",
            "improver": question.subject,
            "tasks": [],
            "expertise": question.expertise,
            "message": question.message,
            "temperature": question.temperature,
            "first": replies.start,
            "count": len(replies),
        }
        execute = Execution(self._experiment, recorded, self.budget, self._watch)
        return execute(lambda host, _: sample(question, replies, self._experiment, host))


def sample(question: Question, replies: range, experiment: Experiment, host: Host) -> None:
    """Asks for replies; events tell what they are."""
    host.listener(PhaseStarted(Place(("replies",)), "replies", None))
    size = experiment.self_session.samples_per_call

    def ask(start: int) -> None:
        number = start // size
        model = LanguageModel(
            host.client,
            budget=host.budget,
            max_responses_per_call=size,
            place=Place(("replies", str(number))),
            stream=f"replies/{number}",
            listener=host.listener,
            history=host.history,
        )
        messages = [question.message] * min(size, replies.stop - start)
        model.batch_prompt(question.expertise, messages, question.temperature)

    with ThreadPoolExecutor(_MOST_AT_ONCE) as pool:
        for _ in pool.map(ask, replies[::size]):
            pass
