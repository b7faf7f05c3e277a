"""Ideas for improvers that remember: an archive of all scores, or the best solution so far."""

from __future__ import annotations

import ast

from selftaught.language_models.editor.anatomy import Anatomy, anatomy_of
from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.improver_habits import Climb, archive_of, climb_of, ranked
from selftaught.language_models.editor.syntax import (
    expression,
    fresh_name,
    names_bound,
    parameters_of,
    statements,
    walk,
)


def remember_all(draft: Draft) -> str | None:
    """Lets a climb remember every score, and go on from one of the best few."""
    anatomy = anatomy_of(draft.tree)
    climb = None if anatomy is None else climb_of(anatomy.function)
    if anatomy is None or climb is None or archive_of(anatomy.function) is not None:
        return None
    start = _start(anatomy, climb)
    if start is None or not _shown(anatomy, climb.best):
        return None
    taken = names_bound(anatomy.function)
    archive, parent = fresh_name("archive", taken), fresh_name("parent", taken)
    count = draft.rng.choice([2, 3, 4])
    _show_instead(anatomy, climb, parent, f"{archive}[{parent}]")
    climb.block[climb.position : climb.position] = statements(
        f"{archive}[{climb.candidate}] = {climb.score}"
    )
    by_score = f"sorted({archive}, key={archive}.get, reverse=True)"
    choice = f"{draft.random_module()}.choice({by_score}[:{count}])"
    anatomy.loops[0].body[:0] = statements(f"{parent} = {choice}")
    anatomy.function.body[start:start] = statements(
        f"{archive} = {{{climb.best}: {climb.best_score}}}"
    )
    return f"remember every solution, and go on from one of the best {count}"


def wander(draft: Draft) -> str | None:
    """Lets a climb go on from a worse solution now and then, and return the best all the same."""
    anatomy = anatomy_of(draft.tree)
    climb = None if anatomy is None else climb_of(anatomy.function)
    if anatomy is None or climb is None or archive_of(anatomy.function) is not None:
        return None
    start = _start(anatomy, climb)
    if start is None or not _shown(anatomy, climb.best):
        return None
    taken = names_bound(anatomy.function)
    current, score = fresh_name("current", taken), fresh_name("current_score", taken)
    share = draft.rng.choice([0.05, 0.1, 0.2])
    _show_instead(anatomy, climb, current, score)
    chance = f"{draft.random_module()}.random() < {share}"
    climb.block[climb.position : climb.position] = statements(
        f"if {climb.score} >= {score} or {chance}:\n"
        f"    {current}, {score} = {climb.candidate}, {climb.score}"
    )
    anatomy.function.body[start:start] = statements(
        f"{current}, {score} = {climb.best}, {climb.best_score}"
    )
    return f"go on from a worse solution with probability {share}, and remember the best"


def vary_parent(draft: Draft) -> str | None:
    """Goes on from one of the best in the archive, not always from the best."""
    anatomy = anatomy_of(draft.tree)
    archive = None if anatomy is None else archive_of(anatomy.function)
    if anatomy is None or archive is None:
        return None
    best = [
        node
        for loop in anatomy.loops
        for node in walk(loop)
        if isinstance(node, ast.Call)
        and ranked(node) == archive
        and isinstance(node.func, ast.Name)
        and node.func.id == "max"
    ]
    if not best:
        return None
    call, count, module = draft.rng.choice(best), draft.rng.choice([2, 3, 5]), draft.random_module()
    if draft.rng.random() < 0.5:
        # Sorted: a sample must not depend on anything but the random numbers.
        size = f"min({count}, len({archive}))"
        call.args = [expression(f"{module}.sample(sorted({archive}), {size})")]
        return f"go on from the best of {count} that are drawn from all"
    call.func = expression(f"{module}.choice")
    call.args = [expression(f"sorted({archive}, key={archive}.get, reverse=True)[:{count}]")]
    call.keywords = []
    return f"go on from one of the best {count}"


