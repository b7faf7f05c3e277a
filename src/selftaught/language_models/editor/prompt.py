"""What a chat message asks for: the programs in it, their scores, the scorer and the mood.

A message holds fenced blocks and prose. A block is the scorer's when the words before it, or the
functions in it, say so; every other block that is a program is a parent. Prose is read for a few
words that ask for bolder or more careful changes, or for a combination of several programs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from selftaught.language_models.editor.syntax import entry_of, functions_of, parsed

LONGEST_MESSAGE = 150_000
"""Characters; the rest of a longer message is not read."""
_MOST_FENCES = 40
_MOST_PARENTS = 6
_MOST_CLOSINGS = 12
"""Fences tried as the end of one block; bounds the time that a hostile message can take."""
_FENCE = re.compile(r"^[ \t]{0,3}(?:`{3,}|~{3,})[ \t]*(?P<tag>[^`\n]*)$", re.MULTILINE)
_SCORER_WORDS = re.compile(
    r"\b(utility|score[sdr]?|scoring|judged?|evaluat\w+|objective|fitness)\b", re.IGNORECASE
)
_PARENT_WORDS = re.compile(
    r"\b(solutions?|programs?|candidates?|attempts?|improvers?|versions?)\b", re.IGNORECASE
)
_SCORER_NAMES = re.compile(r"^_?(score|utility|meta_utility|evaluate|fitness|instance|objective)")
_SCORE = re.compile(
    r"\b(?:score|utility|value|fitness)\w*\b[^\d\n-]{0,40}(?P<score>-?\d+(?:\.\d+)?(?:e-?\d+)?)",
    re.IGNORECASE,
)
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
    blocks = list(_blocks_in(message[:LONGEST_MESSAGE]))
    scorer = _find_scorer(blocks)
    parents = [block for block in blocks if not _is_scorer(block)] or blocks
    prose = " ".join(block.lead for block in blocks) + (blocks[-1].tail if blocks else "")
    return Brief(
        parents=tuple(
            dict.fromkeys(
                Parent(block.code, block.score) for block in parents if block is not scorer
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

    @property
    def score(self) -> float | None:
        told = [
            match
            for match in _SCORE.finditer(self.lead)
            if self.is_first or not _looks_back(self.lead, match)
        ]
        told += [match for match in _SCORE.finditer(self.tail) if _looks_back(self.tail, match)]
        return float(told[-1]["score"]) if told else None


def _looks_back(prose: str, match: re.Match[str]) -> bool:
    """Tells whether a score that is told between two programs is that of the first."""
    return _BACKWARD.match(prose[: match.start()]) is not None


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
        for match in pattern.finditer(_SCORE.sub(" ", block.lead[-200:]))
    ]
    return max(words)[1] if words else False


def _blocks_in(message: str) -> Iterator[_Block]:
    """Yields the programs between fences.

    A fence may stand in a string of the program, so a block ends at the first fence with which it
    parses; a block that parses with none is skipped to the next fence.
    """
    fences = list(_FENCE.finditer(message))[:_MOST_FENCES]
    position, lead_start = 0, 0
    found: list[tuple[str, ast.Module, str, int]] = []
    while position < len(fences) - 1:
        closing, tree = _closing_fence(message, fences, position)
        if tree is not None:
            opening = fences[position]
            code = message[opening.end() + 1 : fences[closing].start()].strip("\n")
            found.append((code, tree, message[lead_start : opening.start()], fences[closing].end()))
            lead_start = fences[closing].end()
        position = closing + 1
    for number, (code, tree, lead, end) in enumerate(found):
        tail = found[number + 1][2] if number + 1 < len(found) else message[end:]
        yield _Block(code, tree, lead, tail, is_first=number == 0)


def _closing_fence(
    message: str, fences: list[re.Match[str]], position: int
) -> tuple[int, ast.Module | None]:
    start = fences[position].end() + 1
    for closing in range(position + 1, min(position + 1 + _MOST_CLOSINGS, len(fences))):
        if not fences[closing]["tag"].strip():
            tree = parsed(message[start : fences[closing].start()])
            if tree is not None:
                return closing, tree
    return position + 1, None
