"""Rewriting a program that learns from examples: a new body in the words of its parameters."""

from __future__ import annotations

import ast
import re
import textwrap

from selftaught.language_models.editor.draft import Draft
from selftaught.language_models.editor.predictors import PLAIN
from selftaught.language_models.editor.roles import Roles, roles_of
from selftaught.language_models.editor.syntax import (
    add_helpers,
    add_import,
    body_of,
    fresh_name,
    names_bound,
    names_read,
    parameters_of,
)

_DROPPED = (ast.FunctionDef, ast.Assign, ast.AnnAssign)
"""What belongs to the old way, unless a class or a default reads it."""


def rewrite(draft: Draft, source: str) -> None:
    """Gives the entry, which must learn, a new body, and drops what nothing uses any more."""
    entry, roles = draft.entry, roles_of(draft.entry, draft.scorer)
    assert entry is not None
    assert roles is not None
    entry.body = body_of(with_names(source, roles))
    kept = [each for each in draft.tree.body if each is entry or not isinstance(each, _DROPPED)]
    read = {name for each in kept if isinstance(each, ast.ClassDef) for name in names_read(each)}
    read |= names_read(entry.args)
    draft.tree.body = [
        each
        for each in draft.tree.body
        if each is entry or not isinstance(each, _DROPPED) or _names_of(each) & read
    ]
    add_plain(draft)


def _names_of(node: ast.stmt) -> set[str]:
    return {node.name} if isinstance(node, ast.FunctionDef) else names_bound(node)


def add_plain(draft: Draft) -> None:
    """Adds what predictors use: imports, and the function that makes plain values of arrays."""
    for line in ("from collections import Counter", "import math", "import operator"):
        add_import(draft.tree, line)
    add_helpers(draft.tree, PLAIN)


def with_names(source: str, roles: Roles) -> str:
    """Puts a learner's parameters in the place of EXAMPLES, LABELS and ASKED.

    Variables of the text that are called as a parameter is get another name.
    """
    source = textwrap.dedent(source)
    if roles.labels is None:
        source = _with_word(_with_word(source, "EXAMPLES", "rows"), "LABELS", "row_labels")
        source = f"rows, row_labels = map(list, zip(*EXAMPLES))\n{source}"
    own = names_bound(_body(source))
    for name in sorted(own & set(roles)):
        source = _with_word(source, name, fresh_name(name, own | names_read(_body(source))))
    names = {"EXAMPLES": roles.examples, "LABELS": roles.labels or "", "ASKED": roles.asked}
    for place, name in names.items():
        source = _with_word(source, place, name)
    return source


def call_of(entry: ast.FunctionDef, name: str, roles: Roles, **others: str) -> str:
    """Writes a call of a function with the entry's parameters, for `with_names`.

    Args:
        entry: The function whose parameters are handed on, in their order.
        name: What is called.
        roles: Which of them is which; the labels must be one of them.
        others: Other values for some roles.
    """
    given = {
        roles.examples: others.get("examples", "EXAMPLES"),
        roles.labels: others.get("labels", "LABELS"),
        roles.asked: others.get("asked", "ASKED"),
    }
    return f"{name}({', '.join(given.get(each, each) for each in parameters_of(entry))})"


def tried(source: str, entry: ast.FunctionDef, roles: Roles) -> str:
    """Fills TRIED and CHOSEN: calls of a way with a part of the examples, and with all."""
    part = {"examples": "EXAMPLES[:part]", "labels": "LABELS[:part]", "asked": "EXAMPLES[part:]"}
    source = source.replace("TRIED", call_of(entry, "way", roles, **part))
    return source.replace("CHOSEN", call_of(entry, "way", roles))


def _body(source: str) -> ast.Module:
    return ast.Module(body_of(source), [])


def _with_word(source: str, word: str, other: str) -> str:
    return re.sub(rf"\b{word}\b", other, source)