def tell_remembered_score(draft: Draft) -> str | None:
    """Tells the model the score of the solution that a request shows, from the archive."""
    anatomy = anatomy_of(draft.tree)
    archive = None if anatomy is None else _archive_when_asking(anatomy)
    if anatomy is None or archive is None or "score is" in ast.unparse(anatomy.function):
        return None
    for function in _functions_in(anatomy):
        known = {*parameters_of(function), anatomy.solution}
        for message in anatomy.messages_in(function):
            for place, part in enumerate(message.values[:-1]):
                after = message.values[place + 1]
                match part, after:
                    case (
                        ast.FormattedValue(value=ast.Name(id=shown)),
                        ast.Constant(value=str(text)),
                    ) if shown in known and "```" in text:
                        score = expression(f"{archive}.get({shown}, 0.0)")
                        fence, rest = text.split("```", 1)
                        message.values[place + 1 : place + 2] = [
                            ast.Constant(f"{fence}```\nIts score is "),
                            ast.FormattedValue(score, -1),
                            ast.Constant(f".\n{rest}"),
                        ]
                        return "tell the score that is remembered of the solution"
                    case _:
                        continue
    return None


def show_another(draft: Draft) -> str | None:
    """Shows another good solution from the archive, and asks to combine them."""
    anatomy = anatomy_of(draft.tree)
    archive = None if anatomy is None else _archive_when_asking(anatomy)
    if anatomy is None or archive is None or not anatomy.messages:
        return None
    message = draft.rng.choice(anatomy.messages)
    if "Another good solution" in ast.unparse(message):
        return None
    count, module = draft.rng.choice([2, 3, 4]), draft.random_module()
    other = expression(f"{module}.choice(sorted({archive}, key={archive}.get)[-{count}:])")
    wish = draft.rng.choice(["Combine the strengths of both.", "Use what is good in it."])
    message.values += [
        ast.Constant("\n\nAnother good solution:\n```python\n"),
        ast.FormattedValue(other, -1),
        ast.Constant(f"\n```\n{wish}"),
    ]
    return f"show a second solution from memory ({wish})"


def stop_at_remembered_top(draft: Draft) -> str | None:
    """Stops when the best score so far cannot get better."""
    anatomy = anatomy_of(draft.tree)
    if anatomy is None or not anatomy.loops:
        return None
    loop = anatomy.loops[0]
    archive, climb = _archive_when_asking(anatomy), climb_of(anatomy.function)
    if archive is not None:
        best = f"max({archive}.values(), default=0)"
    elif climb is not None:
        best = climb.best_score
    else:
        return None
    test = f"if {best} >= 1:\n    break"
    if test in ast.unparse(loop).replace("    " * 2, "    "):
        return None
    loop.body[:0] = statements(test)
    return "stop when the best score is perfect"


def _archive_when_asking(anatomy: Anatomy) -> str | None:
    """Returns the archive, if it is there before the first request is written."""
    archive = archive_of(anatomy.function)
    used = [*anatomy.calls, *anatomy.messages]
    for node in anatomy.function.body:
        if isinstance(node, ast.FunctionDef):
            continue
        if archive in names_bound(node):
            return archive
        if any(each is part for each in walk(node) for part in used):
            return None
    return None


def _start(anatomy: Anatomy, climb: Climb) -> int | None:
    """Returns where a climb's first best is known and its loop has not begun."""
    if not anatomy.loops:
        return None
    before: set[str] = set()
    for position, node in enumerate(anatomy.function.body):
        if any(each is anatomy.loops[0] for each in walk(node)):
            return position if {climb.best, climb.best_score} <= before else None
        before |= names_bound(node)
    return None


def _shown(anatomy: Anatomy, name: str) -> list[ast.FormattedValue]:
    """The places in requests, inside the loop, where a variable is shown."""
    inside = set(map(id, walk(anatomy.loops[0]))) if anatomy.loops else set[int]()
    return [
        part
        for message in anatomy.messages
        if id(message) in inside
        for part in message.values
        if isinstance(part, ast.FormattedValue)
        and isinstance(part.value, ast.Name)
        and part.value.id == name
    ]


def _show_instead(anatomy: Anatomy, climb: Climb, other: str, other_score: str) -> None:
    for part in _shown(anatomy, climb.best):
        part.value = ast.Name(other, ast.Load())
    for part in _shown(anatomy, climb.best_score):
        part.value = expression(other_score)


def _functions_in(anatomy: Anatomy) -> list[ast.FunctionDef]:
    """The functions of an improver, the innermost first."""
    found = [node for node in walk(anatomy.function) if isinstance(node, ast.FunctionDef)]
    return found[::-1]


MEMORY_IDEAS = (
    Choice(0.8, remember_all, Kind.IDEA),
    Choice(0.6, wander, Kind.IDEA),
    Choice(0.8, vary_parent, Kind.IDEA),
    Choice(0.5, tell_remembered_score, Kind.IDEA),
    Choice(0.6, show_another, Kind.IDEA),
    Choice(0.3, stop_at_remembered_top, Kind.IDEA),
)
