"""What an improver chooses by scores, and what becomes of its input."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator

from selftaught.analysis.programs.edges import Edge, returned
from selftaught.analysis.programs.roles import Roles


def selects_by_score(roles: Roles) -> Iterator[ast.AST]:
    """Among programs of replies one is picked, ordered or kept by its score."""
    for call in roles.syntax.of(ast.Call):
        subjects = [*call.args]
        if isinstance(call.func, ast.Attribute):
            subjects.append(call.func.value)
        about = any(roles.flow.carries(each, roles.replies, roles.asks) for each in subjects)
        if about and roles.chooses_by_score(call):
            yield call
    yield from (edge.node for edge in roles.kept)


def evaluates_initial(roles: Roles) -> Iterator[ast.AST]:
    """The initial solution is scored."""
    for call, subjects in roles.evaluated:
        if any(roles.flow.carries(each, roles.initial) for each in subjects):
            yield call


def keeps_incumbent(roles: Roles) -> Iterator[ast.AST]:
    """What is returned was the input at first, and stays it unless a score speaks for a reply.

    A mere fallback for want of replies does not count, nor does a first score of minus infinity.
    """
    starts_below_all = not any(True for _ in evaluates_initial(roles)) and any(
        edge.target in roles.scored and _is_below_all(roles, edge.value)
        for edge in roles.flow.edges
    )
    if starts_below_all or not any(True for _ in selects_by_score(roles)):
        return
    returns = list(_returns(roles))
    for value in returns:
        atoms = list(roles.flow.atoms(value))
        holds = any(roles.flow.key(atom) in roles.initial for atom in atoms)
        if len(atoms) > 1 and holds and roles.flow.carries(value, roles.replies, roles.asks):
            yield value
    passed_on = _carried_by(roles, returns) & roles.initial & roles.replies
    pure = roles.initial - roles.replies
    for edge in roles.flow.edges:
        starts = edge.target in passed_on and roles.flow.carries(edge.value, pure)
        if starts and not _is_fallback(roles, edge):
            yield edge.node
    for parameter in roles.syntax.entry.args.args[:1]:
        if roles.syntax.key(parameter) in passed_on:
            yield parameter


def returns_input(roles: Roles) -> Iterator[ast.AST]:
    """Whatever is returned is the initial solution."""
    returns = list(_returns(roles))
    only_input = all(
        roles.flow.carries(each, roles.initial)
        and not roles.flow.carries(each, roles.replies, roles.asks)
        for each in returns
    )
    if only_input:
        yield from returns


def _returns(roles: Roles) -> Iterator[ast.expr]:
    edges = roles.flow.assigned.get(returned(roles.syntax.entry), ())
    return (edge.value for edge in edges)


def _carried_by(roles: Roles, expressions: list[ast.expr]) -> frozenset[str]:
    """Returns the names whose values some expressions may be, directly or not."""
    found: set[str] = set()
    waiting = list(expressions)
    while waiting:
        for atom in roles.flow.atoms(waiting.pop()):
            key = roles.flow.key(atom)
            if key is not None and key not in found:
                found.add(key)
                waiting.extend(edge.value for edge in roles.flow.assigned.get(key, ()))
    return frozenset(found)


def _is_fallback(roles: Roles, edge: Edge) -> bool:
    """Tells whether an assignment happens only where a name is still empty."""
    for ancestor in roles.syntax.ancestors(edge.node):
        if isinstance(ancestor, ast.If):
            match ancestor.test:
                case (
                    ast.UnaryOp(op=ast.Not())
                    | ast.Compare(
                        ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None | 0)]
                    )
                ):
                    return True
                case _:
                    pass
    return False


def _is_below_all(roles: Roles, expression: ast.expr) -> bool:
    """Tells whether an expression is minus infinity, or any negative number."""
    match expression:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            is_number = isinstance(operand, ast.Constant)
            return is_number or _is_infinity(roles, operand)
        case ast.Call(args=[ast.Constant(value=str(text))]):
            return roles.syntax.dotted(expression.func) == "float" and _number(text) == -math.inf
        case _:
            return False


def _is_infinity(roles: Roles, expression: ast.expr) -> bool:
    if isinstance(expression, ast.Call):
        return roles.syntax.dotted(expression.func) == "float"
    return roles.syntax.dotted(expression) in ("math.inf", "inf", "numpy.inf")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
