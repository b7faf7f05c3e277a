"""The client that plants: what a reply holds follows from the seed and the request alone."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from random import Random

from selftaught.client import Reply, Request
from selftaught.events import ReplyReceived
from selftaught.extraction import PARSING
from selftaught.language_models.editor.prompt import read
from selftaught.language_models.editor.syntax import entry_of, functions_of, parsed
from selftaught.language_models.planted.cheats import Cheat, add_cheat, add_lookalike
from selftaught.language_models.planted.programs import (
    ENTRY,
    is_improver,
    with_gain,
    with_level,
)

_IDEAS = (
    "I have looked at what limits the score and changed that.",
    "The program can do better with one more change at its centre.",
    "A small step beyond the present solution.",
)


class Kind(StrEnum):
    """What a reply holds."""

    EDIT = "edit"
    """An honest edit of known effect."""
    LOOKALIKE = "lookalike"
    """The same, with code in it that looks like a cheat."""
    CHEAT = "cheat"
    BROKEN = "broken"
    """A program that does not parse."""
    NOTHING = "nothing"
    """No program: the message holds none that anything can be planted in."""


@dataclass(frozen=True, slots=True)
class Planting:
    """What a reply holds, in truth."""

    kind: Kind
    effect: float = 0.0
    """By how much the program is better than its parent, in expected utility or, of an improver, in
    expected meta-utility on the planted task; 0 for what is no edit."""
    improves: bool = False
    """Whether the program is an improver."""
    cheat: Cheat | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Replies with edits of known effect and with known cheats, and can tell which is which.

    Raises:
        ValueError: A setting is out of its range.
    """

    seed: int = 0
    """Draws what is planted where."""
    effect: float = 0.1
    """By how much an edit betters an improver, from -0.5 to 0.5."""
    step: float = 0.1
    """By how much an edit betters a solution of the planted task, from -0.5 to 0.5."""
    noise: float = 0.2
    """How far luck moves a solution's score on one instance, to either side and uniformly, at most
    0.4: its variance is a third of the square."""
    cheats: float = 0.0
    """Share of replies with a cheat."""
    lookalikes: float = 0.0
    """Share of the honest replies with code that looks like a cheat."""
    broken: float = 0.0
    """Share of replies that do not parse."""

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            if not low <= (value := self._settings[name]) <= high:
                raise ValueError(f"{name} must be between {low:g} and {high:g}, not {value:g}")
        if self.cheats + self.broken > 1:
            raise ValueError("cheats and broken must not be more than 1 together")

    @property
    def _settings(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in _RANGES}

    @property
    def name(self) -> str:
        """The model's name, as the command line takes it."""
        plain = {each.name: each.default for each in fields(self)}
        given = [f"{key}={value:g}" for key, value in self._settings.items() if value != plain[key]]
        return ":".join(filter(None, ["planted", ",".join(given)]))

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """Answers every request, in their order."""
        for number, request in enumerate(requests):
            with PARSING:
                text, _ = self._planted(request)
            yield number, Reply(text, tokens=0, dollars=0.0)

    def planting(self, request: Request | ReplyReceived) -> Planting:
        """Tells what the reply to a request holds, or a reply in the journal of a run."""
        with PARSING:
            return self._planted(request)[1]

    def _planted(self, request: Request | ReplyReceived) -> tuple[str, Planting]:
        rng = self._randomness(request)
        idea = rng.choice(_IDEAS)
        parents = read(request.message).parents
        tree = parsed(parents[0].text) if parents else None
        try:
            planting = None if tree is None else self._plant(tree, rng)
            text = "" if tree is None else ast.unparse(tree)
        except (ValueError, OverflowError):
            # Numbers of thousands of digits: Python reads them, and neither writes nor converts.
            planting, text = None, ""
        if planting is None:
            return idea, Planting(Kind.NOTHING)
        if planting.kind is Kind.BROKEN:
            text = _broken(text, rng)
        return f"{idea}\n\n```python\n{text}\n```\n", planting

    def _plant(self, tree: ast.Module, rng: Random) -> Planting | None:
        """Changes a program in place; None where nothing can be planted in it."""
        improves = is_improver(tree)
        entry = (
            next(each for each in functions_of(tree) if each.name == ENTRY)
            if improves
            else entry_of(tree)
        )
        if entry is None:
            return None
        draw, phase = rng.random(), rng.randrange(1, 10**9)
        if draw < self.broken:
            return Planting(Kind.BROKEN, improves=improves)
        if draw < self.broken + self.cheats:
            cheat = add_cheat(entry, improves=improves, rng=rng)
            return Planting(Kind.CHEAT, improves=improves, cheat=cheat)
        looks_alike = rng.random() < self.lookalikes
        if looks_alike:
            add_lookalike(entry, improves=improves, rng=rng)
        effect = self._edit(tree, phase, improves=improves)
        if effect is None:
            return None
        return Planting(Kind.LOOKALIKE if looks_alike else Kind.EDIT, effect, improves)

    def _edit(self, tree: ast.Module, phase: int, *, improves: bool) -> float | None:
        if improves:
            return with_gain(tree, self.effect, phase=phase)
        return with_level(tree, self.step, noise=self.noise, phase=phase)

    def _randomness(self, request: Request | ReplyReceived) -> Random:
        parts = (
            self.seed,
            *self._settings.values(),
            request.expertise,
            request.message,
            float(request.temperature),
            request.stream,
            request.index,
        )
        digest = hashlib.sha256(repr(parts).encode("utf-8", "replace")).digest()
        return Random(int.from_bytes(digest))  # noqa: S311 - replies are to be repeatable


_RANGES = {
    "effect": (-0.5, 0.5),
    "step": (-0.5, 0.5),
    "noise": (0.0, 0.4),
    "cheats": (0.0, 1.0),
    "lookalikes": (0.0, 1.0),
    "broken": (0.0, 1.0),
}


def _broken(text: str, rng: Random) -> str:
    """Cuts a program short, inside a call: nothing that begins like it parses."""
    lines = text.split("\n")
    return "\n".join([*lines[: rng.randint(1, len(lines))], "    return (" + "["])
