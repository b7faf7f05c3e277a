"""Ideas for programs that take elements one after another: another order, or a disturbed one.

Many simple programs build an answer step by step. In which order they go decides how good it is,
and an order with chance in it makes several attempts worth while.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.entries import arguments_of
from selftaught.language_models.editor.syntax import expression, functions_of, parameters_of, walk

_MOST = 20
"""Places where an order is decided that are looked at."""
_AT_RANDOM = 0.2
"""Share of the orders that are left to chance."""
_EACH = "__each__"
"""An element in a key, until the program has a name for it."""


class _Order(NamedTuple):
    """A place where the program decides in which order to take elements."""

    present: ast.expr
    elements: ast.expr
    """The same without an order."""
    keys: tuple[str, ...]
    """What elements can be ordered by, with this for an element."""
    put: Callable[[ast.expr], None]
    """Puts another order in the place of the present one."""


def can_be_ordered(draft: Draft) -> bool:
    """Tells whether a program goes through the elements of a parameter."""
    return next(_orders_of(draft), None) is not None


def order_elements(draft: Draft) -> str | None:
    """Goes through elements in the order of something that is known of them, or of chance."""
    orders = list(islice(_orders_of(draft), _MOST))
    if not orders:
        return None
    order = draft.rng.choice(orders)
    by_chance = not order.keys or draft.rng.random() < _AT_RANDOM
    key = f"{draft.random_module()}.random()" if by_chance else draft.rng.choice(order.keys)
    backwards = not by_chance and draft.rng.random() < 1 / 2
    new = _sorted(draft, order.elements, key, backwards=backwards)
    if ast.unparse(new) == ast.unparse(order.present):
        return None
    order.put(new)
    told = "at random" if by_chance else f"by {key.replace(_EACH, 'each')}"
    return f"go through the elements in another order ({told}{', falling' if backwards else ''})"


def disturb_order(draft: Draft) -> str | None:
    """Puts some chance into an order, so that several attempts differ."""
    keys = [(order, _key_of(order.present)) for order in islice(_orders_of(draft), _MOST)]
    keys = [(order, key) for order, key in keys if key and "random" not in key]
    if not keys:
        return None
    (order, key), low = draft.rng.choice(keys), draft.rng.choice([0.5, 0.7, 0.9])
    key = f"({key}) * {draft.random_module()}.uniform({low}, 1)"
    order.put(_sorted(draft, order.elements, key, backwards=_is_backwards(order.present)))
    return f"disturb the order of the elements by up to {1 - low:.0%}"


def _sorted(draft: Draft, elements: ast.expr, key: str, *, backwards: bool) -> ast.expr:
    name = draft.name("each")
    reverse = ", reverse=True" if backwards else ""
    key = f"lambda {name}: {key.replace(_EACH, name)}"
    return expression(f"sorted({ast.unparse(elements)}, key={key}{reverse})")


def _orders_of(draft: Draft) -> Iterator[_Order]:
    for function in functions_of(draft.own):
        yield from _orders_in(function, _Reading(function, draft))


def _orders_in(function: ast.FunctionDef, reading: _Reading) -> Iterator[_Order]:
    for node in walk(function):
        match node:
            case ast.For(target=target, iter=present):
                elements, keys = _unordered(present), reading.keys(_unordered(present), target)
            case ast.Assign(value=ast.Call(func=ast.Name(id="sorted")) as present):
                elements, keys = _unordered(present), reading.keys(_unordered(present), None)
            case ast.Return(value=ast.Call(func=ast.Name(id="list"), args=[elements]) as present):
                keys = reading.keys(elements, None)
            case _:
                continue
        if keys is not None:
            field = "iter" if isinstance(node, ast.For) else "value"
            yield _Order(present, elements, keys, _setter(node, field))


def _setter(node: ast.stmt, field: str) -> Callable[[ast.expr], None]:
    return lambda new: setattr(node, field, new)


def _unordered(present: ast.expr) -> ast.expr:
    match present:
        case ast.Call(func=ast.Name(id="sorted"), args=[elements]):
            return elements
        case _:
            return present


class _Reading:
    """What a function reads of the elements of its parameters."""

    def __init__(self, function: ast.FunctionDef, draft: Draft) -> None:
        nodes = walk(function)
        self._parameters = {node.arg for node in nodes if isinstance(node, ast.arg)}
        self._given = _lists_among(draft)
        self._read: dict[str, dict[str, None]] = {}
        for node in nodes:
            match node:
                case ast.Subscript(
                    value=ast.Name(id=name), slice=ast.Constant(value=(int() | str())) as part
                ):
                    self._add(name, f"[{ast.unparse(part)}]")
                case ast.Attribute(value=ast.Name(id=name), attr=part):
                    self._add(name, f".{part}")
                case ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id=place)):
                    self._add(f"at {place}", name)
                case ast.Subscript(
                    value=ast.Subscript(value=ast.Name(id=name)),
                    slice=ast.Constant(value=(int() | str())) as part,
                ):
                    self._add(f"of {name}", f"[{ast.unparse(part)}]")
                case _:
                    continue

    def _add(self, name: str, part: str) -> None:
        self._read.setdefault(name, {})[part] = None

    def keys(self, elements: ast.expr, target: ast.expr | None) -> tuple[str, ...] | None:
        """Returns what elements can be ordered by; None where they are no parameter's."""
        match elements:
            case ast.Name(id=name) if name in self._parameters:
                return self._keys_for(_EACH, target, name)
            case ast.Call(func=ast.Name(id="enumerate"), args=[ast.Name(id=name)]) if (
                name in self._parameters
            ):
                match target:
                    case ast.Tuple(elts=[_, element]):
                        return self._keys_for(f"{_EACH}[1]", element, name)
                    case _:
                        return None
            case ast.Call(
                func=ast.Name(id="range"),
                args=[ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)])],
            ) if name in self._parameters:
                return self._keys_at(name, target)
            case _:
                return None

    def _keys_for(self, element: str, target: ast.expr | None, name: str) -> tuple[str, ...]:
        match target:
            case ast.Tuple(elts=parts):
                read = [f"[{place}]" for place in range(len(parts))]
            case ast.Name(id=called):
                read = list(self._read.get(called, ()))
            case _:
                read = []
        return _with_ratios([element + part for part in read or self._given.get(name, [""])])

    def _keys_at(self, name: str, target: ast.expr | None) -> tuple[str, ...]:
        """Returns what stands at a place of the lists that the function reads or is given."""
        place = target.id if isinstance(target, ast.Name) else ""
        read = [each for each in self._read.get(f"at {place}", ()) if each in self._parameters]
        given = [each for each in self._given if each in self._parameters]
        return _with_ratios(
            [
                f"{each}[{_EACH}]{part}"
                for each in dict.fromkeys([name, *read, *given])
                for part in self._read.get(f"of {each}") or self._given.get(each, [""])
            ]
        )


