"""The form of requests, learnt from refusals."""

from __future__ import annotations

import pytest

from selftaught.client import Request
from selftaught.language_models.servers.form import Form, is_too_long
from selftaught.language_models.servers.form import adapted as adapted_to

SAID_OF_4096 = [
    "This model's maximum context length is 4096 tokens. However, you requested 8292 tokens "
    "(100 in the messages, 8192 in the completion). Please reduce the length of the messages.",
    "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context "
    "length is 4096 tokens and your request has 100 input tokens (8192 > 4096 - 100).",
    "This model's maximum context length is 4097 tokens, however you requested 8292 tokens "
    "(100 in your prompt; 8192 for the completion).",
    "Requested token count exceeds the model's maximum context length of 4096 tokens. You "
    "requested a total of 8292 tokens: 100 tokens from the input messages and 8192 tokens for the "
    "completion.",
    "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 100 `inputs` tokens and 8192 "
    "`max_new_tokens`",
    "input length and `max_tokens` exceed context limit: 100 + 8192 > 4096, decrease input length "
    "or `max_tokens` and try again",
]
REQUEST = Request("expert", "hello", temperature=0.7, stream="s", index=0)


def adapted(form: Form, words: str, field: str | None, count: int) -> Form | None:
    return adapted_to(form, words, field, request=REQUEST, count=count)


def test_a_body_has_both_prompts_and_asks_for_several_samples_at_once() -> None:
    body = Form(max_tokens=100).body("m", REQUEST, 3)

    assert body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "expert"},
            {"role": "user", "content": "hello"},
        ],
        "max_tokens": 100,
        "temperature": 0.7,
        "n": 3,
    }


def test_what_a_server_does_not_take_is_not_sent() -> None:
    form = Form(length_field="max_completion_tokens", takes_temperature=False, takes_system=False)

    body = form.body("m", REQUEST, 1)

    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "expert\n\nhello"}],
        "max_completion_tokens": 8192,
    }


@pytest.mark.parametrize(
    ("words", "field", "expected"),
    [
        ("Unsupported value: 'temperature' does not support 0.7", "temperature",
         {"takes_temperature": False}),
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens",
         {"length_field": "max_completion_tokens"}),
        ("temperature: range: 0..1", None, {"most_temperature": 1.0, "takes_temperature": True}),
        ("temperature: Input should be less than or equal to 1.5", None, {"most_temperature": 1.5}),
        ("'temperature' does not support 0.7. Only the default (1) value is supported", None,
         {"takes_temperature": False}),
        ("System role not supported", None, {"takes_system": False}),
        ("max_tokens is too large: 8192. This model supports at most 4096 completion tokens", None,
         {"max_tokens": 4096}),
        ("max_tokens must be less than or equal to `1024`", None, {"max_tokens": 1024}),
        ("max_tokens is invalid", None, {"max_tokens": 4096}),
        ("This model's maximum context length is exceeded", None,
         {"max_tokens": 2048, "is_lasting": False}),
        ("`max_tokens` must be less than or equal to `4096`, the maximum value for `max_tokens` is "
         "less than the `context_window` for this model", None,
         {"max_tokens": 4096, "is_lasting": True}),
        ("max_tokens: 8192 > 4000, which is the maximum allowed number of output tokens", None,
         {"max_tokens": 4000, "is_lasting": True}),
        ("Developer instruction is not enabled for models/gemma-3-27b-it", None,
         {"takes_system": False}),
    ],
)  # fmt: skip
def test_a_refusal_leads_to_the_next_form(
    words: str, field: str | None, expected: dict[str, object]
) -> None:
    other = adapted(Form(), words, field, 1)

    assert other is not None
    changed = {name: getattr(other, name) for name in expected}
    assert changed == expected
    assert other != Form()


def test_a_name_that_is_unknown_is_given_up_for_the_other() -> None:
    form = Form(length_field="max_completion_tokens")

    other = adapted(form, "Unrecognized request argument: max_completion_tokens", None, 1)

    assert other is not None
    assert other.length_field == "max_tokens"


