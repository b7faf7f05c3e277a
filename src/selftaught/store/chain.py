"""Rows of a journal, each with a hash over itself and the one before: a chain.

Who changes, removes or adds a row anywhere but at the end has to change all that follow. The hash
covers every column but the run's name, so runs that share a past share its hashes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

BEGINNING = ""
"""What stands for the hash before the first."""


@dataclass(frozen=True, slots=True)
class Row:
    """An event as it lies in the journal."""

    number: int
    """From 0."""
    time: float
    """Seconds since 1970."""
    kind: str
    place: str
    key: str | None
    question: str | None
    body: str
    hash: str = ""
    """Empty: not linked yet, or written before there was a chain."""

    @property
    def is_sound(self) -> bool:
        """Tells whether every column has its type, which SQLite does not insist on."""
        texts = (self.kind, self.place, self.body, self.hash)
        optional = (self.key, self.question)
        return (
            isinstance(self.number, int)
            and isinstance(self.time, float)
            and all(isinstance(text, str) for text in texts)
            and all(text is None or isinstance(text, str) for text in optional)
        )

    def linked(self, previous: str) -> Row:
        """Returns the row with its hash.

        Args:
            previous: Hash of the row before.
        """
        return replace(self, hash=self.hash_after(previous))

    def hash_after(self, previous: str) -> str:
        """Returns what the hash must be: SHA-256, in hexadecimal."""
        facts = (self.number, self.time, self.kind, self.place, self.key, self.question, self.body)
        text = json.dumps([previous, *facts], separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()

    def __str__(self) -> str:
        where = f" at {self.place}" if self.place else ""
        return f"event {self.number} ({self.kind}{where})"


def breaks(rows: Iterable[Row]) -> Iterator[str]:
    """Yields what is wrong with a chain, in words; nothing where it holds.

    After a row that was changed, the following ones are checked against its own hash: each break
    is named once.
    """
    previous, expected = BEGINNING, 0
    for row in rows:
        if not row.is_sound:
            yield f"{row} is damaged: a column is not of its type"
            return
        if row.number != expected:
            yield f"expected event {expected}, found {row}: rows are missing or were added"
        if not row.hash:
            yield f"{row} has no hash: it was written before journals had a chain"
            return
        if row.hash != row.hash_after(previous):
            yield f"{row} was changed, or the row before it was: its hash does not fit"
        previous, expected = row.hash, row.number + 1
