"""What an improver session may ask of a language model."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from selftaught.budget import Budget, Unit
from selftaught.calls import CallBegan, CallCutShort
from selftaught.client import Client, Finish, Reply, Request
from selftaught.errors import BudgetExceeded, ProgramError, ProviderError, RepliesLost, RunCutShort
from selftaught.events import Event, Refused, ReplyReceived
from selftaught.language_model import LanguageModel
from selftaught.language_models.scripted import Scripted
from selftaught.place import Place
from selftaught.solution import Solution

PLACE = Place(("t1", "propose"))


class Priced:
    """Takes money: so many tokens and dollars a reply."""

    name = "priced"

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        reply = Reply("so", tokens=100, dollars=0.25, finish=Finish.LENGTH)
        return enumerate(reply for _ in requests)


class Terse:
    """Answers nothing."""

    name = "terse"

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        return enumerate(Reply("the only one") for _ in requests[:1])


class Asked:
    """A language model, its budget and the events that it emitted."""

    def __init__(
        self,
        replies: Client | Callable[[Request], str] | Sequence[str],
        *,
        calls: int | None = 4,
        run: Budget | None = None,
    ) -> None:
        self.events: list[Event] = []
        self.requests: list[Request] = []
        self.run = run or Budget("run", {})
        self.model = LanguageModel(
            Scripted(self._heard(replies)) if callable(replies) else _client(replies),
            budget=self.run.nested("session", {} if calls is None else {Unit.CALLS: calls}),
            max_responses_per_call=3,
            place=PLACE,
            stream="search/lpn/0",
            listener=self.events.append,
        )

    def _heard(self, replies: Callable[[Request], str]) -> Callable[[Request], str]:
        def reply(request: Request) -> str:
            self.requests.append(request)
            return replies(request)

        return reply

    @property
    def received(self) -> list[ReplyReceived]:
        return [event for event in self.events if isinstance(event, ReplyReceived)]

    @property
    def refused(self) -> list[Refused]:
        return [event for event in self.events if isinstance(event, Refused)]


def _client(replies: Client | Sequence[str]) -> Client:
    return Scripted(replies) if isinstance(replies, Sequence) else replies


def shout(request: Request) -> str:
    return request.message.upper()


def test_replies_stand_in_the_order_of_the_messages() -> None:
    asked = Asked(shout)

    replies = asked.model.batch_prompt("expert", ["a", "b", "c"])

    assert replies == ["A", "B", "C"]


def test_a_prompt_gives_as_many_replies_as_are_asked_for() -> None:
    asked = Asked(["one", "two", "three"])

    assert asked.model.prompt("expert", "hello", 2) == ["one", "two"]
    assert asked.model.prompt("expert", "hello") == ["three"]


def test_a_request_carries_what_was_asked() -> None:
    asked = Asked(shout)

    asked.model.prompt("expert", "hello", temperature=1)

    assert asked.requests == [Request("expert", "hello", 1.0, "search/lpn/0", 0)]


def test_the_index_counts_how_often_the_very_same_was_asked() -> None:
    asked = Asked(shout)

    asked.model.prompt("expert", "a", 2)
    asked.model.batch_prompt("expert", ["a", "b", "a"])
    asked.model.prompt("expert", "a", temperature=0)
    asked.model.prompt("other", "a")

    indices = [(request.message, request.index) for request in asked.requests]
    assert indices[:5] == [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("a", 3)]
    assert indices[5:] == [("a", 0), ("a", 0)]


def test_threads_that_ask_the_same_get_different_indices() -> None:
    asked = Asked(shout, calls=None)
    barrier = threading.Barrier(16)

    def ask(_: int) -> None:
        barrier.wait()
        for _ in range(10):
            asked.model.prompt("expert", "a", 3)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, range(16)))

    assert sorted(request.index for request in asked.requests) == list(range(480))


def test_one_call_is_charged_however_many_samples_it_has() -> None:
    asked = Asked(shout)

    asked.model.batch_prompt("expert", ["a", "b", "c"])

    assert asked.run.spent[Unit.CALLS] == 1
    assert asked.run.spent[Unit.SAMPLES] == 3


def test_what_the_provider_reports_is_charged() -> None:
    asked = Asked(Priced())

    asked.model.prompt("expert", "a", 3)

    assert asked.run.spent[Unit.TOKENS] == 300
    assert asked.run.spent[Unit.DOLLARS] == 0.75


@pytest.mark.parametrize("unit", [Unit.TOKENS, Unit.DOLLARS])
def test_a_spent_limit_on_tokens_or_dollars_refuses_the_next_call(unit: Unit) -> None:
    asked = Asked(Priced(), run=Budget("run", {unit: 0.25}))
    asked.model.prompt("expert", "a")

    with pytest.raises(BudgetExceeded) as caught:
        asked.model.prompt("expert", "a")

    assert (caught.value.scope, caught.value.unit) == ("run", unit)


def test_the_budget_is_how_many_calls_there_are_in_all() -> None:
    asked = Asked(shout, calls=2)

    asked.model.prompt("expert", "a")

    assert asked.model.budget == 2
    assert Asked(shout, calls=None).model.budget is None


def test_a_call_beyond_the_budget_is_refused_and_recorded() -> None:
    asked = Asked(shout, calls=1)
    asked.model.prompt("expert", "a")

    with pytest.raises(BudgetExceeded, match="the session may spend 1 calls"):
        asked.model.prompt("expert", "a")

    assert [(event.place, event.scope, event.unit) for event in asked.refused] == [
        (PLACE, "session", "calls")
    ]
    assert len(asked.received) == 1


def test_more_samples_than_a_call_may_have_are_refused_and_not_charged() -> None:
    asked = Asked(shout)

    with pytest.raises(ProgramError, match="one call gives at most 3 samples; 4 were asked"):
        asked.model.batch_prompt("expert", ["a"] * 4)

    assert [event.scope for event in asked.refused] == ["call"]
    assert asked.run.spent[Unit.CALLS] == 0


@pytest.mark.parametrize("digits", [30, 5000])
def test_a_count_that_no_list_could_hold_is_refused_at_once(digits: int) -> None:
    asked = Asked(shout)

    with pytest.raises(ProgramError, match="at most 3 samples"):
        asked.model.prompt("expert", "a", 10**digits)


@pytest.mark.parametrize("count", [0, -1])
def test_to_ask_for_nothing_costs_nothing(count: int) -> None:
    asked = Asked(shout)

    assert asked.model.prompt("expert", "a", count) == []
    assert asked.model.batch_prompt("expert", []) == []
    assert asked.run.spent[Unit.CALLS] == 0
    assert asked.events == []


@pytest.mark.parametrize("count", [None, "3", 2.0, True, [1], pytest.param((10**5000,), id="huge")])
def test_a_count_that_is_no_integer_is_the_programs_error(count: object) -> None:
    asked = Asked(shout)

    with pytest.raises(ProgramError, match="n_responses must be an integer"):
        asked.model.prompt("expert", "a", count)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "temperature", [-0.1, 2.1, float("nan"), "0.7", None, [], pytest.param(10**5000, id="huge")]
)
def test_a_temperature_out_of_range_is_the_programs_error(temperature: object) -> None:
    asked = Asked(shout)

    with pytest.raises(ProgramError, match="temperature must be between 0 and 2"):
        asked.model.prompt("expert", "a", 1, temperature)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("expertise", "messages"),
    [(None, ["a"]), (b"e", ["a"]), ("e", [None]), ("e", ["a", 7]), ("e", [["a"]])],
)
def test_what_is_no_text_is_the_programs_error(expertise: object, messages: object) -> None:
    asked = Asked(shout)

    with pytest.raises(ProgramError, match="must be strings"):
        asked.model.batch_prompt(expertise, messages)  # type: ignore[arg-type]

    assert asked.run.spent[Unit.CALLS] == 0


@pytest.mark.parametrize(
    "messages", ["abc", {"a": 1}, {"a"}, None, 3, pytest.param(10**5000, id="huge")]
)
def test_messages_that_are_no_list_are_the_programs_error(messages: object) -> None:
    asked = Asked(shout)

    with pytest.raises(ProgramError, match="messages must be a list"):
        asked.model.batch_prompt("expert", messages)  # type: ignore[arg-type]


def test_an_outer_scope_that_is_spent_is_named() -> None:
    asked = Asked(shout, run=Budget("run", {Unit.SAMPLES: 2}))

    with pytest.raises(BudgetExceeded) as caught:
        asked.model.prompt("expert", "a", 3)

    assert caught.value.scope == "run"
    assert [event.scope for event in asked.refused] == ["run"]


def test_a_run_that_was_stopped_answers_nothing_more() -> None:
    asked = Asked(shout)
    asked.run.close("interrupted")

    with pytest.raises(RunCutShort, match="interrupted"):
        asked.model.prompt("expert", "a")


def test_a_provider_that_fails_is_not_paid() -> None:
    asked = Asked(["only one"])

    with pytest.raises(ProviderError):
        asked.model.prompt("expert", "a", 2)

    assert asked.run.spent[Unit.CALLS] == 0
    assert asked.events == []


def test_a_provider_that_keeps_replies_back_has_failed() -> None:
    asked = Asked(Terse())

    with pytest.raises(ProviderError, match="terse gave 1 replies to 2 requests"):
        asked.model.prompt("expert", "a", 2)


def test_every_reply_is_recorded_with_its_request_and_its_program() -> None:
    asked = Asked(["An idea.\n```python\nx = 1\n```", "none"])

    asked.model.batch_prompt("expert", ["a", "b"], 0.5)

    first, second = asked.received
    assert (first.place, first.model, first.stream) == (PLACE, "scripted", "search/lpn/0")
    assert (first.expertise, first.message, first.temperature) == ("expert", "a", 0.5)
    assert first.solution == Solution("x = 1").id
    assert (second.message, second.reply, second.solution) == ("b", "none", None)


def test_tokens_dollars_and_the_reason_of_the_end_are_recorded() -> None:
    asked = Asked(Priced())

    asked.model.prompt("expert", "a")

    event = asked.received[0]
    assert (event.tokens, event.dollars, event.finish) == (100, 0.25, "length")


def test_every_sample_has_a_key_of_its_own_that_depends_on_what_was_asked() -> None:
    keys = []
    for _ in range(2):
        asked = Asked(shout)
        asked.model.batch_prompt("expert", ["a", "a", "b"])
        keys.append([event.key for event in asked.received])

    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 3


@pytest.mark.parametrize("text", ["é☃" * 1000, "\u202e\x1b[31m"])
def test_hostile_text_passes_both_ways(text: str) -> None:
    asked = Asked(lambda request: f"```\n{request.message}\n```")

    replies = asked.model.prompt(text, text)

    assert replies == [f"```\n{text}\n```"]
    assert asked.received[0].key


@pytest.mark.parametrize(("text", "kept"), [("\ud800", "?"), ("\0", "\ufffd")])
def test_what_no_journal_can_keep_no_program_gets(text: str, kept: str) -> None:
    asked = Asked(lambda _: f"a{text}b")

    assert asked.model.prompt("expert", text) == [f"a{kept}b"]
    assert asked.received[0].reply == f"a{kept}b"


@pytest.mark.parametrize("text", ["x" * 5_000_000])
def test_a_huge_reply_is_received(text: str) -> None:
    asked = Asked([text])

    assert asked.model.prompt("expert", "a") == [text]


class Bounding(Priced):
    """Takes money, and knows how much at most."""

    def __init__(self, *, has_price: bool = True, reply: Reply | None = None) -> None:
        self.asked = 0
        self._has_price = has_price
        self._reply = reply or Reply("so", tokens=100, dollars=0.25)

    def most(self, requests: Sequence[Request]) -> dict[Unit, float]:
        count = len(requests)
        known = {Unit.DOLLARS: 0.5 * count} if self._has_price else {}
        return {Unit.TOKENS: 200.0 * count, **known}

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        self.asked += len(requests)
        return enumerate(self._reply for _ in requests)


def test_the_most_that_replies_can_cost_is_set_aside_and_less_is_charged() -> None:
    run = Budget("run", {Unit.DOLLARS: 1.6})
    asked = Asked(Bounding(), run=run)

    asked.model.prompt("expert", "hello", 3)

    assert run.spent[Unit.DOLLARS] == 0.75
    with pytest.raises(
        BudgetExceeded, match=r"may spend 1\.6 dollars, has spent 0\.75, may need 1"
    ):
        asked.model.prompt("expert", "hello", 2)


@pytest.mark.parametrize("unit", [Unit.TOKENS, Unit.DOLLARS])
def test_with_64_calls_in_flight_never_more_is_spent_than_the_limit(unit: Unit) -> None:
    limit = {Unit.TOKENS: 10_000, Unit.DOLLARS: 25}[unit]
    run = Budget("run", {unit: limit})
    sessions = [Asked(Bounding(), run=run, calls=None) for _ in range(64)]

    def work(session: Asked) -> None:
        with suppress(BudgetExceeded):
            while True:
                session.model.prompt("expert", "hello")

    with ThreadPoolExecutor(64) as pool:
        list(pool.map(work, sessions))

    assert 0.97 * limit <= run.spent[unit] <= limit


def test_a_limit_in_dollars_without_a_price_ends_the_run_before_anything_is_asked() -> None:
    client = Bounding(has_price=False)
    asked = Asked(client, run=Budget("run", {Unit.DOLLARS: 5}))

    with pytest.raises(RunCutShort, match=r"its price is not known; state it .* --price input="):
        asked.model.prompt("expert", "hello")

    assert (client.asked, asked.received) == (0, [])


@pytest.mark.parametrize(
    ("unit", "reply"),
    [
        (Unit.DOLLARS, Reply("so", tokens=3, dollars=None)),
        (Unit.TOKENS, Reply("so", tokens=None, dollars=0.1)),
    ],
)
def test_a_reply_that_nobody_counted_ends_a_run_with_such_a_limit_and_is_recorded(
    unit: Unit, reply: Reply
) -> None:
    asked = Asked(Bounding(reply=reply), run=Budget("run", {unit: 10_000}))

    with pytest.raises(RunCutShort, match=f"cannot keep a limit in {unit}: it does not say"):
        asked.model.prompt("expert", "hello", 2)

    assert len(asked.received) == 2
    assert asked.run.spent[Unit.SAMPLES] == 2


def test_a_server_that_counts_more_than_can_be_ends_a_run_with_such_a_limit() -> None:
    reply = Reply("so", tokens=1_000, dollars=0.1)
    asked = Asked(Bounding(reply=reply), run=Budget("run", {Unit.TOKENS: 10_000}))

    with pytest.raises(RunCutShort, match=r"took 1,000, more than the 200 .* max_tokens"):
        asked.model.prompt("expert", "hello")

    assert asked.run.spent[Unit.TOKENS] == 1_000


class Losing(Bounding):
    """Gives one reply; the run is stopped while others are on their way."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        yield from super().complete(requests[:1])
        raise self._error