def test_a_temperature_is_no_higher_than_the_server_takes() -> None:
    hot = Request("expert", "hello", temperature=1.9, stream="s", index=0)

    bodies = [Form(most_temperature=1.0).body("m", each, 1) for each in (hot, REQUEST)]

    assert [body["temperature"] for body in bodies] == [1.0, 0.7]


@pytest.mark.parametrize("words", ["n must be 1", "only one choice", "whatever"])
def test_several_samples_are_given_up_first_when_nothing_else_is_named(words: str) -> None:
    other = adapted(Form(), words, None, 4)

    assert other is not None
    assert other.most_samples == 1


def test_what_no_other_form_mends_has_none() -> None:
    assert adapted(Form(), "no", None, 1) is None
    assert adapted(Form(takes_temperature=False), "temperature", None, 1) is None
    assert adapted(Form(max_tokens=300), "maximum context length is 10", None, 6) is None


@pytest.mark.parametrize(
    "words",
    [
        "This model's maximum context length is 8192 tokens. However, yours has 9000",
        "prompt is too long: 250000 tokens > 200000 maximum",
        "the request exceeds the available context size, try increasing it",
        "context_length_exceeded",
        "Please reduce the length of the messages",
    ],
)
def test_prompts_that_do_not_fit_are_told_from_other_refusals(words: str) -> None:
    assert is_too_long(words)


def test_a_form_is_found_in_a_few_steps_or_not_at_all() -> None:
    form, steps = Form(), 0

    while (other := adapted(form, "maximum context length is 1 token", None, 1)) is not None:
        form, steps = other, steps + 1

    assert steps <= 3


def request_of(size: int) -> Request:
    return Request("expert", "x" * (size - 6), temperature=0.7, stream="s", index=0)


@pytest.mark.parametrize("words", SAID_OF_4096)
def test_what_a_server_says_of_its_context_holds_for_later_prompts(words: str) -> None:
    refused = request_of(400)

    form = adapted_to(Form(), words, None, request=refused, count=1)

    assert form is not None
    assert 3900 < form.longest(refused) <= 3996
    assert 3700 < form.longest(request_of(1200)) <= 3796
    assert Form().learnt_from(form, most_samples=None).context == form.context


def test_a_context_that_is_known_is_not_forgotten_by_who_asked_before() -> None:
    said = "maximum context length is 4096 tokens (100 in the messages)"
    learnt = adapted_to(Form(), said, None, request=request_of(400), count=1)
    assert learnt is not None

    assert learnt.learnt_from(Form(), most_samples=1).context == learnt.context


def test_prompts_with_more_tokens_per_byte_make_replies_shorter() -> None:
    said = "maximum context length is 4096 tokens ({} in the messages)"
    first = adapted_to(Form(), said.format(100), None, request=request_of(400), count=1)
    assert first is not None

    second = adapted_to(first, said.format(900), None, request=request_of(1000), count=1)
    third = adapted_to(second or first, said.format(100), None, request=request_of(400), count=1)

    assert second is not None
    assert second.longest(request_of(1000)) <= 3196
    assert third is None or third.longest(request_of(1000)) <= 3196


@pytest.mark.parametrize(
    "words",
    [
        "maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens",
        "maximum context length is 4096 tokens (3900 in the messages, 8192 in the completion)",
        "prompt contains 40000 input tokens, too large for 32768 maximum context length",
    ],
)
def test_a_prompt_that_leaves_no_room_is_asked_once(words: str) -> None:
    assert adapted(Form(), words, None, 6) is None


def test_a_context_without_a_size_makes_replies_shorter_for_this_prompt() -> None:
    form = adapted(Form(), "context_length_exceeded", None, 1)

    assert form is not None
    assert (form.max_tokens, form.is_lasting) == (2048, False)
