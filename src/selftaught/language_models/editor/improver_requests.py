"""Ideas for what an improver says: mood, scores, a second solution, other requests per sample."""

from __future__ import annotations

import ast
import re

from selftaught.language_models.editor.anatomy import Anatomy, anatomy_of
from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.syntax import expression, names_bound

HINTS = (
    "Be bold: try an approach that is entirely different.",
    "Be creative and explore something new.",
    "Make one small, careful change.",
    "Tune the numbers and refine what is there.",
    "Improve the most promising part, with a single modest change.",
    "Keep what works.",
    "Think about what limits the score at present.",
)
"""Sentences that people add to requests; what they do depends on the model."""


def change_mood(draft: Draft) -> str | None:
    """Ends the request with another wish, or puts a wish in the place of the old one."""
    anatomy = anatomy_of(draft.tree)
    ending = None if anatomy is None else _ending_of(anatomy, draft)
    if ending is None:
        return None
    hint = draft.rng.choice(HINTS)
    text = str(ending.value)
    if hint in text:
        return None
    head, request = _split(text)
    sentences = re.split(r"(?<=[.!?])\s+", request.strip())
    if len(sentences) > 1 and draft.rng.random() < 0.6:
        sentences[draft.rng.randrange(len(sentences))] = hint
    else:
        sentences.append(hint)
    ending.value = head + " ".join(sentences)
    return f"ask in another way: {hint}"


def shorten_request(draft: Draft) -> str | None:
    """Leaves one sentence of the request out."""
    anatomy = anatomy_of(draft.tree)
    ending = None if anatomy is None else _ending_of(anatomy, draft)
    if ending is None:
        return None
    head, request = _split(str(ending.value))
    sentences = re.split(r"(?<=[.!?])\s+", request.strip())
    if len(sentences) < 3:
        return None
    gone = sentences.pop(draft.rng.randrange(1, len(sentences)))
    ending.value = head + " ".join(sentences)
    return f"no longer say: {' '.join(gone.split())}"


def vary_mood(draft: Draft) -> str | None:
    """Wishes for different things in different rounds, or in different samples of a call."""
    anatomy = anatomy_of(draft.tree)
    if anatomy is None or not (calls := _calls_with_messages(anatomy)):
        return None
    call = draft.rng.choice(calls)
    messages = ast.unparse(call.args[1])
    if "hint" in names_bound(anatomy.function) or "enumerate(" in messages:
        return None
    hints = draft.rng.sample(HINTS[:5], 2)
    name = anatomy.round_name
    if name is not None and draft.rng.random() < 0.5:
        turn = draft.rng.choice([1, 1, 2])
        ending = f"({hints[0]!r} if {name} < {turn} else {hints[1]!r})"
        source = f"[text + ' ' + {ending} for text in {messages}]"
        description = "change the wish in later rounds"
    else:
        ending = f"{hints!r}[number % 2]"
        source = f"[text + ' ' + {ending} for number, text in enumerate({messages})]"
        description = "ask for two different things in one call"
    anatomy.name_rounds()
    call.args[1] = expression(source)
    return f"{description}: {hints[0]} / {hints[1]}"


def _calls_with_messages(anatomy: Anatomy) -> list[ast.Call]:
    """Returns the calls of the generator that are given a list of messages."""
    return [
        call
        for call in anatomy.calls
        if anatomy.asks_for_several(call)
        and len(call.args) > 1
        and not isinstance(call.args[1], ast.Starred)
    ]


def show_score(draft: Draft) -> str | None:
    """Tells the model what the current solution scores."""
    anatomy = anatomy_of(draft.tree)
    if anatomy is None or "score is" in ast.unparse(anatomy.function):
        return None
    for message in anatomy.messages:
        for place, part in enumerate(message.values):
            if not _shows(part, anatomy.solution) or place + 1 >= len(message.values):
                continue
            after = message.values[place + 1]
            if isinstance(after, ast.Constant) and "```" in str(after.value):
                fence, rest = str(after.value).split("```", 1)
                score = expression(f"{anatomy.rater}({anatomy.solution})")
                message.values[place + 1 : place + 2] = [
                    ast.Constant(f"{fence}```\nIts score is "),
                    ast.FormattedValue(score, -1),
                    ast.Constant(f".\n{rest}"),
                ]
                return "tell the score of the current solution"
    return None


def show_second(draft: Draft) -> str | None:
    """Shows another good solution beside the current one, and asks to combine them."""
    anatomy = anatomy_of(draft.tree)
    if anatomy is None or not anatomy.messages or not _has_pool(anatomy.function):
        return None
    message = draft.rng.choice(anatomy.messages)
    if "Another good solution" in ast.unparse(message):
        return None
    module = draft.random_module()
    other = expression(draft.rng.choice(["pool[-1]", f"{module}.choice(pool)"]))
    wish = draft.rng.choice(["Combine the strengths of both.", "Use what is good in it."])
    message.values += [
        ast.Constant("\n\nAnother good solution:\n```python\n"),
        ast.FormattedValue(other, -1),
        ast.Constant(f"\n```\n{wish}"),
    ]
    return f"show a second solution ({wish})"


def _has_pool(function: ast.FunctionDef) -> bool:
    """Tells whether the improver itself, not a function in it, keeps a list of good solutions."""
    return any(
        isinstance(node, ast.Assign) and ast.unparse(node).startswith("pool = [")
        for node in function.body
    )


def _shows(part: ast.expr, name: str) -> bool:
    match part:
        case ast.FormattedValue(value=ast.Name(id=shown)):
            return shown == name
        case _:
            return False


def _ending_of(anatomy: Anatomy, draft: Draft) -> ast.Constant | None:
    endings = [
        message.values[-1]
        for message in anatomy.messages
        if isinstance(message.values[-1], ast.Constant)
    ]
    return draft.rng.choice(endings) if endings else None


def _split(text: str) -> tuple[str, str]:
    """Splits the end of a message into the fence and the request after it."""
    position = text.rfind("```")
    if position < 0:
        return "", text
    return text[: position + 3] + "\n\n", text[position + 3 :]


REQUEST_IDEAS = (
    Choice(1.0, change_mood, Kind.IDEA),
    Choice(0.3, shorten_request, Kind.IDEA),
    Choice(0.6, vary_mood, Kind.IDEA),
    Choice(0.4, show_score, Kind.IDEA),
    Choice(0.6, show_second, Kind.IDEA),
)
