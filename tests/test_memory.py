"""A thing is computed once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from selftaught.memory import Memory


def test_a_result_is_remembered_by_its_key() -> None:
    memory = Memory()

    results = [
        memory.once("a", lambda: 1),
        memory.once("b", lambda: 2),
        memory.once("a", lambda: 3),
    ]

    assert results == [1, 2, 1]


@pytest.mark.parametrize("nothing", [None, 0, "", False])
def test_a_result_that_is_nothing_is_remembered_too(nothing: object) -> None:
    memory = Memory()
    computed: list[object] = []

    for _ in range(2):
        assert memory.once("a", lambda: computed.append(1) or nothing) == nothing

    assert computed == [1]


def test_threads_that_ask_at_once_wait_for_one_computation() -> None:
    memory = Memory()
    barrier = threading.Barrier(32)
    computed: list[int] = []

    def ask(number: int) -> int:
        barrier.wait()
        return memory.once("a", lambda: computed.append(number) or number)

    with ThreadPoolExecutor(32) as pool:
        results = set(pool.map(ask, range(32)))

    assert len(computed) == 1
    assert results == set(computed)


def test_different_things_are_computed_at_the_same_time() -> None:
    memory = Memory()
    barrier = threading.Barrier(8)

    with ThreadPoolExecutor(8) as pool:
        results = pool.map(lambda key: memory.once(key, lambda: barrier.wait(10) >= 0), range(8))

        assert all(results)


def test_a_failure_is_raised_and_forgotten() -> None:
    memory = Memory()

    with pytest.raises(ZeroDivisionError):
        memory.once("a", lambda: 1 / 0)

    assert memory.once("a", lambda: 2) == 2


def test_a_failure_is_raised_to_all_who_wait() -> None:
    memory = Memory()
    started, waiting = threading.Event(), threading.Event()

    def fail() -> int:
        started.set()
        waiting.wait(10)
        raise ConnectionError("the only one")

    def ask() -> int:
        return memory.once("a", fail)

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(ask)
        started.wait(10)
        others = [pool.submit(memory.once, "a", waiting.is_set) for _ in range(3)]
        waiting.set()
        errors = [first.exception(10), *(other.exception(10) for other in others)]

    assert isinstance(errors[0], ConnectionError)
    # Who asked after the failure was forgotten computed it anew.
    assert all(error in (errors[0], None) for error in errors)
