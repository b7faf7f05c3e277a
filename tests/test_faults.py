"""Where a user's own code failed."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import pytest

from selftaught.faults import definition, fault, in_words, place, way_in_words


def broken() -> None:
    json.loads("{")


def outer() -> None:
    broken()


def raised_by(function: Callable[[], Any]) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it raises
        function()
    return caught.value


def line_of(function: Callable[..., Any]) -> int:
    return function.__code__.co_firstlineno


def test_the_place_is_the_users_line_and_not_that_of_a_library() -> None:
    error = raised_by(outer)

    assert place(error) == f"{__file__}, line {line_of(broken) + 1}, in broken"


def test_a_message_begins_with_the_place_and_notes_tell_the_way() -> None:
    found = fault(raised_by(outer), "calling outer")

    assert str(found).startswith(f"{__file__}, line {line_of(broken) + 1}, in broken: JSONDecode")
    here = [note for note in found.__notes__ if note.startswith(__file__)]
    assert here[-2:] == [
        f"{__file__}, line {line_of(outer) + 1}, in outer: broken()",
        f'{__file__}, line {line_of(broken) + 1}, in broken: json.loads("{{")',
    ]


def test_the_way_in_words_names_a_file_once() -> None:
    way = way_in_words(raised_by(outer))

    assert way.count(__file__) == 1
    assert way.endswith(f'line {line_of(broken) + 1}, in broken: `json.loads("{{")`')


def test_what_has_no_line_of_the_users_is_named_by_what_was_done() -> None:
    assert str(fault(KeyError("k"), "drawing")) == "drawing: KeyError: 'k'"
    assert place(KeyError("k")) == way_in_words(KeyError("k")) == ""


def test_an_error_about_a_number_that_python_cannot_write_has_words() -> None:
    assert in_words(KeyError(10**5000)) == "KeyError: about a very large integer"


def test_a_function_is_found_behind_its_decorators() -> None:
    @wraps(broken)
    def wrapped() -> None:
        broken()

    assert definition(wrapped) == f"{__file__}, line {line_of(broken)}"
    assert definition(len) == "len"
    assert definition(partial(print)) == "a function"
