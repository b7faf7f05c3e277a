"""Reference improvers, as programs: one file each, one function, code and prompt at once.

They run in a sandbox and are never imported; each takes the paper's interface
``improve_algorithm(initial_solution, utility, language_model)``.
"""

from __future__ import annotations

import ast
from importlib import resources

from selftaught.solution import Solution

KNOWN = ("greedy_iterative", "seed")
"""Improver ids."""


def program(name: str) -> Solution:
    """Returns the program of an improver."""
    return Solution((resources.files(__name__) / f"{name}.py").read_text("utf-8"))


def summary(improver: Solution) -> str:
    """Returns the first line of the docstring of an improver's function; may be empty."""
    for node in ast.parse(improver.text).body:
        if isinstance(node, ast.FunctionDef) and node.name == "improve_algorithm":
            return (ast.get_docstring(node) or "").partition("\n")[0]
    return ""
