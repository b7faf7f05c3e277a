"""What an edit changes in what a program does at import: nothing but definitions and constants.

What runs at import may fail there, and take the whole program with it. A program's own work there
ran before; an edited version of it did not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache

from selftaught.language_models.editor.import_work import is_trivial, reached
from selftaught.language_models.editor.known_calls import DECORATORS, Names, names_of
from selftaught.language_models.editor.syntax import parsed


def adds_import_work(tree: ast.Module, before: str) -> bool:
    """Tells whether a program does at import what the program that it was made from does not.

    Args:
        tree: The edited program.
        before: The text of the program before the edits.
    """
    return not all(map(is_trivial, tree.body)) and not _work_of(tree) <= _work_of_text(before)


@lru_cache(maxsize=64)
def _work_of_text(text: str) -> frozenset[str]:
    tree = parsed(text)
    return frozenset() if tree is None else _work_of(tree)


def _work_of(tree: ast.Module) -> frozenset[str]:
    """Returns what is run at import and may fail, and the functions that this calls, as text."""
    pieces = list(_pieces(tree.body, names_of(tree)))
    return frozenset(map(ast.unparse, reached(pieces, tree)))


def _pieces(body: Iterable[ast.stmt], names: Names) -> Iterator[ast.AST]:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _unknown(node.decorator_list, names)
                arguments = node.args
                annotated = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
                annotated += filter(None, [arguments.vararg, arguments.kwarg])
                parts = [*arguments.defaults, *arguments.kw_defaults, node.returns]
                parts += [each.annotation for each in annotated]
                yield from (each for each in parts if each and not _is_plain(each))
            case ast.ClassDef():
                yield from _unknown(node.decorator_list, names)
                yield from (each for each in node.bases if not _is_plain(each))
                yield from node.keywords
                yield from _pieces(node.body, names)
            case _ if not _is_plain_statement(node):
                yield node
            case _:
                continue


def _unknown(decorators: Iterable[ast.expr], names: Names) -> Iterator[ast.expr]:
    for each in decorators:
        called = each.func if isinstance(each, ast.Call) else each
        if names.called(called) not in DECORATORS:
            yield each


def _is_plain_statement(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.Assign(targets=[ast.Name()], value=value) | ast.Expr(value=value):
            return _is_plain(value)
        case ast.AnnAssign(target=ast.Name(), annotation=annotation, value=value):
            return _is_plain(annotation) and (value is None or _is_plain(value))
        case _:
            return False


def _is_plain(value: ast.expr) -> bool:  # noqa: PLR0911 - one case for each kind
    match value:
        case ast.Constant() | ast.Name():
            return True
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return all(map(_is_plain, parts))
        case ast.Set(elts=parts):
            return all(isinstance(part, ast.Constant) for part in parts)
        case ast.Dict(keys=keys, values=values):
            return all(isinstance(key, ast.Constant) for key in keys) and all(
                map(_is_plain, values)
            )
        case ast.Lambda(args=arguments):
            return not arguments.defaults and not any(arguments.kw_defaults)
        case _:
            return _is_number(value)


def _is_number(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=int() | float()):
            return True
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _is_number(operand)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
            return _is_number(left) and _is_number(right)
        case _:
            return False
