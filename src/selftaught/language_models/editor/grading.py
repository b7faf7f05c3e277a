"""Grading an objective: how many conditions hold, where the scorer asks whether all of them do.

A search cannot climb on a score that is 1 or 0. A programmer replaces `all(...)` by the share that
holds, and a loop that gives up at the first failure by one that counts failures; what is made of
the result must then let a share pass where a truth value was expected.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from selftaught.language_models.editor.syntax import blocks_of, statements, walk

SHARE = '''
def share(conditions):
    """Return how large a share of the conditions holds."""
    conditions = [bool(condition) for condition in conditions]
    return sum(conditions) / len(conditions) if conditions else 1.0
'''
_CASTS = ("bool", "float", "int")


def grade(functions: list[ast.FunctionDef]) -> bool:
    """Changes the functions so that they count conditions; tells whether there were any."""
    shares = [_ask_for_shares(each) for each in functions]
    graded = {"share"} if any(shares) else set[str]()
    graded |= {each.name for each in functions if _count_failures(each)}
    if not graded:
        return False
    for _ in functions:
        graded |= {name for each in functions for name in _graded_by(each, graded)}
    for function in functions:
        _Passing(graded).visit(function)
        _pass_through_ifs(function, graded)
    return True


def _ask_for_shares(function: ast.FunctionDef) -> bool:
    calls = [
        part.func
        for node in walk(function)
        for value in _values_of(node)
        for part in _conditions_in(value)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "all"
    ]
    for name in calls:
        name.id = "share"
    return bool(calls)


def _count_failures(function: ast.FunctionDef) -> bool:
    """Turns `for ...: if ...: return 0` into a loop that counts, and grades what it counted."""
    for block in blocks_of(function):
        for position, node in enumerate(block):
            match node:
                case ast.For(
                    body=[
                        *_,
                        ast.If(
                            body=[ast.Return(value=ast.Constant(value=(0 | False)))], orelse=[]
                        ) as failing,
                    ]
                ):
                    failing.body = statements("failures += 1")
                    after = "if failures:\n    return 0.5 / (1 + failures)"
                    block[position + 1 : position + 1] = statements(after)
                    block[position:position] = statements("failures = 0")
                    return True
                case _:
                    continue
    return False


def _graded_by(function: ast.FunctionDef, graded: set[str]) -> Iterator[str]:
    """Yields the variables and the function that get a share where they had a truth value."""
    for node in walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_graded(value, graded):
                yield name
            case ast.Return(value=ast.expr() as value) if _is_graded(value, graded):
                yield function.name
            case _:
                continue


def _is_graded(value: ast.expr, graded: set[str]) -> bool:
    for part in _conditions_in(value):
        match part:
            case ast.Call(func=ast.Name(id=name)) | ast.Name(id=name) if name in graded:
                return True
            case _:
                continue
    return False


class _Passing(ast.NodeTransformer):
    """Lets a share pass through `1.0 if share else 0.0` and `int(share)`."""

    def __init__(self, graded: set[str]) -> None:
        self._graded = graded

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        match node.orelse:
            case ast.Constant(value=(0 | False)) if _is_graded(node.test, self._graded):
                return ast.BinOp(node.body, ast.Mult(), node.test)
            case _:
                return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node:
            case ast.Call(func=ast.Name(id="int" | "bool"), args=[inner]) if _is_graded(
                inner, self._graded
            ):
                return ast.Call(ast.Name("float", ast.Load()), [inner], [])
            case _:
                return node


def _pass_through_ifs(function: ast.FunctionDef, graded: set[str]) -> None:
    """Gives `if not share: return 0` part of the credit."""
    for node in walk(function):
        match node:
            case ast.If(
                test=ast.UnaryOp(op=ast.Not(), operand=share),
                body=[ast.Return(value=ast.Constant(value=(0 | False)))],
            ) if _is_graded(share, graded):
                node.test = ast.Compare(share, [ast.Lt()], [ast.Constant(1)])
                node.body = [ast.Return(ast.BinOp(ast.Constant(0.5), ast.Mult(), share))]
            case _:
                continue


def _values_of(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Assign(value=value) | ast.Return(value=ast.expr() as value):
            return [value]
        case ast.If(test=value):
            return [value]
        case _:
            return []


def _conditions_in(value: ast.expr) -> Iterator[ast.expr]:
    """Yields the parts of a truth value that decide it."""
    match value:
        case ast.IfExp(test=inner) | ast.UnaryOp(op=ast.Not(), operand=inner):
            yield from _conditions_in(inner)
        case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _CASTS:
            yield from _conditions_in(inner)
        case ast.BoolOp(op=ast.And(), values=values):
            for inner in values:
                yield from _conditions_in(inner)
        case _:
            yield value
