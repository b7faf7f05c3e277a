"""The entry of a program: the function that whoever rates it calls.

What the scorer says is the best sign: its prose defines a name, or its program looks one up. Then
comes whether anything else in the program uses a function, whether `instance` makes as many
arguments as it takes, and how many of the other functions it stands on.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from selftaught.language_models.editor.syntax import (
    functions_of,
    names_bound,
    names_read,
    parameters_of,
    unused_functions,
    walk,
)

_DEFINES = re.compile(r"\b(?:defines?|named|function)\s+`?(?P<name>\w+)")


def entry_for(tree: ast.Module, scorer: ast.Module | None) -> ast.FunctionDef | None:
    """Returns the function that others call; where no sign tells several apart, the last.

    A function without parameters, such as `main`, is one only where there is no other.

    Args:
        tree: The program.
        scorer: The program that describes the utility, where there is one.
    """
    functions = functions_of(tree)
    unused = [
        each
        for each in unused_functions(tree)
        if parameters_of(each) or each.args.vararg is not None
    ]
    if len(functions) < 2 or (scorer is None and len(unused) == 1):
        return next(reversed(unused or functions), None)
    named = set[str]() if scorer is None else _names_told_by(scorer)
    if not named & {each.name for each in functions}:
        functions = unused or functions
    count = None if scorer is None else count_of_arguments(scorer)
    return _most(
        functions,
        lambda each: each.name in named,
        lambda each: each in unused,
        lambda each: takes(each, count),
        lambda each: _reach(tree, each),
    )


def _most(
    functions: list[ast.FunctionDef], *signs: Callable[[ast.FunctionDef], int]
) -> ast.FunctionDef:
    """Returns the function for which the first sign speaks most that tells them apart."""
    for sign in signs:
        if len(functions) > 1:
            strengths = [sign(each) for each in functions]
            most = max(strengths)
            functions = [
                each
                for each, strength in zip(functions, strengths, strict=True)
                if strength == most
            ]
    return functions[-1]


def takes(function: ast.FunctionDef, count: int | None) -> bool:
    """Tells whether a function can be called with as many arguments by position."""
    if count is None:
        return True
    needed, most = required_of(function), parameters_of(function)
    return len(needed) <= count and (count <= len(most) or function.args.vararg is not None)


def required_of(function: ast.FunctionDef) -> list[str]:
    """Returns the names of the positional parameters without a default."""
    names = parameters_of(function)
    return names[: len(names) - len(function.args.defaults)]


def count_of_arguments(scorer: ast.Module) -> int | None:
    """Returns how many arguments an instance has; None where that is not to be seen."""
    arguments = arguments_of(scorer)
    return None if arguments is None else len(arguments)


def arguments_of(scorer: ast.Module) -> list[ast.expr] | None:
    """Returns what an instance's arguments are, names as what they are given; None if unknown."""
    for function in functions_of(scorer):
        for node in walk(function):
            match node:
                case ast.Return(value=ast.Tuple(elts=[arguments, _])):
                    parts = parts_of(arguments, function)
                    if parts is not None:
                        return [_given(part, function) for part in parts]
                case _:
                    continue
    return None


def _given(value: ast.expr, function: ast.FunctionDef) -> ast.expr:
    if isinstance(value, ast.Name):
        for node in walk(function):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=found) if name == value.id:
                    return found
                case _:
                    continue
    return value


def parts_of(arguments: ast.expr, function: ast.FunctionDef) -> list[ast.expr] | None:
    """Returns the parts of a tuple that a function writes down, there or in a variable."""
    match arguments:
        case ast.Tuple(elts=parts):
            return parts
        case ast.Name(id=name):
            for node in walk(function):
                match node:
                    case ast.Assign(targets=[ast.Name(id=target)], value=ast.Tuple(elts=parts)) if (
                        target == name
                    ):
                        return parts
                    case _:
                        continue
            return None
        case _:
            return None


def _names_told_by(scorer: ast.Module) -> set[str]:
    texts = [
        node.value
        for node in walk(scorer)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    told = {match["name"] for text in texts for match in _DEFINES.finditer(text)}
    told |= {text for text in texts if text.isidentifier()}
    return (told | names_read(scorer)) - names_bound(scorer)


def _reach(tree: ast.Module, entry: ast.FunctionDef) -> int:
    """Returns how many other functions of the program a function needs, directly or not."""
    functions = {each.name: each for each in functions_of(tree)}
    reached, names = {entry.name}, names_read(entry)
    while new := (names & functions.keys()) - reached:
        reached |= new
        names = {name for each in new for name in names_read(functions[each])}
    return len(reached)
