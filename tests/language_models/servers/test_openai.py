"""One exchange with a server that speaks chat completions."""

from __future__ import annotations

import gc
import json
import logging
import traceback
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from selftaught.client import Finish
from selftaught.errors import ProgramError, ProviderError, SelftaughtError, UsageError
from selftaught.language_models.servers.exchange import Cause, Transient
from selftaught.language_models.servers.openai import OpenAIServer
from selftaught.language_models.servers.pricing import Price
from selftaught.language_models.servers.providers import address_of
from selftaught.language_models.servers.settings import Settings

SECRET = "sk-canary-4711-4711"
Answering = Callable[[dict[str, Any]], httpx2.Response]


class Wire:
    """Answers in place of the network, and keeps what was sent."""

    def __init__(self, answer: Answering) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.requests: list[httpx2.Request] = []
        self._answer = answer

    def server(self, name: str = "openai/gpt-4o", **settings: Any) -> OpenAIServer:
        chosen = Settings(**settings)
        address = address_of(name, chosen, {"OPENAI_API_KEY": SECRET, "GROQ_API_KEY": SECRET})
        return OpenAIServer(address, chosen, transport=httpx2.MockTransport(self.served))

    def served(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        self.bodies.append(json.loads(request.content))
        return self._answer(self.bodies[-1])


def completion(*texts: str | None, usage: Any = (10, 30), finish: str = "stop") -> httpx2.Response:
    choices = [{"message": {"content": text}, "finish_reason": finish} for text in texts]
    stated = usage and {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
    return httpx2.Response(200, json={"choices": choices, "usage": stated})


def refusal(message: str, status: int = 400, **fields: Any) -> httpx2.Response:
    return httpx2.Response(status, json={"error": {"message": message, **fields}})


def test_several_samples_come_from_one_exchange(asked: Any) -> None:
    wire = Wire(lambda _: completion("aa", "bb", "cc"))

    replies = wire.server().ask(asked(), 3)

    assert [reply.text for reply in replies] == ["aa", "bb", "cc"]
    assert wire.bodies[0]["n"] == 3
    assert sum(reply.tokens or 0 for reply in replies) == 40
    assert sum(reply.dollars or 0 for reply in replies) == pytest.approx(10 * 2.5e-6 + 30 * 1e-5)


def test_one_sample_is_asked_for_without_a_count(asked: Any) -> None:
    wire = Wire(lambda _: completion("aa"))

    wire.server().ask(asked(), 1)

    assert "n" not in wire.bodies[0]


def test_only_what_a_server_needs_is_sent(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-private")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Private: yes")
    wire = Wire(lambda _: completion("aa"))

    wire.server("groq/llama").ask(asked(), 1)

    headers = wire.requests[0].headers
    assert headers["authorization"] == f"Bearer {SECRET}"
    assert set(headers) <= {
        "accept", "accept-encoding", "authorization", "connection", "content-length",
        "content-type", "host", "user-agent",
    }  # fmt: skip


def test_a_server_without_a_key_is_sent_none(asked: Any) -> None:
    wire = Wire(lambda _: completion("aa"))

    wire.server("ollama/llama3").ask(asked(), 1)

    assert "authorization" not in wire.requests[0].headers


def test_a_server_that_gives_fewer_samples_is_asked_for_fewer(asked: Any) -> None:
    wire = Wire(lambda _: completion("aa"))
    server = wire.server()

    first = server.ask(asked(), 5)
    server.ask(asked(), 5)

    assert len(first) == 1
    assert server.most_samples == 1
    assert "n" not in wire.bodies[1]


def test_more_samples_than_asked_for_are_cut_and_all_their_tokens_counted(asked: Any) -> None:
    wire = Wire(lambda _: completion("aa", "bb", "cc", usage=(10, 30)))

    replies = wire.server().ask(asked(), 2)

    assert [reply.text for reply in replies] == ["aa", "bb"]
    assert sum(reply.tokens or 0 for reply in replies) == 40


def test_a_server_that_refuses_several_samples_gives_one(asked: Any) -> None:
    wire = Wire(
        lambda body: refusal("'n' : number must be at most 1") if "n" in body else completion("a")
    )
    server = wire.server()

    replies = server.ask(asked(), 4)

    assert len(replies) == 1
    assert server.most_samples == 1


def test_tokens_of_one_reply_for_several_are_not_believed(asked: Any) -> None:
    long = "def algorithm(x):\n    return sorted(x)\n" * 20
    wire = Wire(lambda body: completion(*[long] * body.get("n", 1), usage=(10, 200)))
    server = wire.server()

    several = server.ask(asked(), 6)
    single = server.ask(asked(), 6)

    assert {(reply.tokens, reply.dollars) for reply in several} == {(None, None)}
    assert server.most_samples == 1
    assert [reply.tokens for reply in single] == [210]


def test_replies_that_all_ended_by_length_took_more_tokens_than_the_longest_one(asked: Any) -> None:
    wire = Wire(lambda _: completion("a", "b", "c", usage=(10, 64), finish="length"))
    server = wire.server(max_tokens=64)

    replies = server.ask(asked(), 3)

    assert [reply.tokens for reply in replies] == [None] * 3
    assert server.most_samples == 1


def test_what_is_not_counted_is_not_known(asked: Any) -> None:
    wire = Wire(lambda _: completion("aa", usage=None))

    reply = wire.server().ask(asked(), 1)[0]

    assert (reply.tokens, reply.dollars) == (None, None)


def test_a_free_model_costs_nothing_whatever_it_counts(asked: Any) -> None:
    wire = Wire(lambda _: completion("aa", usage=None))

    reply = wire.server("ollama/llama3").ask(asked(), 1)[0]

    assert (reply.tokens, reply.dollars) == (None, 0.0)


def test_a_provider_that_states_dollars_is_believed_unless_a_price_is_stated(asked: Any) -> None:
    body = {
        "choices": [{"message": {"content": "x"}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.5},
    }
    wire = Wire(lambda _: httpx2.Response(200, json=body))

    believed = wire.server("openai/no-such-price").ask(asked(), 1)[0]
    stated = wire.server("openai/x", price=Price(1e6, 1e6)).ask(asked(), 1)[0]

    assert (believed.dollars, stated.dollars) == (0.5, 2.0)


@pytest.mark.parametrize(
    ("finish", "expected"), [("length", Finish.LENGTH), ("content_filter", Finish.OTHER)]
)
def test_cut_and_empty_replies_are_what_they_are(asked: Any, finish: str, expected: Finish) -> None:
    wire = Wire(lambda _: completion("def f(", None, finish=finish))

    replies = wire.server().ask(asked(), 2)

    assert [(reply.text, reply.finish) for reply in replies] == [
        ("def f(", expected),
        ("", expected),
    ]


def test_a_reasoning_model_is_spoken_to_as_it_wants(asked: Any) -> None:
    def answer(body: dict[str, Any]) -> httpx2.Response:
        if "max_tokens" in body:
            return refusal(
                "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens'",
                param="max_tokens",
            )
        if "temperature" in body:
            return refusal("Unsupported value: 'temperature'", param="temperature")
        return completion("aa")

    wire = Wire(answer)
    server = wire.server("groq/reasoner")

    server.ask(asked(), 1)
    server.ask(asked(), 1)

    assert len(wire.bodies) == 4
    assert "max_completion_tokens" in wire.bodies[3]
    assert "temperature" not in wire.bodies[3]


def test_a_stated_context_costs_one_refusal_and_not_one_per_exchange(asked: Any) -> None:
    def answer(body: dict[str, Any]) -> httpx2.Response:
        prompt = sum(len(message["content"]) for message in body["messages"]) // 4 + 8
        if body["max_completion_tokens"] + prompt <= 4096:
            return completion("aa")
        return refusal(
            "This model's maximum context length is 4096 tokens. However, you requested "
            f"{8192 + prompt} tokens ({prompt} in the messages, 8192 in the completion)."
        )

    wire = Wire(answer)
    server = wire.server()

    for size in (2000, 4000, 100, 8000, 2000):
        server.ask(asked("x" * size), 1)

    assert len(wire.bodies) == 6
    assert [body["max_completion_tokens"] > 1800 for body in wire.bodies] == [True] * 6


def test_answers_that_are_too_large_together_are_asked_for_one_by_one(asked: Any) -> None:
    def answer(body: dict[str, Any]) -> httpx2.Response:
        if "n" in body:
            return httpx2.Response(200, content=(b" " * (1 << 20) for _ in range(40)))
        return completion("x" * (10 << 20))

    wire = Wire(answer)
    server = wire.server()

    replies = server.ask(asked(), 6)
    server.ask(asked(), 5)

    assert [len(reply.text) for reply in replies] == [1_000_000]
    assert [body.get("n", 1) for body in wire.bodies] == [6, 1, 1]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (500, "Only one completion choice is allowed"),
        (500, "n > 1 is not supported"),
        (501, "candidates: not implemented"),
        (501, "not implemented"),
    ],
)
def test_a_server_that_breaks_on_several_samples_is_asked_for_one(
    asked: Any, status: int, message: str
) -> None:
    wire = Wire(lambda body: refusal(message, status) if "n" in body else completion("a"))
    server = wire.server()

    server.ask(asked(), 4)
    server.ask(asked(), 3)

    assert [body.get("n", 1) for body in wire.bodies] == [4, 1, 1]


def test_a_server_that_says_nothing_of_several_samples_is_asked_for_one_the_second_time(
    asked: Any,
) -> None:
    wire = Wire(lambda body: refusal("oops", 500) if "n" in body else completion("a"))
    server = wire.server()
    with pytest.raises(Transient):
        server.ask(asked(), 4)

    replies = server.ask(asked(), 4)

    assert len(replies) == 1
    assert [body.get("n", 1) for body in wire.bodies] == [4, 4, 1]


def test_a_server_that_gave_several_samples_may_break_without_giving_one(asked: Any) -> None:
    is_down: list[bool] = []
    wire = Wire(lambda _: refusal("oops", 500) if is_down else completion("a", "b"))
    server = wire.server()
    server.ask(asked(), 2)
    is_down.append(True)

    for _ in range(3):
        with pytest.raises(Transient):
            server.ask(asked(), 2)

    assert [body["n"] for body in wire.bodies] == [2] * 4


def test_a_model_without_system_prompts_is_sent_none(asked: Any) -> None:
    def answer(body: dict[str, Any]) -> httpx2.Response:
        if body["messages"][0]["role"] == "system":
            return refusal("Developer instruction is not enabled for models/gemma-3-27b-it")
        return completion("aa")

    wire = Wire(answer)

    assert wire.server().ask(asked(), 1)[0].text == "aa"


def test_a_model_that_thought_until_the_end_gives_an_empty_reply_cut_short(asked: Any) -> None:
    message = "Could not finish the message because max_tokens or model output limit was reached."
    wire = Wire(lambda _: refusal(message))

    replies = wire.server().ask(asked(), 3)

    assert [(reply.text, reply.finish, reply.tokens) for reply in replies] == [
        ("", Finish.LENGTH, None)
    ]


def test_a_long_prompt_gets_shorter_replies_and_the_next_prompt_does_not(asked: Any) -> None:
    def answer(body: dict[str, Any]) -> httpx2.Response:
        room = 3000 - len(body["messages"][1]["content"])
        if body["max_completion_tokens"] > room:
            return refusal("maximum context length is 3000 tokens")
        return completion("aa")

    wire = Wire(answer)
    server = wire.server(max_tokens=2048)

    server.ask(asked("x" * 2000), 1)
    server.ask(asked("x"), 1)

    assert [body["max_completion_tokens"] for body in wire.bodies] == [2048, 512, 2048]


def test_a_prompt_that_never_fits_is_its_programs_affair(asked: Any) -> None:
    wire = Wire(lambda _: refusal("maximum context length is 300 tokens"))

    with pytest.raises(ProgramError, match="the prompt is too long"):
        wire.server().ask(asked("x" * 4000), 6)

    assert len(wire.bodies) < 6


@pytest.mark.parametrize(
    ("response", "kind", "words"),
    [
        (refusal("Incorrect API key", 401), UsageError, "is the key in OPENAI_API_KEY right"),
        (refusal("no such model", 404), UsageError, "does the server have a model 'gpt-4o'"),
        (httpx2.Response(404, text="<html>not here"), UsageError, "Most end in /v1"),
        (httpx2.Response(301, headers={"location": "https://e/"}), UsageError, "base URL"),
        (refusal("bad", 400), ProviderError, "HTTP 400: bad"),
        (refusal("slow down", 429), Transient, "slow down"),
        (httpx2.Response(503, text="<html>down"), Transient, "it answered a web page"),
        (httpx2.Response(200, text="<html>hello"), Transient, "is https://api.openai.com/v1"),
        (httpx2.Response(200, text='{"choices'), Transient, "answered malformed JSON"),
        (httpx2.Response(200, text='data: {"choices": []}'), ProviderError, "it streams unasked"),
        (httpx2.Response(200, json={"choices": []}), Transient, "without a reply"),
        (httpx2.Response(200, json={"error": {"code": 429}}), Transient, "HTTP 429"),
        (httpx2.Response(200, json={"error": {"message": "odd"}}), Transient, "HTTP 502: odd"),
    ],
)
def test_failures_are_told_apart(
    asked: Any, response: httpx2.Response, kind: type[SelftaughtError], words: str
) -> None:
    wire = Wire(lambda _: response)

    with pytest.raises(kind) as caught:
        wire.server().ask(asked(), 1)

    assert type(caught.value) is kind
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (httpx2.ConnectError("refused"), Cause.UNREACHABLE),
        (httpx2.ConnectTimeout("slow"), Cause.UNREACHABLE),
        (httpx2.RemoteProtocolError("no HTTP"), Cause.UNREACHABLE),
        (httpx2.ReadTimeout("slow"), Cause.UNUSABLE),
        (httpx2.ReadError("reset"), Cause.UNREACHABLE),
    ],
)
def test_a_broken_line_may_be_tried_again(asked: Any, error: Exception, cause: Cause) -> None:
    def answer(body: dict[str, Any]) -> httpx2.Response:
        del body
        raise error

    with pytest.raises(Transient) as caught:
        Wire(answer).server().ask(asked(), 1)

    assert caught.value.cause is cause


