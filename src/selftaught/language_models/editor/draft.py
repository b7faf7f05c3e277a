"""A draft: one program while it is being edited, and what an edit is.

An `Edit` changes the draft's tree in place and returns what it did, in the words of a programmer;
where it does not apply it changes nothing and returns None. Edits are small on purpose: a good
program needs several, one on top of another, so that it pays to go on from the best so far.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import NamedTuple

from selftaught.language_models.editor.duration import steps_of
from selftaught.language_models.editor.entries import entry_for
from selftaught.language_models.editor.syntax import (
    add_import,
    body_of,
    fresh_name,
    functions_of,
    names_bound,
    names_read,
    rename,
)

_MOST_STEPS = 400_000
"""Of a call of a program, about 0.2 s: programs that take long are seldom given the time."""
QUALITY = "quality"
"""What the function is called, in a solution, that rates an answer as the scorer does."""


@dataclass
class Draft:
    """A program that is being edited."""

    tree: ast.Module
    rng: Random
    temperature: float
    scorer: ast.Module | None = None
    """The program that describes the utility, where the message holds one."""
    others: list[ast.Module] = field(default_factory=list[ast.Module])
    """Further programs in the message."""

    @property
    def entry(self) -> ast.FunctionDef | None:
        """The function that others call."""
        return entry_for(self.tree, self.scorer)

    @property
    def own(self) -> ast.Module:
        """The program without the functions that it took over from the scorer."""
        functions = {each.name: each for each in functions_of(self.tree)}
        lifted: set[str] = set()
        names = {name for name in functions if name.startswith(QUALITY)}
        while names:
            lifted |= names
            names = {used for name in names for used in names_read(functions[name])}
            names = (names & set(functions)) - lifted
        kept = [
            node
            for node in self.tree.body
            if not isinstance(node, ast.FunctionDef) or node.name not in lifted
        ]
        return ast.Module(kept, [])

    def name(self, base: str) -> str:
        """Returns a name that the program does not use yet."""
        return fresh_name(base, names_bound(self.tree))

    def may_take(self, times: int = 1) -> bool:
        """Tells whether the program ends in good time if it takes so many times as long."""
        entry = self.entry
        return entry is None or times * steps_of(self.tree, entry.name) <= _MOST_STEPS

    def random_module(self) -> str:
        """Makes sure that the module `random` is imported, and returns the name it goes by."""
        for node in self.tree.body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name == "random":
                        return alias.asname or "random"
        if "random" in names_bound(self.tree):
            add_import(self.tree, "import random as randomness")
            return "randomness"
        add_import(self.tree, "import random")
        return "random"

    def wrap(self, entry: ast.FunctionDef, new_name: str, source: str) -> None:
        """Renames the entry and puts a new one, with the same parameters, behind it.

        Args:
            entry: The function that others call.
            new_name: What it is called from now on.
            source: The body of the new entry.
        """
        old_name, arguments = entry.name, entry.args
        rename(self.tree, old_name, new_name)
        wrapper = ast.parse(f"def {old_name}():\n    pass").body[0]
        assert isinstance(wrapper, ast.FunctionDef)
        wrapper.args = arguments
        wrapper.body = body_of(source)
        self.tree.body.append(wrapper)


Edit = Callable[[Draft], str | None]


class Kind(Enum):
    """What an edit asks of a model."""

    IDEA = "idea"
    """Needs programming knowledge: a new part with a purpose."""
    TUNING = "tuning"
    """Changes how much of something there is."""
    CHANGE = "change"
    """Changes anything, blindly."""


class Choice(NamedTuple):
    """An edit on a menu."""

    weight: float
    edit: Edit
    kind: Kind
