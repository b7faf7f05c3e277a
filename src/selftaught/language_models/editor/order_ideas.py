"""Ideas for programs that take elements one after another: another order, or a disturbed one.

Many simple programs build an answer step by step. In which order they go decides how good it is,
and an order with chance in it makes several attempts worth while.
"""

from __future__ import annotations

import ast
from typing import NamedTuple

from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.syntax import expression, parameters_of, walk


class _Walk(NamedTuple):
    """A loop over the elements of a parameter, or over their places."""

    loop: ast.For
    elements: ast.expr
    """What it runs over, without an order."""
    keys: tuple[str, ...]
    """What elements can be ordered by, for a lambda of `each`."""


def can_be_ordered(draft: Draft) -> bool:
    """Tells whether a program goes through the elements of a parameter."""
    return bool(_walks_of(draft.own))


def order_elements(draft: Draft) -> str | None:
    """Goes through elements in the order of something that is known of them, or of chance."""
    walks = _walks_of(draft.own)
    if not walks:
        return None
    loop, elements, keys = draft.rng.choice(walks)
    key = draft.rng.choice(keys) if draft.rng.random() < 0.8 else None
    backwards = draft.rng.random() < 0.5
    order = "at random" if key is None else f"by {key}, {'falling' if backwards else 'rising'}"
    key = f"{draft.random_module()}.random()" if key is None else key
    reverse = ", reverse=True" if backwards else ""
    new = expression(f"sorted({ast.unparse(elements)}, key=lambda each: {key}{reverse})")
    if ast.unparse(new) == ast.unparse(loop.iter):
        return None
    loop.iter = new
    return f"go through the elements in another order ({order})"


def disturb_order(draft: Draft) -> str | None:
    """Puts some chance into an order, so that several attempts differ."""
    walks = [
        each for each in _walks_of(draft.own) if (key := _key_of(each)) and "random" not in key
    ]
    if not walks:
        return None
    found = draft.rng.choice(walks)
    low = draft.rng.choice([0.5, 0.7, 0.9])
    key = f"({_key_of(found)}) * {draft.random_module()}.uniform({low}, 1)"
    kept = [each for each in _keywords_of(found.loop.iter) if each.arg != "key"]
    new = expression(f"sorted({ast.unparse(found.elements)}, key=lambda each: {key})")
    assert isinstance(new, ast.Call)
    new.keywords += kept
    found.loop.iter = new
    return f"disturb the order of the elements by up to {1 - low:.0%}"


def _walks_of(tree: ast.Module) -> list[_Walk]:
    functions = [node for node in walk(tree) if isinstance(node, ast.FunctionDef)]
    return [
        found
        for function in functions
        for node in walk(function)
        if isinstance(node, ast.For)
        and (found := _walk_of(node, parameters_of(function), function)) is not None
    ]


def _walk_of(loop: ast.For, parameters: list[str], function: ast.FunctionDef) -> _Walk | None:
    elements = loop.iter
    match elements:
        case ast.Call(func=ast.Name(id="sorted"), args=[inner]):
            elements = inner
        case _:
            pass
    match elements:
        case ast.Name(id=name) if name in parameters:
            keys = _keys_for("each", _parts_of(loop.target, function))
        case ast.Call(func=ast.Name(id="enumerate"), args=[ast.Name(id=name)]) if (
            name in parameters and isinstance(loop.target, ast.Tuple)
        ):
            keys = _keys_for("each[1]", _parts_of(loop.target.elts[-1], function))
        case ast.Call(
            func=ast.Name(id="range"),
            args=[ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)])],
        ) if name in parameters and isinstance(loop.target, ast.Name):
            keys = _keys_at(loop.target.id, function)
        case _:
            return None
    return _Walk(loop, elements, keys)


def _parts_of(target: ast.expr, function: ast.FunctionDef) -> list[int]:
    """Returns which parts of an element a function looks at, by their places."""
    if isinstance(target, ast.Tuple):
        return list(range(len(target.elts)))
    found = {
        node.slice.value
        for node in walk(function)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and isinstance(target, ast.Name)
        and node.value.id == target.id
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, int)
    }
    return sorted(found)


def _keys_for(element: str, parts: list[int]) -> tuple[str, ...]:
    single = [f"{element}[{part}]" for part in parts]
    return (*(single or [element]), *_ratios(single))


def _keys_at(place: str, function: ast.FunctionDef) -> tuple[str, ...]:
    """Returns what stands at a place, in all that the function reads there."""
    read = {
        node.value.id: None
        for node in walk(function)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and isinstance(node.slice, ast.Name)
        and node.slice.id == place
        and node.value.id in parameters_of(function)
    }
    names = [*read, *(name for name in parameters_of(function) if name not in read)]
    single = [f"{name}[each]" for name in names[: max(2, len(read))]]
    return (*single, *_ratios(single))


def _ratios(keys: list[str]) -> list[str]:
    return [f"{a} / ({b} or 1)" for a in keys for b in keys if a != b]


def _key_of(found: _Walk) -> str:
    """Returns what a loop is ordered by now; the empty text for nothing."""
    for each in _keywords_of(found.loop.iter):
        match each:
            case ast.keyword(arg="key", value=ast.Lambda(args=arguments, body=body)) if [
                argument.arg for argument in arguments.args
            ] == ["each"]:
                return ast.unparse(body)
            case _:
                continue
    return ""


def _keywords_of(call: ast.expr) -> list[ast.keyword]:
    return call.keywords if isinstance(call, ast.Call) else []


ORDER_IDEAS = (
    Choice(1.0, order_elements, Kind.IDEA),
    Choice(0.6, disturb_order, Kind.IDEA),
)
