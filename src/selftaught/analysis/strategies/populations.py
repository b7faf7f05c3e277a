"""Improvers that keep or breed many programs: populations, beams, genetic search."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from selftaught.analysis.programs.edges import Edge
from selftaught.analysis.programs.roles import Roles
from selftaught.analysis.programs.syntax import COMPREHENSIONS
from selftaught.analysis.strategies.asking import is_joined

_DRAWING = ("choice", "choices", "sample")
_PAIRING = ("itertools.combinations", "itertools.permutations", "itertools.pairwise")


def keeps_population(roles: Roles) -> Iterator[ast.AST]:
    """The best few of a list ordered by score are kept, and messages are made from them."""
    ordered = _ordered(roles)
    for edge in roles.flow.edges:
        if edge.target in roles.prompted & roles.replies:
            parts = ast.walk(edge.value)
            yield from (node for node in parts if _keeps_few(roles, node, ordered))
    for node in roles.syntax.of(ast.Delete):
        for target in node.targets:
            match target:
                case ast.Subscript(value=cut, slice=ast.Slice()):
                    if roles.flow.key(cut) in roles.prompted & roles.replies:
                        yield node
                case _:
                    pass


def beam_search(roles: Roles) -> Iterator[ast.AST]:
    """A population of which each member, in turn, is what a message asks to improve."""
    if not any(True for _ in keeps_population(roles)) or any(True for _ in genetic(roles)):
        return
    members = _members(roles)
    for node in roles.syntax.of(ast.For, ast.comprehension):
        if roles.flow.carries(node.iter, members) and _asks_about(roles, node):
            yield node.iter
    for node in roles.syntax.of(ast.Subscript):
        # In turns: beam[turn % width].
        is_turn = not isinstance(node.slice, ast.Slice | ast.Constant | ast.UnaryOp)
        if is_turn and roles.flow.key(node.value) in members & roles.prompted:
            yield node


def genetic(roles: Roles) -> Iterator[ast.AST]:
    """Two or more parents are drawn from a collection of programs, or programs are crossed."""
    draws = [call for call in roles.syntax.of(ast.Call) if _draws_parents(roles, call)]
    several = [call for call in draws if _number_drawn(roles, call) > 1]
    yield from several or (draws if len(draws) > 1 else [])
    yield from crossover(roles)


def crossover(roles: Roles) -> Iterator[ast.AST]:
    """Two programs are made into one: their texts cut and joined, or both in one message."""
    parents = roles.flow.holders(
        lambda each: isinstance(each, ast.Call) and _draws_parents(roles, each)
    )
    together = roles.flow.holders(lambda each: _draws_together(roles, each))
    for node in roles.syntax.of(ast.BinOp, ast.JoinedStr, ast.Call):
        match node:
            case ast.BinOp(op=ast.Add()):
                crosses = _splices(roles, node)
            case ast.JoinedStr():
                crosses = len(_shown(roles, node) & parents) > 1 or _shows_all(
                    roles, node, together
                )
            case _:
                crosses = _mixes_lines(roles, node)
        if crosses:
            yield node


def _keeps_few(roles: Roles, node: ast.AST, ordered: frozenset[str]) -> bool:
    match node:
        case ast.Call(args=[count, _, *_]):
            name = roles.syntax.dotted(node.func)
            return name == "heapq.nlargest" and not _is_constant(count, 1)
        case ast.Subscript(value=value, slice=ast.Slice(lower=lower, upper=ast.expr() as upper)):
            from_start = lower is None or _is_constant(lower, 0)
            is_ordered = roles.flow.carries(value, ordered, lambda each: _sorts(roles, each))
            return from_start and not _is_constant(upper, 1) and is_ordered
        case _:
            return False


def _sorts(roles: Roles, expression: ast.expr) -> bool:
    is_call = isinstance(expression, ast.Call)
    return is_call and roles.syntax.dotted(expression.func) == "sorted"


def _ordered(roles: Roles) -> frozenset[str]:
    """Names that may hold what was sorted."""
    calls = (call.func for call in roles.syntax.of(ast.Call))
    sorts = (each for each in calls if isinstance(each, ast.Attribute) and each.attr == "sort")
    in_place = filter(None, (roles.flow.key(each.value) for each in sorts))
    return roles.flow.reached([*in_place, *roles.flow.holders(lambda each: _sorts(roles, each))])


def _is_constant(expression: ast.expr | None, value: int) -> bool:
    return isinstance(expression, ast.Constant) and expression.value == value


def _members(roles: Roles) -> frozenset[str]:
    """Names that may hold a population."""
    kept: set[int] = {id(node) for node in keeps_population(roles)}

    def keeps(edge: Edge) -> bool:
        return any(id(node) in kept for node in ast.walk(edge.value))

    cut = {
        roles.flow.key(target.value) or ""
        for node in roles.syntax.of(ast.Delete)
        if id(node) in kept
        for target in node.targets
        if isinstance(target, ast.Subscript)
    }
    return frozenset(edge.target for edge in roles.flow.edges if keeps(edge)) | cut


def _draws_parents(roles: Roles, call: ast.Call) -> bool:
    is_draw = roles.is_random(call, *_DRAWING) or roles.syntax.dotted(call.func) in _PAIRING
    return is_draw and any(
        roles.flow.carries(each, roles.replies, roles.asks) for each in call.args[:1]
    )


def _number_drawn(roles: Roles, call: ast.Call) -> int:
    """How many programs a draw returns, as far as the text says; 2 where it depends."""
    if roles.is_random(call, "choice"):
        return 1
    named = {each.arg: each.value for each in call.keywords}
    count = named.get("k") or named.get("size") or next(iter(call.args[1:2]), None)
    if count is None:
        return 1 if roles.is_random(call, "choices") else 2
    match count:
        case ast.Constant(value=int(number)):
            return number
        case _:
            return 2


def _shown(roles: Roles, text: ast.JoinedStr) -> frozenset[str]:
    keys = (roles.flow.key(node) for node in ast.walk(text) if isinstance(node, ast.Name))
    return frozenset(filter(None, keys))


def _asks_about(roles: Roles, node: ast.For | ast.comprehension) -> bool:
    """Tells whether a message is made, or the model asked, for every turn of a loop."""
    if is_joined(roles, node):
        return False
    loop = roles.syntax.parents[node] if isinstance(node, ast.comprehension) else node
    turn = frozenset(filter(None, map(roles.flow.key, ast.walk(node.target))))
    for part in ast.walk(loop):
        makes_text = isinstance(part, ast.JoinedStr) or (
            isinstance(part, ast.Call)
            and (roles.asks(part) or roles.flow.key(part) in roles.prompted | roles.replies)
        )
        if makes_text and roles.flow.mentions(part, turn & roles.prompted):
            return True
    return False


def _draws_together(roles: Roles, expression: ast.expr) -> bool:
    """Tells whether an expression draws several parents, and not for a tournament."""
    return (
        isinstance(expression, ast.Call)
        and _draws_parents(roles, expression)
        and _number_drawn(roles, expression) > 1
        and not _is_chosen_from(roles, expression)
    )


def _shows_all(roles: Roles, text: ast.JoinedStr, together: frozenset[str]) -> bool:
    """Tells whether a text is made for each of several parents that were drawn together."""
    for ancestor in roles.syntax.ancestors(text):
        if isinstance(ancestor, COMPREHENSIONS):
            first = ancestor.generators[0]
            shown = frozenset(filter(None, map(roles.flow.key, ast.walk(first.target))))
            if roles.flow.key(first.iter) in together and roles.flow.mentions(text, shown):
                return True
    return False


def _is_chosen_from(roles: Roles, call: ast.Call) -> bool:
    """Tells whether a draw is a tournament: only the best of those drawn goes on."""
    parent = roles.syntax.parents[call]
    return isinstance(parent, ast.Call) and roles.is_choice(parent)


def _splices(roles: Roles, addition: ast.BinOp) -> bool:
    """Tells whether slices of two programs are joined."""
    sides: list[str | None] = []
    for side in (addition.left, addition.right):
        if not (isinstance(side, ast.Subscript) and isinstance(side.slice, ast.Slice)):
            return False
        is_program = roles.flow.carries(side.value, roles.replies, roles.asks)
        sides.append(roles.flow.key(side.value) if is_program else None)
    return None not in sides and sides[0] != sides[1]


def _mixes_lines(roles: Roles, call: ast.expr) -> bool:
    """Tells whether the lines of two programs are paired, as in zip(a.splitlines(), b.split())."""
    if not isinstance(call, ast.Call) or roles.syntax.dotted(call.func) != "zip":
        return False
    lines = [
        each
        for each in call.args
        if isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and each.func.attr in ("split", "splitlines")
        and roles.flow.carries(each.func.value, roles.replies)
    ]
    return len(lines) > 1
