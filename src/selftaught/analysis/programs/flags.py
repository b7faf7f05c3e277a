"""The flag of a sandboxed utility (paper, table 2): where a program turns it off or leaves it out.

A program is to be read `plainly`. The flag is the utility's second parameter, ``use_sandbox``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from selftaught.analysis.programs.edges import defaults_of
from selftaught.analysis.programs.roles import Roles
from selftaught.analysis.programs.values import Values

FLAG = "use_sandbox"
"""The argument of the paper's sandboxed utility that turns the sandbox off."""
_BY_NAME = ("__setitem__", "object", "setattr", "setdefault")
"""Functions and methods that take a name and the value for it, side by side."""
_SCOPES = ("globals", "locals", "vars")


def turns_off(roles: Roles) -> Iterator[ast.AST]:
    """Yields where the flag gets a value that need not be true."""
    values = Values(roles.flow)
    for node in roles.syntax.nodes:
        given = [*_named(node), *_placed(node), *_scoped(roles, node)]
        if isinstance(node, ast.Call) and is_evaluation(roles, node):
            given += _positional(values, node)
        if any(values.may_be_false(each) for each in given) or _replaces_defaults(roles, node):
            yield node


def _named(node: ast.AST) -> Iterator[ast.expr]:
    """Yields values that stand beside the flag's name: arguments, entries, defaults."""
    match node:
        case ast.keyword(arg="use_sandbox", value=value):
            yield value
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            yield from (value for key, value in pairs if key is not None and _is_flag(key))
        case ast.arguments():
            pairs = defaults_of(node)
            yield from (default for parameter, default in pairs if parameter.arg == FLAG)
        case ast.Tuple(elts=[name, value]) | ast.List(elts=[name, value]) if _is_flag(name):
            yield value
        case _:
            return


def _placed(node: ast.AST) -> Iterator[ast.expr]:
    """Yields values that are put under the flag's name."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from (value for target in targets if _holds_flag(target))
        case ast.AnnAssign(target=target, value=ast.expr() as value) if _holds_flag(target):
            yield value
        case ast.AugAssign(target=target, op=operator, value=value) if _holds_flag(target):
            yield ast.BinOp(target, operator, value)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments):
            if name in _BY_NAME:
                pairs = pairwise(arguments)
                yield from (value for key, value in pairs if _is_flag(key))
            elif name in ("fromkeys", "zip") and len(arguments) == 2:
                keys, value = arguments
                if isinstance(keys, ast.List | ast.Tuple | ast.Set) and any(
                    map(_is_flag, keys.elts)
                ):
                    yield value
        case _:
            return


def _scoped(roles: Roles, node: ast.AST) -> Iterator[ast.expr]:
    """Yields what a variable of the flag's name holds, where all variables become arguments."""
    match node:
        case ast.keyword(arg=None, value=ast.Call(func=function)) if (
            roles.syntax.dotted(function) in _SCOPES
        ):
            edges = roles.flow.edges
            yield from (each.value for each in edges if each.target.partition("@")[0] == FLAG)
        case _:
            return


def _positional(values: Values, call: ast.Call) -> Iterator[ast.expr]:
    """Yields what may be the second argument of a call of the utility."""
    for position, argument in enumerate(call.args[:2]):
        if isinstance(argument, ast.Starred):
            yield from values.elements(argument.value, 1 - position)
            return
        if position == 1:
            yield argument


def _replaces_defaults(roles: Roles, node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in ("__defaults__", "__kwdefaults__")
        and not isinstance(node.ctx, ast.Load)
        and roles.flow.carries(node.value, roles.utility)
    )


def _is_flag(key: ast.expr) -> bool:
    return isinstance(key, ast.Constant) and key.value == FLAG


def _holds_flag(target: ast.expr) -> bool:
    match target:
        case ast.Attribute(attr=name):
            return name == FLAG
        case ast.Subscript(slice=key):
            return _is_flag(key)
        case _:
            return False


def is_evaluation(roles: Roles, call: ast.Call) -> bool:
    """Tells whether the utility itself is called, or its `map`."""
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr == "map":
        function = function.value
    return roles.syntax.callee(call) is None and roles.flow.carries(function, roles.utility)


def evaluations(roles: Roles) -> Iterator[ast.Call]:
    """Yields the calls of the utility itself, and of its `map`."""
    return (call for call in roles.syntax.of(ast.Call) if is_evaluation(roles, call))


def drops_flag(roles: Roles) -> Iterator[ast.AST]:
    """Yields where programs are scored without the flag."""
    direct = list(evaluations(roles))
    yield from (call for call in direct if not _has_flag(call))
    known = set(map(id, direct))
    # max(programs, key=utility), pool.map(utility, programs): there is no place for a flag.
    yield from (
        call for call, _ in roles.evaluated if id(call) not in known and not _has_keyword(call)
    )


def _has_keyword(call: ast.Call) -> bool:
    # None: **options, which may hold it.
    return any(each.arg in (FLAG, None) for each in call.keywords)


def _has_flag(call: ast.Call) -> bool:
    is_spread = any(isinstance(each, ast.Starred) for each in call.args)
    return _has_keyword(call) or len(call.args) > 1 or is_spread


def always_flags(roles: Roles) -> bool:
    """Tells whether a program scores others, and never without the flag."""
    return any(True for _ in evaluations(roles)) and not any(True for _ in drops_flag(roles))
