"""Whether a program learns from examples, and which of its parameters is which.

The utility tells best: where the expected answer and one argument are parts of the same labels, and
two other arguments parts of the same examples. Else the names of the parameters do, by whole words.
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from selftaught.language_models.editor.syntax import functions_of, parameters_of, walk


class Roles(NamedTuple):
    """How a learner's parameters are called."""

    examples: str
    labels: str | None
    """None: the examples are pairs, each with its label."""
    asked: str


_KNOWN = frozenset(
    [
        "train",
        "training",
        "known",
        "example",
        "examples",
        "seen",
        "given",
        "history",
        "past",
        "support",
        "fit",
        "observed",
    ]
)
_LABELS = frozenset(
    [
        "label",
        "labels",
        "target",
        "targets",
        "output",
        "outputs",
        "class",
        "classes",
        "answer",
        "answers",
        "outcome",
        "outcomes",
        "result",
        "results",
        "value",
        "values",
        "y",
        "ys",
    ]
)
_ASKED = frozenset(
    [
        "test",
        "tests",
        "query",
        "queries",
        "new",
        "unseen",
        "unknown",
        "ask",
        "asked",
        "predict",
        "future",
        "held",
        "eval",
    ]
)


def roles_of(function: ast.FunctionDef | None, scorer: ast.Module | None = None) -> Roles | None:
    """Returns which parameter is which, if the function learns from examples.

    Args:
        function: What others call.
        scorer: The program that describes the utility, where there is one.
    """
    names = [] if function is None else parameters_of(function)
    match names:
        case [first, second] if _has(first, _KNOWN) and _has(second, _ASKED):
            return Roles(first, None, second)
        case [_, _, _]:
            return _by_utility(names, scorer) or _by_names(names)
        case _:
            return None


def _by_utility(names: list[str], scorer: ast.Module | None) -> Roles | None:
    for function in functions_of(scorer) if scorer else ():
        for node in walk(function):
            match node:
                case ast.Return(
                    value=ast.Tuple(elts=[ast.Tuple(elts=[_, _, _] as arguments), expected])
                ):
                    return _by_parts(names, arguments, expected)
                case _:
                    continue
    return None


def _by_parts(names: list[str], arguments: list[ast.expr], expected: ast.expr) -> Roles | None:
    """Tells labels by being cut from what the expected answer is cut from."""
    wholes = [_whole(argument) for argument in arguments]
    hidden = _whole(expected)
    if hidden is None or wholes.count(hidden) != 1:
        return None
    labels = wholes.index(hidden)
    first, second = (place for place in range(3) if place != labels)
    if wholes[first] is None or wholes[first] != wholes[second]:
        return None
    # What is asked about is cut as the expected answer is.
    asked = first if _cut(arguments[first]) == _cut(expected) else second
    return Roles(names[first + second - asked], names[labels], names[asked])


def _whole(value: ast.expr) -> str | None:
    """Returns the name of what an expression is a part of."""
    match value:
        case ast.Subscript(value=ast.Name(id=name)):
            return name
        case ast.Call(args=[argument], keywords=[]):
            return _whole(argument)
        case _:
            return None


def _cut(value: ast.expr) -> str:
    parts = [ast.unparse(node.slice) for node in walk(value) if isinstance(node, ast.Subscript)]
    return parts[0] if parts else ""


def _by_names(names: list[str]) -> Roles | None:
    first, second, third = names
    if _belong_together(first, second, third):
        return Roles(first, second, third)
    if _has(third, _ASKED) and (_has(first, _KNOWN) or _has(second, _LABELS)):
        return Roles(first, second, third)
    return None


def _belong_together(first: str, second: str, third: str) -> bool:
    """Tells whether names share parts as `train_x, train_y, test_x` do."""
    parts = [re.split(r"[_\d]+", name.lower()) for name in (first, second, third)]
    is_shared = len(parts[0]) > 1 and parts[0][0] == parts[1][0] and parts[0][-1] == parts[2][-1]
    return is_shared and not _has(second, _ASKED)


def what_is_meant(name: str) -> str:
    """Returns the last word of a name that does not only say which part it is.

    Example:
        >>> what_is_meant("train_texts"), what_is_meant("textsKnown"), what_is_meant("test")
        ('texts', 'texts', '')
    """
    words = [word for word in _words_of(name) if word and word not in _KNOWN | _ASKED]
    return words[-1] if words else ""


def _has(name: str, words: frozenset[str]) -> bool:
    """Tells whether a name consists of words of which one is among these.

    Example:
        >>> _has("X_train", _KNOWN), _has("tasks", _ASKED), _has("newRows", _ASKED)
        (True, False, True)
    """
    return not words.isdisjoint(_words_of(name))


def _words_of(name: str) -> list[str]:
    apart = re.sub(r"([a-z])([A-Z])", r"\1_\2", name)
    return re.split(r"[_\d]+", apart.lower())
