"""A solution: a program as text, known by its content.

In the paper (section 3) a solution is a string; here it is Python source. Improvers are solutions
too: that is what lets one improve another, and itself.
"""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from functools import cached_property

from selftaught.extraction import parsed, parses
from selftaught.text import storable


@dataclass(frozen=True)
class Solution:
    r"""Program text.

    Example:
        >>> Solution("def algorithm(x):\n    return x").id
        '2acbfd8eff77'
    """

    text: str

    def __post_init__(self) -> None:
        # Blank lines around a program do not make it another program.
        object.__setattr__(self, "text", storable(self.text).lstrip("\n").rstrip())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text in UTF-8, in hexadecimal: the name of the program's blob."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def id(self) -> str:
        """The first 12 digits of the digest: what tables and people use."""
        return self.digest[:12]

    @property
    def is_python(self) -> bool:
        """Tells whether the text parses."""
        return parses(self.text)

    def defines(self, name: str) -> bool:
        """Tells whether the top level of the program defines a function or class of that name."""
        tree = parsed(self.text)
        if tree is None:
            return False
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return any(isinstance(node, kinds) and node.name == name for node in tree.body)
