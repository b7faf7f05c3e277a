"""The code in a reply: which part of what a language model said is the program.

Replies hold prose and fenced blocks; blocks can be untagged, nested (a program whose strings hold
fences) or unclosed. The largest that parses wins; where none parses, the first that is closed is
returned, so that the failure is recorded against a real text. What is neither was cut short on its
way: it is the end of a reply, not a bad program.

Improver programs import this file inside the sandbox as ``helpers`` (paper, figure 2), so it uses
the standard library only and nothing of ours.
"""

from __future__ import annotations

import ast
import re
import textwrap
import threading
import warnings
from collections.abc import Iterable, Iterator

PARSING = threading.RLock()
"""Held while text is parsed: before 3.13 CPython counts how deeply syntax trees are nested in one
place for all threads, and raises SystemError where two parse at once (python/cpython#106905)."""
_MOST_FENCES = 40
"""More fences than any honest reply has; bounds the readings of a hostile one."""
_MOST_CHARACTERS = 1_000_000
"""Of all readings of a reply together: each is parsed, which takes microseconds a character."""
_LONGEST_PROGRAM = 200_000
"""Characters; to parse megabytes takes the host many seconds and a gigabyte."""
# Possessive: a line of fence characters must not be tried in quadratically many ways.
_FENCE = re.compile(r"^[ \t]*+(?:`{3,}+|~{3,}+)[ \t]*+(?P<tag>[^`\n]*+)$")


def extract_code(reply: str | Iterable[str]) -> str | list[str | None] | None:
    r"""Returns the program in a reply, or a list of them for a list of replies.

    Args:
        reply: What a language model said, or several such replies.

    Returns:
        The text of the program without its fence; None where there is no fenced block.

    Example:
        >>> extract_code("Use a set.\n```python\nx = {1}\n```")
        'x = {1}'
        >>> extract_code(["no code", "```\ny = 2\n```"])
        [None, 'y = 2']
    """
    if isinstance(reply, str):
        return code_in(reply)
    return [code_in(each) if isinstance(each, str) else None for each in reply]


def code_in(reply: str) -> str | None:
    """Returns the largest block that parses; else the first that is closed; else None."""
    readings: dict[str, bool] = {}
    for block, is_closed in _bounded(_readings(reply)):
        readings[block] = is_closed or readings.get(block, False)
    largest_first = sorted(readings, key=len, reverse=True)
    closed = (block for block, is_closed in readings.items() if is_closed)
    return next(filter(parses, largest_first), next(closed, None))


def parses(text: str) -> bool:
    """Tells whether a text is Python, and not empty."""
    tree = parsed(text)
    return tree is not None and bool(tree.body)


def parsed(text: str) -> ast.Module | None:
    """Returns the syntax tree; None where a text is not Python, or longer than honest programs."""
    if len(text) > _LONGEST_PROGRAM:
        return None
    try:
        with PARSING, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _bounded(readings: Iterator[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    left = _MOST_CHARACTERS
    for block, is_closed in readings:
        yield block, is_closed
        left -= len(block)
        if left < 0:
            return


def _readings(reply: str) -> Iterator[tuple[str, bool]]:
    """Yields every text that can be read as a fenced block, the plainest readings first.

    A bare fence may end the block or stand in a string of the program, so each opening fence is
    read up to every later fence, and up to the end of the reply. With each text comes whether a
    fence closes it.
    """
    lines = reply.replace("\r\n", "\n").split("\n")
    fences = [
        (number, match["tag"].strip())
        for number, line in enumerate(lines)
        if (match := _FENCE.match(line))
    ][:_MOST_FENCES]
    openings = list(_openings(fences))
    for nth_end in range(len(fences)):
        for position in openings:
            ends = [number for number, _ in fences[position + 1 :]] + [len(lines)]
            if nth_end < len(ends):
                block = "\n".join(lines[fences[position][0] + 1 : ends[nth_end]])
                if block.strip() and not _FENCE.match(block.strip().split("\n")[0]):
                    yield _dedented(block.strip("\n")), ends[nth_end] < len(lines)


def _openings(fences: list[tuple[int, str]]) -> Iterator[int]:
    is_open = False
    for position, (_, tag) in enumerate(fences):
        if tag or not is_open:
            yield position
        is_open = bool(tag) or not is_open


def _dedented(block: str) -> str:
    # To dedent also empties lines of blanks, which may stand in a string of the program.
    return textwrap.dedent(block) if block[0] in " \t" else block
