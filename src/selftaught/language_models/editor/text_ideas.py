"""Ideas for programs that learn to name texts from examples: by their words, letters and pairs.

A text is read as a bag of parts; which parts is a matter of several small steps.
"""

from __future__ import annotations

import ast
import re

from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.entries import arguments_of
from selftaught.language_models.editor.learners import rewrite
from selftaught.language_models.editor.roles import roles_of, what_is_meant
from selftaught.language_models.editor.syntax import (
    add_helpers,
    expression,
    functions_of,
    names_read,
    parameters_of,
    walk,
)

_TEXTS = frozenset(
    {
        *("text", "texts", "sentence", "sentences", "document", "documents", "docs", "string"),
        *("strings", "message", "messages", "word", "words", "name", "names", "title", "titles"),
        *("review", "reviews", "email", "emails", "comment", "comments", "phrase", "phrases"),
    }
)
_JOINS = re.compile(r"""['"]\.join\(""")


def learns_from_texts(draft: Draft) -> bool:
    """Tells whether the examples of a learner are texts, by their name or by how they are made."""
    roles = roles_of(draft.entry, draft.scorer)
    if roles is None:
        return False
    if what_is_meant(roles.examples) in _TEXTS:
        return True
    arguments = arguments_of(draft.scorer) if draft.scorer else None
    names = parameters_of(draft.entry) if draft.entry else []
    pairs = zip(names, arguments or (), strict=False)
    made = next((value for name, value in pairs if name == roles.examples), None)
    return made is not None and draft.scorer is not None and _is_joined(made, draft.scorer)


def _is_joined(value: ast.expr, scorer: ast.Module) -> bool:
    """Tells whether a value, or a function of the scorer's that makes it, joins texts."""
    functions = {each.name: each for each in functions_of(scorer)}
    made: list[ast.AST] = [value]
    match value:
        case ast.Subscript(value=ast.Name(id=whole)):
            made += [
                node.value
                for node in walk(scorer)
                if isinstance(node, ast.Assign)
                and any(isinstance(each, ast.Name) and each.id == whole for each in node.targets)
            ]
        case _:
            pass
    used = [functions[name] for each in made for name in names_read(each) & functions.keys()]
    return any(_JOINS.search(ast.unparse(each)) for each in (*made, *used))


def weigh_parts(draft: Draft) -> str | None:
    """Rewrites a learner as one that weighs the parts of a text."""
    if roles_of(draft.entry, draft.scorer) is None or _parts_in(draft.tree) is not None:
        return None
    name = draft.rng.choice(list(_WAYS))
    source = _WAYS[name].replace("SMOOTH", str(draft.rng.choice([0.1, 0.5, 1.0])))
    rewrite(draft, source.replace("COUNT", str(draft.rng.choice([1, 3, 5, 9]))))
    add_helpers(draft.tree, f"def parts_of(text):\n    return {draft.rng.choice(_PARTS)}")
    return f"tell texts apart by {name}"


def change_parts(draft: Draft) -> str | None:
    """Reads a text as other parts, or as further ones."""
    found = _parts_in(draft.tree)
    if found is None or found.value is None:
        return None
    part = ast.unparse(expression(draft.rng.choice(_PARTS)))
    present = ast.unparse(found.value)
    if part in map(ast.unparse, _summands(found.value)):
        return None
    if draft.rng.random() < 0.6:
        found.value = expression(f"{present} + {part}")
        return f"look at further parts of a text: {part}"
    found.value = expression(part)
    return f"look at other parts of a text: {part}"


def _summands(value: ast.expr) -> list[ast.expr]:
    match value:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*_summands(left), right]
        case _:
            return [value]


def _parts_in(tree: ast.Module) -> ast.Return | None:
    for function in functions_of(tree):
        match function:
            case ast.FunctionDef(
                name="parts_of", args=ast.arguments(args=[ast.arg(arg="text")]), body=[*_, last]
            ) if isinstance(last, ast.Return):
                return last
            case _:
                continue
    return None


_PARTS = (
    "text.split()",
    "text.lower().split()",
    "list(text)",
    "[text[i:i + 2] for i in range(len(text) - 1)]",
    "[text[i:i + 3] for i in range(len(text) - 2)]",
    "sorted(set(text.split()))",
    "[word[-2:] for word in text.split()]",
    "[word[:2] for word in text.split()]",
    "[text[:1], text[-1:]]",
    "[len(text)]",
    "[len(text.split())]",
    "[a + ' ' + b for a, b in zip(text.split(), text.split()[1:])]",
)
"""What a text may be read as."""

_WAYS = {
    "how often their parts come with each label": """
        labels = plain(LABELS)
        usual, seen = Counter(labels), {label: Counter() for label in labels}
        for text, label in zip(plain(EXAMPLES), labels):
            seen[label].update(parts_of(text))
        kinds = len(set().union(*seen.values()))
        totals = {label: sum(parts.values()) + SMOOTH * kinds for label, parts in seen.items()}
        def merit(text, label):
            chances = [(seen[label][part] + SMOOTH) / totals[label] for part in parts_of(text)]
            return math.log(usual[label]) + sum(map(math.log, chances))
        return [max(usual, key=lambda label: merit(text, label)) for text in plain(ASKED)]
        """,
    "weights of their parts, learnt from mistakes": """
        examples, labels = plain(EXAMPLES), plain(LABELS)
        weights = {label: Counter() for label in labels}
        def rate(text, label):
            return sum(weights[label][part] for part in parts_of(text))
        for _ in range(COUNT):
            for text, label in zip(examples, labels):
                guess = max(weights, key=lambda each: rate(text, each))
                if guess != label:
                    weights[label].update(parts_of(text))
                    weights[guess].subtract(parts_of(text))
        return [max(weights, key=lambda each: rate(text, each)) for text in plain(ASKED)]
        """,
    "the examples with most parts in common": """
        examples, labels, answers = [set(parts_of(text)) for text in EXAMPLES], plain(LABELS), []
        for text in plain(ASKED):
            parts = set(parts_of(text))
            order = sorted(range(len(examples)), key=lambda i: -len(parts & examples[i]))
            answers.append(Counter(labels[i] for i in order[:COUNT]).most_common(1)[0][0])
        return answers
        """,
}

TEXT_IDEAS = (
    Choice(1.0, weigh_parts, Kind.IDEA),
    Choice(1.0, change_parts, Kind.IDEA),
)
