"""Places in a run, and keys: the names of what happens there.

A key depends on where in the run something happens and on what was asked, not on when it happens
or in which thread. So a run that is executed again finds what it did before.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from selftaught.solution import Solution
from selftaught.text import storable


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a run something happens, from the outside in.

    Example:
        >>> str(Place(("t1",)) / "search" / "lpn" / 0)
        't1/search/lpn/0'
    """

    path: tuple[str, ...] = ()

    def __truediv__(self, part: str | int) -> Place:
        return Place((*self.path, str(part)))

    def __str__(self) -> str:
        return "/".join(self.path)


def key_of(*parts: object) -> str:
    """Returns 32 hexadecimal digits that name a combination of parts."""
    # As JSON, no text within a part can be taken for the border between two.
    text = json.dumps([storable(str(part)) for part in parts])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def reply_key(
    place: Place, expertise: str, message: str, temperature: float, stream: str, index: int
) -> str:
    """Returns the key of a reply, whether it has come or not."""
    return key_of("reply", place, expertise, message, temperature, stream, index)


def score_key(place: Place, solution: Solution, index: int) -> str:
    """Returns the key of an evaluation, whether it has been made or not."""
    return key_of("score", place, solution.digest, index)


def session_key(place: Place, improver: Solution) -> str:
    """Returns the key of a session's end, whether it has come or not."""
    return key_of("session", place, improver.digest)


def measured_key(split: str, measurement: str, task: str, repeat: int, improver: Solution) -> str:
    """Returns the key of a term of the meta-utility, whether it is known or not."""
    return key_of("measured", split, measurement, task, repeat, improver.digest)
