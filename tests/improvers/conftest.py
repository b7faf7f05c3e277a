"""What tests of improvers share: a cheap utility, and replies that say what they score."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from functools import partial

import pytest

from selftaught.client import Request
from selftaught.parts import known_improver
from selftaught.sandbox import Sandbox
from selftaught.sandboxes.local import LocalSandbox
from selftaught.testing.applications import Applied, apply, fenced

Apply = Callable[..., Applied]
"""From an improver's id, a function that replies, and options of `apply`."""


@pytest.fixture
def sandbox(real_sandbox: LocalSandbox) -> Sandbox:
    return real_sandbox


@pytest.fixture
def applied(sandbox: Sandbox) -> Apply:
    def run(
        name: str, reply: Callable[[Request], str] | Iterable[str], **options: object
    ) -> Applied:
        say = reply if callable(reply) else partial(_next, iter(reply))
        return apply(known_improver(name), sandbox, say, **options)  # type: ignore[arg-type]

    return run


def _next(replies: Iterable[str], _: Request) -> str:
    return next(iter(replies))


def program(score: float) -> str:
    return f"def algorithm():\n    return {score:.4f}"


def replies(*scores: float) -> Iterable[str]:
    """Replies with programs of these scores, then with worthless ones; all are different."""
    rest = (0.0001 * number for number in itertools.count(1))
    return (fenced(program(score)) for score in (*scores, *itertools.islice(rest, 1000)))


def temperatures(applied: Applied) -> list[float]:
    return [call[0].temperature for call in applied.calls]


def shown(applied: Applied, call: int) -> list[set[float]]:
    """The scores of the programs that each message of a call shows."""
    texts = {program(score): score for score in applied.scores.values()}
    texts["def algorithm():\n    return 0.4\n"] = 0.4
    return [
        {score for text, score in texts.items() if text in request.message}
        for request in applied.calls[call]
    ]
