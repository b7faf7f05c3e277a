"""Chat completions of any server with OpenAI's interface."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from selftaught.client import Finish, Reply, Request
from selftaught.errors import ProviderError, SelftaughtError
from selftaught.language_models.servers.answer import (
    A_STREAM,
    Answer,
    Choice,
    Unreadable,
    read_answer,
)
from selftaught.language_models.servers.connection import Connection, Delivered
from selftaught.language_models.servers.exchange import Cause, TooMuch, Transient
from selftaught.language_models.servers.failures import failure, words_of
from selftaught.language_models.servers.form import Form, adapted
from selftaught.language_models.servers.providers import Address
from selftaught.language_models.servers.settings import Settings
from selftaught.language_models.servers.usage import Usage, tokens_by_reply

if TYPE_CHECKING:
    import httpx2

_MOST_FORMS = 8
"""Tries to find a form of request that the server takes."""
_REFUSED = (400, 404, 422)
_BROKEN = (500, 501)
"""What some servers answer that do not give several samples."""
_SAMPLES = re.compile(r"\bn\b|\b(choices?|candidates?|completions?|samples?)\b", re.IGNORECASE)
_MOST_CHARACTERS_PER_TOKEN = 10
"""No tokenizer gets more out of programs or prose, on average: beyond it, the server counted the
tokens of one of several replies."""
_FEW_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class _Refused:
    error: SelftaughtError
    other: Form | None
    """What to try next; None: it failed for good."""


class OpenAIServer:
    """An `Exchange` with a server that speaks OpenAI's chat completions.

    It learns what the server takes; see `form`. Several samples are asked for at once until it
    shows that the server gives, or counts, fewer.

    Args:
        address: The model and where it is.
        settings: The longest reply and the time for an exchange.
        transport: How bytes are carried, in place of the network.
        another_turn: Waits until the limits allow one more request for the same exchange.
    """

    def __init__(
        self,
        address: Address,
        settings: Settings,
        *,
        transport: httpx2.BaseTransport | None = None,
        another_turn: Callable[[], object] = lambda: None,
    ) -> None:
        self._address = address
        self._connection = Connection(address, settings, transport)
        self._another_turn = another_turn
        self._lock = threading.Lock()
        self._gives_several = False
        self._failures_of_several = 0
        has_own = address.provider.has_own_token_field
        self._form = Form(
            most_samples=address.provider.most_samples,
            length_field="max_completion_tokens" if has_own else "max_tokens",
            max_tokens=settings.max_tokens,
        )

    @property
    def form(self) -> Form:
        """What the server takes, as far as it has shown."""
        return self._form

    @property
    def most_samples(self) -> int | None:
        """The most samples that the server gives in one exchange; None: it is not known yet."""
        return self._form.most_samples

    def ask(self, request: Request, count: int) -> list[Reply]:
        """Returns at least one and at most `count` replies; see `Exchange`."""
        form: Form | None = self._form
        error: SelftaughtError | None = None
        for number in range(_MOST_FORMS):
            if form is None:
                break
            if number:
                self._another_turn()
            match self._tried(form, request, min(count, form.most_samples or count)):
                case _Refused(error, form):
                    pass
                case replies:
                    return replies
        raise error or AssertionError("no form was tried")

    def _tried(self, form: Form, request: Request, wanted: int) -> list[Reply] | _Refused:
        try:
            delivered = self._connection.post(form.body(self._address.model, request, wanted))
        except TooMuch as error:
            return _Refused(error, replace(form, most_samples=1) if wanted > 1 else None)
        if _thought_until_the_end(delivered):
            return [Reply("", finish=Finish.LENGTH)]
        if delivered.status != 200:
            return _Refused(self._failure(delivered), self._other(form, delivered, request, wanted))
        answer, longest = self._read(delivered), form.longest(request)
        choices, usage = answer.choices[:wanted], answer.usage
        is_counted = usage is None or _is_plausible(usage, choices, longest)
        self._learn(form, len(choices) if is_counted else 1, wanted)
        return self._replies(choices, usage if is_counted else None)

    def _other(
        self, form: Form, delivered: Delivered, request: Request, wanted: int
    ) -> Form | None:
        """Returns the form to try after a refusal; None where no other form helps."""
        said = words_of(delivered.body)
        if delivered.status in _REFUSED:
            about = f"{said.code} {said.text}"
            return adapted(form, about, said.field, request=request, count=wanted)
        if delivered.status not in _BROKEN or wanted == 1:
            return None
        with self._lock:
            self._failures_of_several += 1
            may_be_it = not self._gives_several and self._failures_of_several > 1
        names_it = delivered.status == 501 or _SAMPLES.search(said.text)
        return replace(form, most_samples=1) if names_it or may_be_it else None

    def _failure(self, delivered: Delivered) -> SelftaughtError:
        return failure(self._address, delivered.status, delivered.body, delivered.headers)

    def _read(self, delivered: Delivered) -> Answer:
        try:
            answer = read_answer(delivered.body)
        except Unreadable as error:
            raise self._unreadable(str(error)) from None
        if answer.error is not None:
            code = answer.error.get("code")
            status = code if isinstance(code, int) and 400 <= code < 600 else 502
            raise failure(self._address, status, delivered.body, delivered.headers)
        if not answer.choices:
            raise self._unreadable("without a reply")
        return answer

    def _unreadable(self, what: str) -> ProviderError:
        message = f"{self._address.name}: the server answered {what}"
        if what == A_STREAM:
            return ProviderError(f"{message}: it streams unasked, expected an answer in one piece")
        if what == "a web page":
            where = f"is {self._address.base_url} the base URL? Most end in /v1"
            return Transient(f"{message} ({where})", cause=Cause.UNREACHABLE)
        return Transient(message, cause=Cause.UNUSABLE)

    def _learn(self, form: Form, given: int, wanted: int) -> None:
        most = form.most_samples if given == wanted else given
        with self._lock:
            self._gives_several |= given > 1
            self._form = self._form.learnt_from(form, most_samples=most)

    def _replies(self, choices: Sequence[Choice], usage: Usage | None) -> list[Reply]:
        lengths = [len(choice.text) for choice in choices]
        tokens = tokens_by_reply(usage, lengths) if usage else [None] * len(choices)
        return [
            Reply(
                self._address.key.hidden_in_reply(choice.text),
                tokens=count,
                dollars=self._dollars(usage, count),
                finish=choice.finish,
            )
            for choice, count in zip(choices, tokens, strict=True)
        ]

    def _dollars(self, usage: Usage | None, tokens: int | None) -> float | None:
        """Returns a reply's share of what its exchange cost; None where it is not known."""
        price = self._address.price
        if price is not None and price.is_free:
            return 0.0
        if usage is None or tokens is None:
            return None
        is_stated = price is not None and price.is_stated
        whole = None if is_stated else usage.dollars
        if whole is None and price is not None:
            whole = price.dollars(usage)
        return None if whole is None else whole * tokens / max(usage.tokens, 1)


def _thought_until_the_end(delivered: Delivered) -> bool:
    """Tells whether a model used up the longest reply before it began to answer."""
    return delivered.status == 400 and b"Could not finish the message" in delivered.body


def _is_plausible(usage: Usage, choices: Sequence[Choice], longest: int) -> bool:
    """Tells whether the tokens can be those of all replies together.

    Args:
        usage: The tokens.
        choices: The replies.
        longest: The most tokens that each of them may have.
    """
    if len(choices) == 1:
        return True
    ended_by_length = sum(choice.finish is Finish.LENGTH for choice in choices)
    if ended_by_length > 1 and usage.completion_tokens <= longest:
        return False
    characters = sum(len(choice.text) for choice in choices)
    if characters < _FEW_CHARACTERS:
        return True
    return characters <= _MOST_CHARACTERS_PER_TOKEN * usage.completion_tokens
