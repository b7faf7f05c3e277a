"""The bandit over temperatures."""

from __future__ import annotations

from itertools import count

import pytest
from tests.improvers.conftest import Apply, program, temperatures

from selftaught.client import Request
from selftaught.testing.applications import fenced


@pytest.mark.parametrize("good", [0.4, 0.7, 1.0])
def test_it_tries_every_temperature_and_returns_to_the_one_that_pays(
    applied: Apply, good: float
) -> None:
    numbers = count(1)

    def reply(request: Request) -> str:
        level = 0.8 if request.temperature == good else 0.2
        return fenced(program(level + 0.0001 * next(numbers)))

    used = temperatures(applied("bandit", reply))

    assert sorted(used[:3]) == [0.4, 0.7, 1.0]
    assert used[3] == good


def test_replies_without_code_count_as_worthless(applied: Apply) -> None:
    numbers = count(1)

    def reply(request: Request) -> str:
        if request.temperature == 1.0:
            return fenced(program(0.1 + 0.0001 * next(numbers)))
        return "no code"

    assert temperatures(applied("bandit", reply))[3] == 1.0
