"""Ideas for programs that learn from examples: simple predictors, and search over rules.

A program learns from examples when its parameters say so: two that belong together (the examples
and their labels) and a third like the first (what is to be labelled).
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.grammar import CHOICES, random_key
from selftaught.language_models.editor.syntax import (
    add_helpers,
    add_import,
    body_of,
    expression,
    parameters_of,
)

_KNOWN = re.compile(
    r"train|known|example|seen|given|history|past|support|fit|observed", re.IGNORECASE
)
_LABELS = re.compile(
    r"label|target|output|class|answer|outcome|parit|result|value|^ys?$|_y$", re.IGNORECASE
)
_ASKED = re.compile(r"test|quer|new|unseen|unknown|ask|predict|future|held|eval", re.IGNORECASE)


class Roles(NamedTuple):
    """The names of a learner's parameters."""

    examples: str
    labels: str
    asked: str


def roles_of(function: ast.FunctionDef | None) -> Roles | None:
    """Returns which parameter is which, if the function learns from examples."""
    names = [] if function is None else parameters_of(function)
    if len(names) != 3:
        return None
    first, second, third = names
    stems = [re.split(r"[_\d]+", name.lower()) for name in names]
    by_parts = stems[0][0] == stems[1][0] and stems[0][-1] == stems[2][-1] and len(stems[0]) > 1
    by_words = bool(_ASKED.search(third)) and bool(_KNOWN.search(first) or _LABELS.search(second))
    return Roles(first, second, third) if by_parts or by_words else None


def _rewrite(draft: Draft, template: str) -> None:
    """Gives the entry a new body, and drops the functions that nothing uses any more."""
    entry = draft.entry
    assert entry is not None
    roles = roles_of(entry)
    assert roles is not None
    for place, name in (
        ("EXAMPLES", roles.examples),
        ("LABELS", roles.labels),
        ("ASKED", roles.asked),
    ):
        template = template.replace(place, name)
    if "RANDOM" in template:
        template = template.replace("RANDOM", draft.random_module())
    entry.body = body_of(template)
    draft.tree.body = [
        node for node in draft.tree.body if not isinstance(node, ast.FunctionDef) or node is entry
    ]


def predict_simply(draft: Draft) -> str | None:
    """Rewrites a learner as one of a few simple predictors."""
    if roles_of(draft.entry) is None:
        return None
    name = draft.rng.choice(sorted(_PREDICTORS))
    template = _PREDICTORS[name].replace("COUNT", str(draft.rng.choice([1, 3, 5, 9])))
    template = template.replace("DISTANCE", draft.rng.choice(_DISTANCES))
    _rewrite(draft, template)
    return f"predict by {name}"


def search_rules(draft: Draft) -> str | None:
    """Rewrites a learner as a search over rules of a general grammar."""
    if roles_of(draft.entry) is None or "best_rule" in ast.unparse(draft.tree):
        return None
    keys = list(dict.fromkeys(random_key(draft.rng) for _ in range(draft.rng.randint(2, 4))))
    template = _RULE_SEARCH.replace("COUNT", str(draft.rng.choice([20, 30, 50, 80])))
    template = template.replace("COLUMNS", draft.rng.choice(CHOICES))
    _rewrite(draft, template)
    add_import(draft.tree, "from collections import Counter")
    add_import(draft.tree, "import math")
    add_helpers(draft.tree, f"KEYS = [{', '.join(keys)}]\n{_LEARN}")
    return "search for a simple rule that explains the examples"


def change_rules(draft: Draft) -> str | None:
    """Adds a kind of rule to the grammar, drops one or replaces one."""
    keys = _keys_of(draft.tree)
    if keys is None:
        return None
    new = expression(random_key(draft.rng))
    action = draft.rng.choice(
        ["add", "replace", "drop"] if len(keys.elts) > 1 else ["add", "replace"]
    )
    place = draft.rng.randrange(len(keys.elts))
    if action == "drop":
        return f"no longer try rules with {ast.unparse(keys.elts.pop(place))}"
    if ast.unparse(new) in map(ast.unparse, keys.elts):
        return None
    keys.elts[place : place + (action == "replace")] = [new]
    return f"try rules with {ast.unparse(new)}"


def change_columns(draft: Draft) -> str | None:
    """Chooses the columns of a rule in another way."""
    for node in ast.walk(draft.tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "chosen":
            source = draft.rng.choice(CHOICES).replace("RANDOM", draft.random_module())
            if ast.unparse(expression(source)) == ast.unparse(node.value):
                return None
            node.value = expression(source)
            return "choose the columns of a rule in another way"
    return None


def _keys_of(tree: ast.Module) -> ast.List | None:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="KEYS")], value=ast.List() as keys) if keys.elts:
                return keys
            case _:
                continue
    return None


_LEARN = '''
def learn(keys, labels):
    """Return the usual label of each key, and how many examples that explains."""
    table, hits = {}, {}
    for (key, label), count in Counter(zip(keys, labels)).items():
        if count > hits.get(key, 0):
            table[key], hits[key] = label, count
    return table, sum(hits.values())
'''

_RULE_SEARCH = """
width = len(EXAMPLES[0])
usual = max(set(LABELS), key=list(LABELS).count)
columns = list(zip(*EXAMPLES))
best_rule, best_hits = None, -1
for _ in range(COUNT):
    chosen = COLUMNS
    key = RANDOM.choice(KEYS)
    if not chosen:
        continue
    table, hits = learn(map(key, zip(*[columns[place] for place in chosen])), LABELS)
    if hits > best_hits:
        best_rule, best_hits = (chosen, key, table), hits
chosen, key, table = best_rule
return [table.get(key(tuple(row[place] for place in chosen)), usual) for row in ASKED]
"""

_PREDICTORS = {
    "the most frequent label": """
        labels = list(LABELS)
        usual = max(set(labels), key=labels.count)
        return [usual for _ in ASKED]
        """,
    "the nearest examples": """
        def distance(row, other):
            return sum(DISTANCE for a, b in zip(row, other))
        answers = []
        for row in ASKED:
            order = sorted(range(len(EXAMPLES)), key=lambda i: distance(row, EXAMPLES[i]))
            nearest = [LABELS[i] for i in order[:COUNT]]
            answers.append(max(set(nearest), key=nearest.count))
        return answers
        """,
    "the nearest centre": """
        def distance(row, other):
            return sum(DISTANCE for a, b in zip(row, other))
        groups = {}
        for row, label in zip(EXAMPLES, LABELS):
            groups.setdefault(label, []).append(row)
        centres = {
            label: [sum(column) / len(rows) for column in zip(*rows)]
            for label, rows in groups.items()
        }
        return [
            min(centres, key=lambda label: distance(row, centres[label])) for row in ASKED
        ]
        """,
}
_DISTANCES = ("a != b", "abs(a - b)", "(a - b) ** 2")

LEARNING_IDEAS = (
    Choice(1.0, predict_simply, Kind.IDEA),
    Choice(2.0, search_rules, Kind.IDEA),
    Choice(1.5, change_rules, Kind.IDEA),
    Choice(0.8, change_columns, Kind.IDEA),
)