def _lists_among(draft: Draft) -> dict[str, list[str]]:
    """Returns the parameters of the entry that are given lists, and the parts of an element."""
    arguments = arguments_of(draft.scorer) if draft.scorer else None
    names = parameters_of(draft.entry) if draft.entry else []
    found: dict[str, list[str]] = {}
    for name, value in zip(names, arguments or (), strict=False):
        match value:
            case ast.ListComp(elt=ast.Tuple(elts=parts)) | ast.ListComp(elt=ast.List(elts=parts)):
                found[name] = [f"[{place}]" for place in range(len(parts))]
            case ast.ListComp() | ast.List():
                found[name] = [""]
            case _:
                continue
    return found


def _with_ratios(keys: list[str]) -> tuple[str, ...]:
    keys = keys[:4]
    return (*keys, *(f"{a} / ({b} or 1)" for a in keys for b in keys if a != b))


def _key_of(present: ast.expr) -> str:
    """Returns the number that something is ordered by now; the empty text for nothing known."""
    for each in present.keywords if isinstance(present, ast.Call) else ():
        match each:
            case ast.keyword(
                arg="key",
                value=ast.Lambda(
                    args=ast.arguments(args=[ast.arg(arg=name)]),
                    body=ast.BinOp() | ast.Subscript() | ast.Attribute() | ast.Call() as body,
                ),
            ):
                renamed = ast.parse(ast.unparse(body), mode="eval").body
                for node in walk(renamed):
                    if isinstance(node, ast.Name) and node.id == name:
                        node.id = _EACH
                return ast.unparse(renamed)
            case _:
                continue
    return ""


def _is_backwards(present: ast.expr) -> bool:
    return isinstance(present, ast.Call) and any(
        each.arg == "reverse" and isinstance(each.value, ast.Constant) and bool(each.value.value)
        for each in present.keywords
    )


ORDER_IDEAS = (
    Choice(1.0, order_elements, Kind.IDEA),
    Choice(0.6, disturb_order, Kind.IDEA),
)
