"""A task whose solutions state what they are worth: the ground under the model `planted`.

A solution has a level, its expected utility, and luck that depends on the program and the instance:
what two programs of the same level score on the same instance differs by chance alone, with a known
variance. So the true effect of every edit is known, and whoever decides by scores can be measured.
Of use for that only: a program that returns 1 solves it.

Its name on the command line is ``selftaught.testing.planted:TASK``.
"""

from __future__ import annotations

import random

from selftaught.instances import Split
from selftaught.solution import Solution
from selftaught.task import Task

SEED_LEVEL = 0.3
SEED = f'''\
import random

LEVEL = {SEED_LEVEL}
NOISE = 0.2
PHASE = 0


def algorithm(question):
    """Return the level of this program, and the luck that it has with a question."""
    luck = random.Random("%s %s" % (PHASE, question)).uniform(-NOISE, NOISE)
    return LEVEL + luck
'''
_SOURCE = '''\
import random


def instance(seed):
    """Draw a question; nothing is to be known of its answer."""
    return (random.Random(seed).randrange(10**9),), None


def score(answer, expected):
    """Return the answer: one number between 0 and 1."""
    if not isinstance(answer, float):
        raise TypeError("expected one number")
    return answer
'''


def _instance(seed: int) -> tuple[tuple[int], None]:
    return (random.Random(seed).randrange(10**9),), None  # noqa: S311 - instances, not secrets


def _score(answer: object, expected: object) -> float:
    del expected
    if not isinstance(answer, float):
        raise TypeError("expected one number")
    return answer


TASK = Task(
    id="planted",
    title="State how good this program is (to measure who decides by scores).",
    seed=Solution(SEED),
    source=_SOURCE,
    instance=_instance,
    score=_score,
    counts=dict.fromkeys(Split, 1),
)
"""One instance an evaluation: the luck of a session is the luck of one answer."""
