"""What a chat message asks for: the programs in it, their scores, the scorer and the mood.

A message holds fenced blocks and prose. A block is the scorer's when the words before it, or the
functions in it, say so; every other block that is a program is a parent. Prose is read for a few
words that ask for bolder or more careful changes, or for a combination of several programs.
"""

from __future__ import annotations

import ast
import itertools
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from selftaught.language_models.editor.syntax import entry_of, functions_of, parsed

LONGEST_MESSAGE = 150_000
"""Characters; of a longer message the middle is not read."""
_MOST_FENCES = 40
_MOST_PARENTS = 6
_MOST_CLOSINGS = 12
"""Fences tried as the end of one block; bounds the time that a hostile message can take."""
_FENCE = re.compile(r"^[ \t]*+(?:`{3,}+|~{3,}+)[ \t]*+(?P<tag>[^`\n]*+)$", re.MULTILINE)
_SCORER_WORDS = re.compile(
    r"\b(utility|score[sdr]?|scoring|judged?|evaluat\w+|objective|fitness)\b", re.IGNORECASE
)
_PARENT_WORDS = re.compile(
    r"\b(solutions?|programs?|candidates?|attempts?|improvers?|versions?)\b", re.IGNORECASE
)
_SCORER_NAMES = re.compile(r"^_?(score|utility|meta_utility|evaluate|fitness|instance|objective)")
_TOLD = re.compile(
    r"\b(?:score|utility|value|fitness|reward|accuracy)\w*\b(?P<rest>[^\n]{0,100})", re.IGNORECASE
)
_NUMBER = re.compile(
    r"(?<![\w.])-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?(?P<percent>\s?%)?", re.IGNORECASE
)
_ASIDE = re.compile(r"\([^()\n]*\)")
_BACKWARD = re.compile(r"^\W*(its|that|this|the)\b[^\n.:]{0,30}$", re.IGNORECASE)
_BOLD = re.compile(
    r"\b(bold\w*|creativ\w+|novel\w*|non-trivial|radical\w*|rewrite|ambitious|different|divers\w+"
    r"|explor\w+|original)\b",
    re.IGNORECASE,
)
_CAREFUL = re.compile(
    r"\b(careful\w*|small|minor|minimal|tweak\w*|tun(?:e|ing)|refin\w+|incremental\w*|modest\w*|single"
    r"|cautious\w*|conservativ\w+)\b",
    re.IGNORECASE,
)
_COMBINE = re.compile(
    r"\b(combin\w+|cross\w*|merg\w+|mix\w*|recombin\w+|blend\w*)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Parent:
    """A program that the message asks to better."""

    text: str
    score: float | None = None
    """Its utility, where the message tells it."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What one message asks for."""

    parents: tuple[Parent, ...]
    """The first is the current solution, unless scores say that another is better."""
    scorer: str | None
    """The text that describes the utility."""
    boldness: int
    """Above zero: larger changes were asked for; below: smaller ones."""
    combines: bool
    """Whether the parents are to be combined."""


@lru_cache(maxsize=64)
def read(message: str) -> Brief:
    """Reads a message, whatever its wording."""
    if len(message) > LONGEST_MESSAGE:
        half = LONGEST_MESSAGE // 2
        message = f"{message[:half]}\n{message[-half:]}"
    blocks = list(_blocks_in(message))
    scorer = _find_scorer(blocks)
    parents = [block for block in blocks if not _is_scorer(block)] or blocks
    comes_after = _come_after([block for block in parents if block is not scorer])
    prose = " ".join(block.lead for block in blocks) + (blocks[-1].tail if blocks else "")
    return Brief(
        parents=tuple(
            dict.fromkeys(
                Parent(block.code, block.score(comes_after=comes_after))
                for block in parents
                if block is not scorer
            )
        )[:_MOST_PARENTS],
        scorer=None if scorer is None else scorer.code,
        boldness=_count(_BOLD, prose) - 2 * _count(_CAREFUL, prose),
        combines=_COMBINE.search(prose) is not None,
    )


def _count(pattern: re.Pattern[str], prose: str) -> int:
    return min(3, len({match.group().lower() for match in pattern.finditer(prose)}))


@dataclass(frozen=True, slots=True)
class _Block:
    code: str
    tree: ast.Module
    lead: str
    """The prose before it, up to the block before."""
    tail: str
    """The prose after it, up to the next block."""
    is_first: bool

    def score(self, *, comes_after: bool) -> float | None:
        """Returns what the prose around it says that it scores."""
        if comes_after:
            told = _told_in(self.tail)[:1]
        else:
            ahead = [each for each in _told_in(self.lead) if self.is_first or not each.looks_back]
            told = ahead + [each for each in _told_in(self.tail) if each.looks_back]
        return told[-1].value if told else None


class _Told(NamedTuple):
    """A score in prose."""

    start: int
    end: int
    value: float
    looks_back: bool
    """Between two programs, whether it is that of the first."""


def _told_in(prose: str) -> list[_Told]:
    """Returns the scores that prose tells: of a line the number behind a colon, else the first."""
    found: list[_Told] = []
    for match in _TOLD.finditer(prose):
        rest = _ASIDE.sub(lambda aside: " " * len(aside[0]), match["rest"])
        colon = re.search(r"[:=]", rest)
        number = (_NUMBER.search(rest, colon.end()) if colon else None) or _NUMBER.search(rest)
        if number is not None:
            text = number[0].removesuffix(number["percent"] or "")
            value = float(text) / (100 if number["percent"] else 1)
            end = match.start("rest") + number.end()
            looks_back = _BACKWARD.match(prose[: match.start()]) is not None
            found.append(_Told(match.start(), end, value, looks_back))
    return found


def _come_after(blocks: list[_Block]) -> bool:
    """Tells whether scores stand behind their programs: all have one, the first none before it."""
    return (
        len(blocks) > 1
        and not _told_in(blocks[0].lead)
        and all(_told_in(block.tail) for block in blocks)
    )


def _find_scorer(blocks: list[_Block]) -> _Block | None:
    likely = [block for block in blocks if _is_scorer(block)]
    if len(blocks) < 2 or not likely:
        return None
    return likely[-1]


def _is_scorer(block: _Block) -> bool:
    entry = entry_of(block.tree)
    names = {function.name for function in functions_of(block.tree)}
    if "instance" in names or (entry is not None and _SCORER_NAMES.match(entry.name)):
        return True
    words = [
        (match.start(), pattern is _SCORER_WORDS)
        for pattern in (_SCORER_WORDS, _PARENT_WORDS)
        for match in pattern.finditer(_without_scores(block.lead[-200:]))
    ]
    return max(words)[1] if words else False


def _without_scores(prose: str) -> str:
    for told in reversed(_told_in(prose)):
        prose = f"{prose[: told.start]} {prose[told.end :]}"
    return prose


def _blocks_in(message: str) -> Iterator[_Block]:
    """Yields the programs between fences.

    A fence may stand in a string of the program, so a block ends at the first fence with which it
    parses; a block that parses with none is skipped to the next fence.
    """
    fences = list(itertools.islice(_FENCE.finditer(message), _MOST_FENCES))
    ends = [(fence.start(), fence.end()) for fence in fences]
    ends.append((len(message), len(message)))  # a fence may be left open
    position, lead_start = 0, 0
    found: list[tuple[str, ast.Module, str, int]] = []
    while position < len(fences):
        opening = fences[position]
        closing, code, tree = _closing_fence(message, fences, position)
        if tree is not None:
            found.append((code, tree, message[lead_start : opening.start()], ends[closing][1]))
            lead_start = ends[closing][1]
        position = closing + 1
    for number, (code, tree, lead, end) in enumerate(found):
        tail = found[number + 1][2] if number + 1 < len(found) else message[end:]
        yield _Block(code, tree, lead, tail, is_first=number == 0)


def _closing_fence(
    message: str, fences: list[re.Match[str]], position: int
) -> tuple[int, str, ast.Module | None]:
    """Returns which fence closes a block, or the end of the message does, and what is in it."""
    start = fences[position].end() + 1
    for closing in range(position + 1, min(position + 1 + _MOST_CLOSINGS, len(fences))):
        if not fences[closing]["tag"].strip():
            code = _dedented(message[start : fences[closing].start()])
            if (tree := parsed(code)) is not None:
                return closing, code, tree
    if position == len(fences) - 1:
        code = _dedented(message[start:])
        return len(fences), code, parsed(code)
    return position + 1, "", None


def _dedented(code: str) -> str:
    code = code.strip("\n")
    # To dedent also empties lines of blanks, which may stand in a string of the program.
    return textwrap.dedent(code) if code[:1] in {" ", "\t"} else code
