"""Instances that a user's function draws, well and badly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from selftaught.errors import UsageError
from selftaught.instances import drawn, plain_arguments

HERE = str(Path(__file__))


def fails(seed: int) -> Any:
    return [1][seed]


def takes_nothing() -> Any:
    return (), None


def stops(seed: int) -> Any:
    raise SystemExit(seed)


def test_a_pair_of_arguments_and_truth_is_an_instance() -> None:
    assert drawn(lambda seed: ((seed, 1), "truth"), 7) == ((7, 1), "truth")


@pytest.mark.parametrize(
    ("draw", "place", "words"),
    [
        (fails, f"line {fails.__code__.co_firstlineno + 1}, in fails", "IndexError: list index"),
        (stops, f"line {stops.__code__.co_firstlineno + 1}, in stops", "SystemExit: 3"),
        (takes_nothing, f"line {takes_nothing.__code__.co_firstlineno}: instance(3)", "TypeError"),
    ],
)
def test_a_function_that_fails_is_named_with_its_line(
    draw: Callable[..., Any], place: str, words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        drawn(draw, 3)

    assert str(caught.value).startswith(f"{HERE}, {place}: {words}")


@pytest.mark.parametrize(
    "pair", [None, 7, (1, 2, 3), [1], (7, "truth"), ("numbers", "truth"), ([1, 2], "truth")]
)
def test_what_is_no_instance_is_shown_with_what_was_expected(pair: object) -> None:
    def draw(_: int) -> Any:
        return pair

    with pytest.raises(UsageError) as caught:
        drawn(draw, 3)

    message = str(caught.value)
    assert message.startswith(f"{HERE}, line {draw.__code__.co_firstlineno}: instance must return")
    assert message.endswith(f"return (numbers,), expected; not {pair!r}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1, {"a": object()}],), "arguments[0][1]['a'] is a object"),
        ((np.zeros(3), {1, 2}, {"k": (print,)}), "arguments[2]['k'][0] is a builtin_function"),
    ],
)
def test_arguments_that_are_no_plain_data_are_named(
    arguments: tuple[object, ...], words: str
) -> None:
    with pytest.raises(UsageError) as caught, plain_arguments(fails, arguments):
        raise TypeError("not plain")

    assert words in str(caught.value)


def test_arguments_within_themselves_are_named() -> None:
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(UsageError, match="nested too deeply"), plain_arguments(fails, (endless,)):
        raise TypeError("not plain")


def test_an_error_of_another_kind_is_not_the_functions() -> None:
    with pytest.raises(TypeError, match="ours"), plain_arguments(fails, ([1.5, "a", None],)):
        raise TypeError("ours")
