"""Ideas for how much an improver asks for: temperatures, calls, replies in a call."""

from __future__ import annotations

import ast

from selftaught.language_models.editor.anatomy import Anatomy, anatomy_of
from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.syntax import expression, walk


def change_temperature(draft: Draft) -> str | None:
    """Asks at another temperature, or at one that changes from round to round."""
    anatomy = anatomy_of(draft.tree)
    if anatomy is None:
        return None
    options = [str(draft.rng.choice([0.2, 0.4, 0.5, 0.9, 1.0, 1.2]))]
    if (name := anatomy.round_name) is not None:
        start, factor = draft.rng.choice([0.7, 1.0, 1.2]), draft.rng.choice([0.5, 0.6, 0.7, 0.8])
        options += [f"{start} * {factor} ** {name}", f"[0.4, 0.7, 1.0][{name} % 3]"]
    call = draft.rng.choice(anatomy.calls)
    new = draft.rng.choice(options)
    if len(call.args) > 2:
        return None
    anatomy.name_rounds()
    call.keywords = [each for each in call.keywords if each.arg != "temperature"]
    call.keywords.append(ast.keyword("temperature", expression(new)))
    return f"ask at temperature {new}"


def use_all_calls(draft: Draft) -> str | None:
    """Goes on for as many rounds as calls are allowed."""
    anatomy = anatomy_of(draft.tree)
    if anatomy is None or not anatomy.loops:
        return None
    loop = anatomy.loops[0]
    match loop.iter:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant()]):
            loop.iter = expression(f"range({anatomy.language_model}.budget)")
            return "use all the calls that are allowed"
        case _:
            return None


def change_count(draft: Draft) -> str | None:
    """Asks for another number of replies in a call."""
    anatomy = anatomy_of(draft.tree)
    if anatomy is None:
        return None
    places = [*_repetitions(anatomy), *_bounds(anatomy)]
    if not places:
        return None
    place = draft.rng.choice(places)
    if isinstance(place, ast.Call):
        most = draft.rng.choice([2, 3, 4, 5])
        place.args.append(ast.Constant(most))
        return f"ask for at most {most} replies in a call"
    old = ast.unparse(place.right)
    place.right = expression(draft.rng.choice([f"max(1, {old} // 2)", "3", "4", "5", "6"]))
    return f"ask for {ast.unparse(place.right)} replies in a call"


def _repetitions(anatomy: Anatomy) -> list[ast.BinOp]:
    """The products in calls of the generator that repeat a message."""
    return [
        node
        for call in anatomy.calls
        for node in walk(call)
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mult)
        and isinstance(node.left, ast.List)
    ]


def _bounds(anatomy: Anatomy) -> list[ast.Call]:
    """The calls of `min` that say how many replies one call asks for, unless they have a number."""
    return [
        node
        for node in walk(anatomy.function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "min"
        and any(
            isinstance(each, ast.Attribute) and each.attr == "max_responses_per_call"
            for each in node.args
        )
        and not any(isinstance(each, ast.Constant) for each in node.args)
    ]


CALL_IDEAS = (
    Choice(0.6, use_all_calls, Kind.IDEA),
    Choice(0.8, change_temperature, Kind.IDEA),
    Choice(0.3, change_count, Kind.IDEA),
)
