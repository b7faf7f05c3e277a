"""L: the language model as an improver holds it, within a budget.

An improver asks `LanguageModel.prompt` or `LanguageModel.batch_prompt` (paper, figure 2). Behind it
stands a `Client`.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from selftaught.budget import Amounts, Bill, Budget, Unit
from selftaught.calls import CallBegan, CallCutShort
from selftaught.client import Bounded, Client, Reply, Request, answers
from selftaught.errors import (
    BudgetExceeded,
    ProgramError,
    ProviderError,
    RepliesLost,
    RunCutShort,
    shown,
)
from selftaught.events import Listener, Refused, ReplyReceived
from selftaught.extraction import code_in
from selftaught.history import NO_HISTORY, History
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.text import storable


class LanguageModel:
    """L, within a budget: what one improver session may ask of a client.

    Args:
        client: Who answers.
        budget: Calls and samples that may be spent.
        max_responses_per_call: The most samples in one call (paper, section 4).
        place: Where in the run the session stands.
        stream: The source of randomness of its requests; see `Request.stream`.
        listener: Told of every reply and of every refusal.
        history: Replies that the run has paid for already.
        heed: Told of every program in a reply, after the listener.
    """

    def __init__(  # noqa: PLR0913 - a session's collaborators
        self,
        client: Client,
        *,
        budget: Budget,
        max_responses_per_call: int,
        place: Place,
        stream: str,
        listener: Listener,
        history: History = NO_HISTORY,
        heed: Callable[[Solution], None] | None = None,
    ) -> None:
        self.max_responses_per_call = max_responses_per_call
        self._client = client
        self._budget = budget
        self._place = place
        self._stream = stream
        self._listener = listener
        self._history = history
        self._heed = heed
        self.replies: list[ReplyReceived] = []
        """All that came so far."""
        self._asked: Counter[tuple[str, str, float]] = Counter()
        self._lock = threading.Lock()

    @property
    def budget(self) -> int | None:
        """How many calls this session may make in all; None: as many as it likes."""
        limit = self._budget.limits.get(Unit.CALLS)
        return None if limit is None else int(limit)

    def prompt(
        self, expertise: str, message: str, n_responses: int = 1, temperature: float = 0.7
    ) -> list[str]:
        """Asks for several replies to one message, in one call.

        Args:
            expertise: The system prompt.
            message: What the model is asked.
            n_responses: How many replies.
            temperature: How far replies stray; 0 is the most likely reply.

        Returns:
            The texts of the replies.

        Raises:
            BudgetExceeded: The session, or a scope around it, has no call or sample left.
            ProgramError: An argument is not what it should be, or too many replies are asked for.
            ProviderError: The model cannot be reached.
        """
        if not isinstance(n_responses, int) or isinstance(n_responses, bool):
            raise ProgramError(f"n_responses must be an integer, not {shown(n_responses)}")
        # A huge count must be refused before a list of that size is made.
        self._check_count(n_responses)
        return self.batch_prompt(expertise, [message] * n_responses, temperature)

    def batch_prompt(
        self, expertise: str, messages: Sequence[str], temperature: float = 0.7
    ) -> list[str]:
        """Asks for one reply to each of several messages, in one call.

        Returns, and raises, like `prompt`; the replies stand in the order of the messages.
        """
        if not isinstance(messages, list | tuple):
            raise ProgramError(f"messages must be a list of strings, not {shown(messages)}")
        self._check_count(len(messages))
        if not all(isinstance(text, str) for text in (expertise, *messages)):
            raise ProgramError("expertise and messages must be strings")
        if not isinstance(temperature, int | float) or not 0 <= temperature <= 2:
            raise ProgramError(f"temperature must be between 0 and 2, not {shown(temperature)}")
        if not messages:
            return []
        requests = [self._request(expertise, text, float(temperature)) for text in messages]
        try:
            return self._answered(requests)
        except BudgetExceeded as error:
            self._listener(Refused(self._place, error.scope, error.unit, str(error)))
            raise

    def _answered(self, requests: Sequence[Request]) -> list[str]:
        """Returns the replies of one call; those that the run has paid for already from there."""
        received = {
            number: event
            for number, request in enumerate(requests)
            if isinstance(event := self._history.at(request.key(self._place)), ReplyReceived)
        }
        before = _cost(received.values())
        missing = [number for number in range(len(requests)) if number not in received]
        most = self._most([requests[number] for number in missing])
        expected = dict.fromkeys(before, 0.0) if missing else before
        counted = {Unit.CALLS: 1, Unit.SAMPLES: len(requests)}
        expected = expected | {unit: before[unit] + most[unit] for unit in most} | counted
        with self._budget.reserve(expected, before=before) as bill:
            bill.settle(before)
            for event in received.values():
                self._tell(event)
            with self._accounted_for(requests, received, most, bill):
                began = time.monotonic()
                for place, reply in answers(self._client, [requests[each] for each in missing]):
                    event = self._received(requests[missing[place]], reply, call=requests[0])
                    event = replace(event, seconds=time.monotonic() - began)
                    received[missing[place]] = event
                    self._tell(event)
                    bill.settle(_cost(received.values()))
            self.replies += received.values()
            self._check_counted(received.values(), before, most)
        return [received[number].reply for number in range(len(requests))]

    @contextmanager
    def _accounted_for(
        self,
        requests: Sequence[Request],
        received: Mapping[int, ReplyReceived],
        most: Amounts,
        bill: Bill,
    ) -> Generator[None]:
        """Writes down what is asked for in the block, and charges what is lost on its way."""
        samples = len(requests) - len(received)
        if not samples or not most:
            yield
            return
        call = requests[0].key(self._place)
        each = {unit: most.get(unit, 0.0) / samples for unit in (Unit.TOKENS, Unit.DOLLARS)}
        self._listener(CallBegan(self._place, call, samples, *each.values()))
        try:
            yield
        except (RunCutShort, BudgetExceeded, ProviderError) as error:
            missing = len(requests) - len(received)
            lost = min(missing, error.count if isinstance(error, RepliesLost) else 0)
            self._listener(CallCutShort(self._place, call, lost))
            if lost:
                cost = _cost(received.values())
                gone = {unit: cost[unit] + lost * each[unit] for unit in each}
                bill.settle({Unit.CALLS: 1, Unit.SAMPLES: cost[Unit.SAMPLES] + lost} | gone)
            raise

    def _check_counted(
        self, received: Collection[ReplyReceived], before: Amounts, most: Amounts
    ) -> None:
        """Makes sure that limits in tokens and dollars can be kept with what a server counts.

        Raises:
            RunCutShort: It does not count, or counts more than replies can take.
        """
        for unit in (Unit.TOKENS, Unit.DOLLARS):
            if any(getattr(event, unit) is None for event in received):
                self._check_unlimited(unit, "it does not say what a reply took")
            taken = _cost(received)[unit] - before.get(unit, 0.0)
            if unit in most and taken > most[unit] * (1 + 1e-9):
                self._check_unlimited(
                    unit,
                    f"it says that replies took {taken:,.6g}, more than the {most[unit]:,.6g} that "
                    "they can take: it does not keep to max_tokens, or miscounts",
                )

    def _tell(self, event: ReplyReceived) -> None:
        self._listener(event)
        if self._heed and (code := code_in(event.reply)):
            self._heed(Solution(code))

    def _most(self, requests: Sequence[Request]) -> Amounts:
        if not requests or not isinstance(self._client, Bounded):
            return {}
        most = self._client.most(requests)
        if Unit.DOLLARS not in most:
            how = "state it in dollars per million tokens, as by --price input=2.5,output=10"
            self._check_unlimited(Unit.DOLLARS, f"its price is not known; {how}")
        return most

    def _check_unlimited(self, unit: Unit, why: str) -> None:
        if self._budget.limits_anywhere(unit):
            raise RunCutShort(f"{self._client.name} cannot keep a limit in {unit}: {why}")

    def _check_count(self, count: int) -> None:
        if count > self.max_responses_per_call:
            most = self.max_responses_per_call
            message = f"one call gives at most {most} samples; {shown(count)} were asked"
            self._listener(Refused(self._place, "call", Unit.SAMPLES, message))
            raise ProgramError(message)

    def _request(self, expertise: str, message: str, temperature: float) -> Request:
        # What the journal cannot tell apart is the same request.
        key = (storable(expertise), storable(message), temperature)
        with self._lock:
            index = self._asked[key]
            self._asked[key] += 1
        return Request(*key, stream=self._stream, index=index)

    def _received(self, request: Request, reply: Reply, *, call: Request) -> ReplyReceived:
        code = code_in(storable(reply.text))
        return ReplyReceived(
            place=self._place,
            model=reply.model or self._client.name,
            expertise=request.expertise,
            message=request.message,
            temperature=request.temperature,
            stream=request.stream,
            index=request.index,
            reply=storable(reply.text),
            finish=reply.finish,
            tokens=reply.tokens,
            dollars=reply.dollars,
            solution=None if code is None else Solution(code).id,
            call=call.key(self._place),
        )


def _cost(paid: Collection[ReplyReceived]) -> dict[Unit, float]:
    """Returns what the replies of one call cost."""
    return {
        Unit.CALLS: 1 if paid else 0,
        Unit.SAMPLES: len(paid),
        Unit.TOKENS: sum(reply.tokens or 0 for reply in paid),
        Unit.DOLLARS: sum(reply.dollars or 0 for reply in paid),
    }
