"""Keys, and the texts that servers repeat them in."""

from __future__ import annotations

import time

import pytest

from selftaught.language_models.servers.keys import NO_KEY, Key

SECRET = "sk-canary/4711+4711="


@pytest.mark.parametrize("word", ["lambda", "ollama", "secret", "def", "x"])
def test_words_in_replies_stay_where_a_word_is_the_key(word: str) -> None:
    text = f"f = {word}\nprint({word})"

    assert Key(word).hidden_in_reply(text) == text
    assert Key(word).hidden_in_bytes(text.encode()) == text.encode()


def test_a_secret_is_hidden_everywhere() -> None:
    key = Key(SECRET)

    assert key.hidden_in(f"a{SECRET}b") == "a[key]b"
    assert key.hidden_in_reply(f"a{SECRET}b") == "a[key]b"
    assert key.hidden_in_bytes(f"a{SECRET}b".encode()) == b"a[key]b"


@pytest.mark.parametrize(
    "spelled",
    [
        SECRET.replace("-", "\\u002d"),
        SECRET.replace("/", "\\/"),
        SECRET.replace("/", "%2F").replace("+", "%2b").replace("=", "%3D"),
        "".join(f"\\u{ord(each):04X}" for each in SECRET),
    ],
)
def test_a_secret_is_hidden_as_json_and_urls_spell_it(spelled: str) -> None:
    assert Key(SECRET).hidden_in_bytes(f'"{spelled}"'.encode()) == b'"[key]"'


def test_a_very_short_key_is_hidden_in_errors_where_it_stands_for_itself() -> None:
    assert Key("x").hidden_in("expected, not x: x.") == "expected, not [key]: [key]."


def test_without_a_key_nothing_is_hidden() -> None:
    assert NO_KEY.hidden_in("None ") == "None "
    assert NO_KEY.hidden_in_bytes(b"None ") == b"None "


def test_long_texts_are_searched_in_reasonable_time() -> None:
    began = time.monotonic()

    for text in ("\\" * 200_000, "s" * 200_000, "%73" * 70_000):
        Key(SECRET).hidden_in(text)

    assert time.monotonic() - began < 2
