"""Ideas for programs that learn to name texts from examples: by their words, letters and pairs.

A text is read as a bag of parts; which parts is a matter of several small steps.
"""

from __future__ import annotations

import ast
import re

from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.learners import rewrite
from selftaught.language_models.editor.roles import roles_of, words_in
from selftaught.language_models.editor.syntax import add_helpers, expression, functions_of, walk

_TEXTS = frozenset(
    {
        *("text", "texts", "sentence", "sentences", "document", "documents", "docs", "string"),
        *("strings", "message", "messages", "word", "words", "name", "names", "title", "titles"),
        *("review", "reviews", "email", "emails", "comment", "comments", "phrase", "phrases"),
    }
)
_MADE_OF_PARTS = re.compile(r"""['"]\.join\(""")


def learns_from_texts(draft: Draft) -> bool:
    """Tells whether the examples of a learner are texts, by its names or by how they are drawn."""
    roles = roles_of(draft.entry, draft.scorer)
    if roles is None:
        return False
    if words_in(roles.examples) & _TEXTS:
        return True
    drawn = [
        each for each in functions_of(draft.scorer or ast.Module([], [])) if _returns_pair(each)
    ]
    return any(_MADE_OF_PARTS.search(ast.unparse(each)) for each in drawn)


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
    part = draft.rng.choice(_PARTS)
    present = ast.unparse(found.value)
    if part in present:
        return None
    if draft.rng.random() < 0.6:
        found.value = expression(f"{present} + {part}")
        return f"look at further parts of a text: {part}"
    found.value = expression(part)
    return f"look at other parts of a text: {part}"


def _parts_in(tree: ast.Module) -> ast.Return | None:
    for function in functions_of(tree):
        if function.name == "parts_of" and isinstance(function.body[-1], ast.Return):
            return function.body[-1]
    return None


def _returns_pair(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Return)
        and isinstance(node.value, ast.Tuple)
        and isinstance(node.value.elts[0], ast.Tuple)
        for node in walk(function)
    )


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
