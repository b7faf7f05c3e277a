"""Several models as one."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from selftaught.budget import Unit
from selftaught.client import Client, Reply, Request, replies_of
from selftaught.errors import ProviderError, UsageError
from selftaught.language_models.bandit import Bandit
from selftaught.language_models.ensemble import ByWeight, Ensemble
from selftaught.language_models.scripted import Scripted
from selftaught.language_models.servers.chat import Chat
from selftaught.language_models.servers.served import several
from selftaught.language_models.servers.settings import Settings
from selftaught.parts import find_model

PROGRAM = "```python\ndef f():\n    return 1\n```"


class Named(Scripted):
    """A scripted model with a name and a price."""

    def __init__(self, name: str, text: str = PROGRAM, dollars: float = 0.0) -> None:
        super().__init__(lambda _: text)
        self._name, self._dollars = name, dollars

    @property
    def name(self) -> str:
        return self._name

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        for number, reply in super().complete(requests):
            yield number, Reply(reply.text, tokens=1, dollars=self._dollars)


def shares(ensemble: Client, requests: Sequence[Request]) -> Counter[str]:
    return Counter(reply.model for reply in replies_of(ensemble, requests))


def test_weights_are_kept_and_replies_name_their_model(asked: Any) -> None:
    ensemble = several("ensemble:a=3,b", Named, seed=1)

    counts = shares(ensemble, asked.several(2000))

    assert ensemble.name == "ensemble:a=3,b"
    assert 1400 < counts["a"] < 1600
    assert counts["a"] + counts["b"] == 2000


def test_who_answers_depends_on_request_and_seed_alone(asked: Any) -> None:
    requests = asked.several(50)

    def told(seed: int, order: Sequence[Request]) -> dict[int, str]:
        ensemble = several("ensemble:a,b", Named, seed)
        return {request.index: replies_of(ensemble, [request])[0].model for request in order}

    assert told(1, requests) == told(1, requests[::-1])
    assert told(1, requests) != told(2, requests)


def test_models_are_asked_at_the_same_time(asked: Any) -> None:
    together = threading.Barrier(2)

    def answer(request: Request) -> str:
        together.wait(10)
        return request.message

    clients = [Scripted(answer), Scripted(answer)]

    class Turns(ByWeight):
        def choose(self, requests: Sequence[Request]) -> list[int]:
            return [number % 2 for number in range(len(requests))]

    replies = replies_of(Ensemble("both", clients, Turns((1, 1), 0)), asked.several(2))

    assert len(replies) == 2


def test_one_models_failure_loses_nothing_of_the_others(asked: Any) -> None:
    class Down(Named):
        def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
            raise ProviderError(f"down for {len(requests)}")

    ensemble = Ensemble("both", [Named("up"), Down("down")], ByWeight((1, 1), 3))
    arrived: list[str] = []

    with pytest.raises(ProviderError, match="down for"):
        arrived.extend(reply.model for _, reply in ensemble.complete(asked.several(20)))

    assert arrived
    assert set(arrived) == {"up"}


def test_a_bandit_asks_for_programs_where_they_are_to_be_had(asked: Any) -> None:
    clients = [Named("good"), Named("bad", text="I cannot.")]
    ensemble = Ensemble("bandit", clients, Bandit(2))

    counts = sum((shares(ensemble, [asked(index=i)]) for i in range(300)), Counter())

    assert counts["good"] > 250
    assert counts["bad"] >= 1


def test_a_bandit_takes_the_cheaper_of_two_equals(asked: Any) -> None:
    clients = [Named("dear", dollars=0.1), Named("cheap", dollars=0.001)]
    ensemble = Ensemble("bandit", clients, Bandit(2))

    counts = sum((shares(ensemble, [asked(index=i)]) for i in range(300)), Counter())

    assert counts["cheap"] > 2 * counts["dear"]


def test_a_bandit_pays_for_a_model_that_is_far_better(asked: Any) -> None:
    clients = [Named("dear", dollars=0.1), Named("cheap", text="no", dollars=0.001)]
    ensemble = Ensemble("bandit", clients, Bandit(2))

    counts = sum((shares(ensemble, [asked(index=i)]) for i in range(300)), Counter())

    assert counts["dear"] > 200


def test_a_bandit_spreads_what_is_asked_for_at_once(asked: Any) -> None:
    ensemble = Ensemble("bandit", [Named("a"), Named("b"), Named("c")], Bandit(3))

    assert set(shares(ensemble, asked.several(6))) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ensemble:", "expected one to 20 models"),
        ("ensemble:a,,b", "expected one to 20 models"),
        ("bandit:", "expected one to 20 models"),
        ("bandit:openai/a=2,b", "a bandit takes no weights, it finds them; say openai/a, or ens"),
        ("ensemble:a=0", "expected a weight above 0, not '0'"),
        ("ensemble:a=x", "expected a weight above 0, not 'x'"),
        ("ensemble:a=inf", "expected a weight above 0"),
        ("ensemble:a=nan", "expected a weight above 0"),
    ],
)
def test_a_wrong_name_says_what_was_expected(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        several(name, Named, seed=0)


def test_names_lead_to_models_of_all_kinds(asked: Any) -> None:
    found = find_model("ensemble:editor=2, ollama/qwen3:8b=1", 1, Settings())

    assert isinstance(found, Ensemble)
    assert [client.name for client in found.clients] == ["editor", "ollama/qwen3:8b"]
    assert isinstance(found.clients[1], Chat)
    assert found.most([asked()])[Unit.DOLLARS] == 0.0


def test_a_member_that_does_not_exist_is_named() -> None:
    with pytest.raises(UsageError, match="unknown provider 'opnai'"):
        find_model("ensemble:editor,opnai/x", 1, Settings())


def test_a_member_without_a_price_leaves_the_dollars_unknown(asked: Any) -> None:
    settings = Settings(base_url="http://127.0.0.1:1/v1")

    found = find_model("ensemble:editor,openai/x", 1, settings)

    assert isinstance(found, Ensemble)
    assert Unit.DOLLARS not in found.most([asked()])