@pytest.mark.parametrize(
    ("error", "lost"),
    [(RepliesLost("stopped", 2), 2), (RunCutShort("stopped"), 0), (ProviderError("gone"), 0)],
)
def test_replies_that_come_too_late_are_charged_at_the_most(error: Exception, lost: int) -> None:
    asked = Asked(Losing(error))

    with pytest.raises(type(error)):
        asked.model.prompt("expert", "hello", 3)

    began, cut = (
        [event for event in asked.events if isinstance(event, kind)]
        for kind in (CallBegan, CallCutShort)
    )
    assert [(event.samples, event.tokens, event.dollars) for event in began] == [(3, 200.0, 0.5)]
    assert [event.lost for event in cut] == [lost]
    assert asked.run.spent[Unit.SAMPLES] == 1 + lost
    assert asked.run.spent[Unit.DOLLARS] == 0.25 + 0.5 * lost


def test_a_model_that_is_free_and_answers_at_once_is_not_announced() -> None:
    asked = Asked(shout)

    asked.model.prompt("expert", "hello")

    assert [type(event) for event in asked.events] == [ReplyReceived]


def test_without_such_a_limit_what_nobody_counted_is_no_obstacle() -> None:
    asked = Asked(Bounding(has_price=False, reply=Reply("so")))

    assert asked.model.prompt("expert", "hello") == ["so"]


def test_a_reply_names_the_model_that_gave_it() -> None:
    asked = Asked(Bounding(reply=Reply("so", model="openai/a")))

    asked.model.prompt("expert", "hello")

    assert asked.received[0].model == "openai/a"


TWINS = [("a\0", "a\ufffd"), ("a\ud800", "a?"), ("a\x1f", "a\x1f")]


@pytest.mark.parametrize("messages", TWINS, ids=["nul", "surrogate", "same"])
def test_requests_that_no_journal_can_tell_apart_are_the_same_request(
    messages: tuple[str, str],
) -> None:
    asked = Asked(lambda request: str(request.index))

    replies = asked.model.batch_prompt("expert", list(messages))

    assert replies == ["0", "1"]
    assert len({event.key for event in asked.received}) == 2


def test_no_text_moves_the_border_between_the_parts_of_a_key() -> None:
    keys = {
        Request(expertise, message, 0.7, "s", 0).key(PLACE)
        for expertise, message in [("a\x1fb", "c"), ("a", "b\x1fc"), ('a","b', "c"), ("a", 'b","c')]
    }

    assert len(keys) == 4