def test_a_flood_is_cut_off(asked: Any) -> None:
    wire = Wire(lambda _: httpx2.Response(200, content=(b"x" * (1 << 20) for _ in range(100))))

    with pytest.raises(Transient, match="more than 32 MB") as caught:
        wire.server().ask(asked(), 1)

    assert caught.value.cause is Cause.UNUSABLE


FAILURES: list[Answering] = [
    lambda _: refusal(f"wrong key {SECRET}", 401),
    lambda _: refusal(f"busy, {SECRET}", 503),
    lambda _: httpx2.Response(500, text=f"Authorization: Bearer {SECRET}"),
    lambda _: httpx2.Response(200, text=SECRET),
    lambda _: httpx2.Response(500, text=SECRET.replace("-", "\\u002d")),
    lambda _: httpx2.Response(
        401, text='{"error": "%s"}' % (" " * 280 + SECRET.replace("-", "\\u002d"))
    ),
    lambda _: httpx2.Response(200, json={"error": {"message": SECRET, "code": 400}}),
]


@pytest.mark.parametrize("answer", FAILURES, ids=range(len(FAILURES)))
def test_no_error_shows_the_key_or_holds_what_does(
    asked: Any, answer: Answering, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = Wire(answer).server()

    with pytest.raises(SelftaughtError) as caught:
        server.ask(asked(), 1)

    error: BaseException | None = caught.value
    shown = "".join(
        traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    )
    # The test's own frame holds the answers that it made up.
    own = shown.partition("openai.py")[2]
    assert SECRET not in f"{error!r}{error}{own}{caplog.text}"
    while error is not None:
        assert type(error).__module__.startswith(("selftaught", "json", "builtins"))
        error = error.__cause__ or error.__context__


def test_a_reply_that_echoes_the_key_is_recorded_without_it(asked: Any) -> None:
    wire = Wire(lambda _: completion(f"your key is {SECRET}"))

    assert wire.server().ask(asked(), 1)[0].text == "your key is [key]"


def test_a_word_that_is_the_key_spoils_no_program(asked: Any) -> None:
    chosen = Settings()
    wire = Wire(lambda _: completion("f = lambda x: x"))
    address = address_of("openai/gpt-4o", chosen, {"OPENAI_API_KEY": "lambda"})
    server = OpenAIServer(address, chosen, transport=httpx2.MockTransport(wire.served))

    assert server.ask(asked(), 1)[0].text == "f = lambda x: x"


def test_connections_are_closed_when_nobody_holds_the_client(asked: Any) -> None:
    closed: list[bool] = []

    class Transport(httpx2.MockTransport):
        def close(self) -> None:
            closed.append(True)

    settings = Settings()
    address = address_of("openai/gpt-4o", settings, {"OPENAI_API_KEY": SECRET})
    server = OpenAIServer(address, settings, transport=Transport(lambda _: completion("a")))
    server.ask(asked(), 1)

    del server
    gc.collect()

    assert closed == [True]


def test_a_local_provider_that_does_not_run_is_named_with_what_starts_it(asked: Any) -> None:
    def refused(_: object) -> httpx2.Response:
        raise httpx2.ConnectError("Connection refused")

    wire = Wire(refused)

    with pytest.raises(Transient) as ollama:
        wire.server("ollama/llama3").ask(asked(), 1)
    with pytest.raises(Transient) as elsewhere:
        wire.server("ollama/llama3", base_url="http://127.0.0.1:1/v1").ask(asked(), 1)

    assert "refused (is Ollama running? Start it with `ollama serve`, or say" in str(ollama.value)
    assert str(elsewhere.value).endswith("Connection refused")
