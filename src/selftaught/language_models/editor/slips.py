"""Slips: the broken replies of a model that makes mistakes, more of them at less skill."""

from __future__ import annotations

import re
from random import Random

_SLIPS_AT_FULL_SKILL = 0.05
_SLIPS_WITHOUT_SKILL = 0.5


def slips(skill: float, rng: Random) -> bool:
    """Tells whether this reply is a broken one."""
    share = _SLIPS_WITHOUT_SKILL + (_SLIPS_AT_FULL_SKILL - _SLIPS_WITHOUT_SKILL) * skill
    return rng.random() < share


def spoil(text: str, rng: Random) -> str:
    """Spoils a program as a model in a hurry does."""
    return rng.choice((_cut_short, _without_parenthesis, _indented, _misnamed))(text, rng)


def _cut_short(text: str, rng: Random) -> str:
    lines = text.split("\n")
    kept = lines[: rng.randint(len(lines) // 2, max(1, len(lines) - 1))]
    return "\n".join([*kept[:-1], kept[-1][: len(kept[-1]) * 2 // 3]]) if kept else text


def _without_parenthesis(text: str, rng: Random) -> str:
    places = [match.start() for match in re.finditer(r"\)", text)]
    if not places:
        return text
    place = rng.choice(places)
    return text[:place] + text[place + 1 :]


def _indented(text: str, rng: Random) -> str:
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    lines[place] = "  " + lines[place]
    return "\n".join(lines)


def _misnamed(text: str, rng: Random) -> str:
    names = sorted(set(re.findall(r"\b[a-z_]{4,}\b", text)))
    if not names:
        return text
    name = rng.choice(names)
    return re.sub(rf"\b{name}\b", f"{name}_new", text, count=1)
