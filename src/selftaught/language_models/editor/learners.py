"""Rewriting a program that learns from examples: a new body in the words of its parameters."""

from __future__ import annotations

import ast
import textwrap

from selftaught.language_models.editor.draft import Draft
from selftaught.language_models.editor.predictors import PLAIN
from selftaught.language_models.editor.roles import Roles, roles_of
from selftaught.language_models.editor.syntax import add_helpers, add_import, body_of


def rewrite(draft: Draft, source: str) -> None:
    """Gives the entry, which must learn, a new body, and drops what nothing uses any more."""
    entry, roles = draft.entry, roles_of(draft.entry, draft.scorer)
    assert entry is not None
    assert roles is not None
    entry.body = body_of(with_names(source, roles))
    dropped = ast.FunctionDef | ast.Assign
    draft.tree.body = [
        node for node in draft.tree.body if node is entry or not isinstance(node, dropped)
    ]
    add_plain(draft)


def add_plain(draft: Draft) -> None:
    """Adds what predictors use: imports, and the function that makes plain values of arrays."""
    for line in ("from collections import Counter", "import math", "import operator"):
        add_import(draft.tree, line)
    add_helpers(draft.tree, PLAIN)


def with_names(source: str, roles: Roles) -> str:
    """Puts a learner's parameters in the place of EXAMPLES, LABELS and ASKED."""
    source = textwrap.dedent(source)
    labels = roles.labels
    if labels is None:
        source = (
            f"rows, row_labels = map(list, zip(*EXAMPLES))\n{source.replace('EXAMPLES', 'rows')}"
        )
        labels = "row_labels"
    names = {"EXAMPLES": roles.examples, "LABELS": labels, "ASKED": roles.asked}
    for place, name in names.items():
        source = source.replace(place, name)
    return source
