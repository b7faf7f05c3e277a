"""The embedded model: a program editor, not a neural network, that answers like a chat model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from random import Random

from selftaught.client import Reply, Request
from selftaught.extraction import PARSING
from selftaught.language_models.editor.engine import Edited, edit
from selftaught.language_models.editor.import_work import ends_at_import
from selftaught.language_models.editor.prompt import read
from selftaught.language_models.editor.slips import slips, spoil
from selftaught.language_models.editor.syntax import parsed

_NO_PROGRAM = "I can improve a Python program, but I found none in the message that I can read."
_NO_IDEA = "I have looked at the program and have no change to propose that I would stand behind."


class Editor:
    """Answers requests for better programs by editing the programs in them.

    A reply depends on the request, the seed and the skill, and on nothing else: not on the order
    or the threads in which requests come. It costs nothing.

    Args:
        seed: Another seed, another model of the same kind.
        skill: Between 0, blind edits and many broken replies, and 1.

    Raises:
        ValueError: The skill is out of its range.
    """

    def __init__(self, seed: int = 0, skill: float = 1.0) -> None:
        if not 0 <= skill <= 1:
            raise ValueError(f"skill must be between 0 and 1, not {skill:g}")
        self._seed = seed
        self._skill = float(skill)

    @property
    def name(self) -> str:
        """The model's name, as the command line takes it."""
        return "editor" if self._skill == 1 else f"editor:skill={self._skill:g}"

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """Answers every request, in their order."""
        for number, request in enumerate(requests):
            with PARSING:
                text = self._answer(request)
            yield number, Reply(text, tokens=0, dollars=0.0)

    def _answer(self, request: Request) -> str:
        rng = self._randomness(request)
        temperature = min(2.0, max(0.0, request.temperature))
        try:
            with PARSING:
                brief = read(request.message)
                if not brief.parents:
                    return _NO_PROGRAM
                edited = edit(brief, temperature=temperature, skill=self._skill, rng=rng)
                return _NO_IDEA if edited is None else self._reply(edited, rng)
        except (RecursionError, MemoryError):
            # Hostile nesting: the parser copes with deeper trees than a walk over them does.
            return _NO_PROGRAM
        except (ValueError, OverflowError):
            # Numbers of thousands of digits: Python reads them, and neither writes nor converts.
            return _NO_IDEA

    def _randomness(self, request: Request) -> Random:
        parts = (
            self._seed,
            self._skill,
            request.expertise,
            request.message,
            float(request.temperature),
            request.stream,
            request.index,
        )
        digest = hashlib.sha256(repr(parts).encode("utf-8", "replace")).digest()
        return Random(int.from_bytes(digest))  # noqa: S311 - replies are to be repeatable

    def _reply(self, edited: Edited, rng: Random) -> str:
        text = edited.text
        if slips(self._skill, rng):
            spoiled = spoil(text, rng)
            tree = parsed(spoiled)
            text = spoiled if tree is None or ends_at_import(tree) else text
        idea = "; then ".join(edited.actions)
        return f"Idea: {idea}.\n\n```python\n{text}\n```\n"
