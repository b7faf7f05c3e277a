"""What is scored before anybody asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from selftaught.ahead import Ahead
from selftaught.errors import BudgetExceeded
from selftaught.solution import Solution

ONE, TWO, THREE = (Solution(f"number = {number}") for number in (1, 2, 3))


def heard(programs: list[Solution], score: Callable[[Solution], object], *, most: int = 9) -> None:
    """Tells of programs, and waits until all that was begun has ended."""
    with ThreadPoolExecutor(2) as executor:
        ahead = Ahead(score, executor=executor, most=most)
        for program in programs:
            ahead(program)


def test_every_program_is_scored_once() -> None:
    scored: list[Solution] = []

    heard([ONE, TWO, ONE, Solution(f"{TWO.text}\n")], scored.append)

    assert sorted(scored, key=lambda program: program.text) == [ONE, TWO]


def test_no_more_programs_are_scored_than_may_be_asked_for() -> None:
    scored: list[Solution] = []

    heard([ONE, ONE, TWO, THREE], scored.append, most=2)

    assert set(scored) == {ONE, TWO}


def test_a_failure_is_left_to_whoever_asks() -> None:
    scored: list[Solution] = []

    def score(program: Solution) -> None:
        scored.append(program)
        raise BudgetExceeded("run", "samples", "nothing is left")

    heard([ONE, TWO], score)

    assert set(scored) == {ONE, TWO}


def test_telling_does_not_wait_for_the_score() -> None:
    told = threading.Event()
    scored: list[bool] = []

    with ThreadPoolExecutor(1) as executor:
        Ahead(lambda _: scored.append(told.wait(10)), executor=executor, most=1)(ONE)
        told.set()

    assert scored == [True]
