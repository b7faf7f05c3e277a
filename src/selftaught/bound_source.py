"""The source of functions, with all that their names stand for, so that a reader misses nothing."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from enum import EnumType
from types import FunctionType, ModuleType

IN_TEXT = "utility"
"""Module of the functions in a task's text, which are to be read there."""
_FOR_TOOLS = re.compile(r"[ \t]*# (noqa|pyright|type):.*$", re.MULTILINE)
_PLAIN = (bool, int, float, str, bytes, type(None))


def bound_sources(functions: Iterable[Callable[..., object]]) -> list[str]:
    """Returns the texts of functions, and before each what its names stand for; each once.

    Constants are written down, functions follow with what they need in turn, modules are imported,
    members of enumerations become their values. Annotations are left out.
    """
    found: dict[str, str] = {}
    for function in functions:
        _bind(function.__name__, function, found)
    texts = list(filter(None, found.values()))
    imports = sorted(text for text in texts if text.startswith("import "))
    constants = [text for text in texts if "\n" not in text and text not in imports]
    heads = ["\n".join(each) for each in (imports, constants) if each]
    return [*heads, *(text for text in texts if "\n" in text)]


def literal(value: object) -> str:
    """Returns a constant as Python writes it; infinity, too.

    Example:
        >>> literal(0.5), literal(float("inf"))
        ('0.5', 'float("inf")')
    """
    if isinstance(value, str) and value.isprintable() and not {'"', "\\"} & set(value):
        return f'"{value}"'
    return f'float("{value}")' if value in (float("inf"), -float("inf")) else repr(value)


def _bind(name: str, value: object, found: dict[str, str]) -> None:
    if name in found or getattr(value, "__module__", None) == IN_TEXT:
        return
    if isinstance(value, ModuleType):
        found[name] = f"import {value.__name__}"
    elif isinstance(value, _PLAIN):
        found[name] = f"{name} = {literal(value)}"
    elif callable(value) and not isinstance(value, type):
        found[name] = ""  # it may name itself
        text = _source(value)
        for each, stands_for in _names(value, text):
            if isinstance(stands_for, EnumType):
                text = _with_values(text, each, stands_for)
            else:
                _bind(each, stands_for, found)
        del found[name]  # what it needs stands before it
        found[name] = text


def _source(function: Callable[..., object]) -> str:
    try:
        text = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        name = getattr(function, "__name__", "a function")
        return f"# {name}: its source is not to be had\n"
    return _without_annotations(_FOR_TOOLS.sub("", text))


def _names(function: Callable[..., object], text: str) -> Iterator[tuple[str, object]]:
    """Yields what a function names that is not its own, and what it stands for."""
    if not isinstance(function, FunctionType):
        return
    closed = inspect.getclosurevars(function).nonlocals
    known = {**function.__globals__, **closed}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and node.id in known:
            yield node.id, known[node.id]


def _with_values(text: str, name: str, members: EnumType) -> str:
    def value(match: re.Match[str]) -> str:
        member = members[match[1]]
        return literal(str(member) if isinstance(member, str) else member)

    return re.sub(rf"\b{name}\.([A-Z_]+)\b", value, text)


def _without_annotations(text: str) -> str:
    """Returns the text of functions without the types of arguments and results."""
    lines = text.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    data = b"".join(lines)
    for node in sorted(_annotated(ast.parse(text)), key=_position, reverse=True):
        first = starts[node.lineno - 1] + node.col_offset
        last = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        head = data[:first].rstrip()
        head = head.removesuffix(b"->").removesuffix(b":").rstrip()
        data = head + data[last:]
    return data.decode()


def _position(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _annotated(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.returns:
            yield node.returns
        elif isinstance(node, ast.arg) and node.annotation:
            yield node.annotation
