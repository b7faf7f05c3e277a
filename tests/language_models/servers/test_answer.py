"""Answers of servers, well-formed and not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.client import Finish
from selftaught.language_models.servers.answer import LONGEST_TEXT, Answer, Unreadable, read_answer
from selftaught.language_models.servers.usage import Usage


def answer(message: object, finish: object = "stop", **rest: object) -> Answer:
    choice = {"message": message, "finish_reason": finish}
    return read_answer(json.dumps({"choices": [choice], **rest}).encode())


@pytest.mark.parametrize(
    ("finish", "expected"),
    [
        ("stop", Finish.STOP),
        (None, Finish.STOP),
        ("length", Finish.LENGTH),
        ("max_tokens", Finish.LENGTH),
        ("content_filter", Finish.OTHER),
        ("tool_calls", Finish.OTHER),
        (["odd"], Finish.OTHER),
    ],
)
def test_why_a_reply_ended_is_told(finish: object, expected: Finish) -> None:
    assert answer({"content": "x"}, finish).choices[0].finish is expected


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": "hi"}, "hi"),
        ({"content": None}, ""),
        ({}, ""),
        ({"content": 5}, ""),
        ({"content": None, "refusal": "I won't"}, "I won't"),
        ({"content": [{"type": "thinking"}, {"type": "text", "text": "a"}, {"text": "b"}]}, "ab"),
    ],
)
def test_the_text_of_a_reply_is_found_or_empty(message: object, text: str) -> None:
    assert answer(message).choices[0].text == text


def test_a_reply_of_many_megabytes_is_cut_and_says_so() -> None:
    choice = answer({"content": "x" * 10_000_000}).choices[0]

    assert (len(choice.text), choice.finish) == (LONGEST_TEXT, Finish.LENGTH)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4}, Usage(3, 4)),
        ({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 20}, Usage(3, 17)),
        ({"prompt_tokens": 3, "completion_tokens": 4,
          "prompt_tokens_details": {"cached_tokens": 2}}, Usage(3, 4, cached_tokens=2)),
        ({"prompt_tokens": 3, "completion_tokens": 4, "cost": 0.25}, Usage(3, 4, dollars=0.25)),
        ({"prompt_tokens": -3, "completion_tokens": 4}, None),
        ({"prompt_tokens": "3", "completion_tokens": 4}, None),
        ({"prompt_tokens": 3}, None),
        ({"prompt_tokens": 3, "completion_tokens": 10**30}, None),
        ("many", None),
        (None, None),
    ],
)  # fmt: skip
def test_usage_is_what_is_stated_or_not_known(usage: object, expected: Usage | None) -> None:
    assert answer({"content": "x"}, usage=usage).usage == expected


def test_what_thinking_took_is_counted() -> None:
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 900,
        "completion_tokens_details": {"reasoning_tokens": 850},
    }

    assert answer({"content": "x"}, usage=usage).usage == Usage(10, 900)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "nothing"),
        (b"<!DOCTYPE html><p>Bad gateway", "a web page"),
        (b'{"choices": [', "malformed JSON"),
        (b"oops", "no JSON"),
        (b"[" * 100_000, "malformed JSON"),
        (b"5", "JSON without choices"),
        (b'{"choices": 5}', "JSON without choices"),
        (b"\xff\xfe", "no JSON"),
    ],
)
def test_what_is_no_answer_is_called_what_it_is(body: bytes, what: str) -> None:
    with pytest.raises(Unreadable, match=f"^{what}$"):
        read_answer(body)


def test_an_error_with_a_status_of_success_is_an_error() -> None:
    body = b'{"error": {"code": 429, "message": "slow down"}}'

    assert read_answer(body).error == {"code": 429, "message": "slow down"}
    assert read_answer(b'{"error": "no"}').error == {"message": "no"}


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "content", "finish_reason", "usage", "error", "text"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(json_values)
def test_no_json_makes_it_fail_in_another_way(value: object) -> None:
    try:
        found = read_answer(json.dumps(value).encode())
    except Unreadable:
        return

    assert all(isinstance(choice.text, str) for choice in found.choices)
