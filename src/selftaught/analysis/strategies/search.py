"""How an improver searches: with one program or many, and what makes it go elsewhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from selftaught.analysis.programs.edges import Edge
from selftaught.analysis.programs.roles import Roles

_DRAWING = ("choice", "choices", "sample", "shuffle", "randrange", "randint")


def annealing(roles: Roles) -> Iterator[ast.AST]:
    """A random number is compared with an exponential, as where a worse program is accepted."""
    powers = roles.flow.holders(lambda each: _is_exponential(roles, each))
    for node in roles.syntax.of(ast.Compare):
        sides = [node.left, *node.comparators]
        is_power = [
            any(
                isinstance(part, ast.expr) and _is_exponential(roles, part)
                for part in ast.walk(side)
            )
            or roles.flow.mentions(side, powers)
            for side in sides
        ]
        if any(is_power) and any(_draws_number(roles, side) for side in sides):
            yield node


def bandit(roles: Roles) -> Iterator[ast.AST]:
    """Arms are pulled by an upper confidence bound, a beta draw, or their count and reward.

    An upper confidence bound is a square root over a quotient with a logarithm in it. Counts and
    rewards are two containers that are increased at the same variable place, by 1 and by a score.
    """
    logarithms = roles.flow.holders(lambda each: _is_logarithm(roles, each))
    for node in roles.syntax.nodes:
        if isinstance(node, ast.expr) and _is_root(roles, node):
            parts = list(ast.walk(node))
            has_log = any(
                isinstance(each, ast.expr) and _is_logarithm(roles, each) for each in parts
            )
            divides = any(isinstance(each, ast.Div) for each in parts)
            if divides and (has_log or roles.flow.mentions(node, logarithms)):
                yield node
        if isinstance(node, ast.Call) and roles.is_random(node, "betavariate", "beta"):
            yield node
    yield from _arms(roles)


def epsilon_greedy(roles: Roles) -> Iterator[ast.AST]:
    """A random number decides between the best and a draw, or for another temperature."""
    powers = roles.flow.holders(lambda each: _is_exponential(roles, each))
    warm = roles.flow.sources(
        filter(None, map(roles.temperature, roles.model_calls)), stop=lambda _: False
    )
    tossed = _tossed(roles)
    for node in roles.syntax.of(ast.If, ast.IfExp):
        by_chance = _draws_number(roles, node.test) or roles.flow.mentions(node.test, tossed)
        if not by_chance or roles.flow.mentions(node.test, powers):
            continue
        body, orelse = _branches(roles, node)
        heats = any(_assigns(roles, each, warm) for each in body)
        draws = [any(_draws(roles, each) for each in branch) for branch in (body, orelse)]
        if heats or (draws[0] != draws[1] and (orelse or draws[0])):
            yield node


def restarts(roles: Roles) -> Iterator[ast.AST]:
    """Within a loop, what messages are made from becomes the initial solution again."""
    pure = roles.initial - roles.replies
    for edge in roles.flow.edges:
        if (
            isinstance(edge.node, ast.Assign | ast.AnnAssign)
            and edge.target in roles.prompted & roles.replies
            and roles.syntax.loops(edge.node)
            and roles.flow.carries(edge.value, pure)
            and not roles.flow.carries(edge.value, roles.replies, roles.asks)
            and not _is_chosen_anew(roles, edge)
        ):
            yield edge.node


def _is_chosen_anew(roles: Roles, edge: Edge) -> bool:
    """Tells whether the other branch of a condition gives the name another value."""
    for ancestor in roles.syntax.ancestors(edge.node):
        if isinstance(ancestor, ast.If):
            targets = frozenset({edge.target})
            branches = (ancestor.body, ancestor.orelse)
            return all(any(_assigns(roles, each, targets) for each in part) for part in branches)
    return False


def stops_early(roles: Roles) -> Iterator[ast.AST]:
    """A loop around the model ends by a comparison of scores, or by a count of vain attempts.

    Such a count is increased, and set back to a constant, in the same loop.
    """
    around = {id(each) for call in roles.asking_calls for each in roles.syntax.ancestors(call)}
    for node in roles.syntax.of(ast.Break, ast.Return, ast.While):
        loops = [node] if isinstance(node, ast.While) else roles.syntax.loops(node)
        asking = [each for each in loops if id(each) in around]
        if not asking:
            continue
        tests = (
            [node.test] if isinstance(node, ast.While) else list(_tests(roles, node, asking[-1]))
        )
        vain = _counters(roles, asking[-1])
        for test in tests:
            if roles.compares_scores(test) or roles.flow.mentions(test, vain):
                yield node


def _is_exponential(roles: Roles, expression: ast.expr) -> bool:
    match expression:
        case ast.Call(func=function):
            return roles.syntax.dotted(function) in ("math.exp", "numpy.exp", "np.exp")
        case ast.BinOp(left=base, op=ast.Pow()):
            return roles.syntax.dotted(base) in ("math.e", "numpy.e", "np.e")
        case _:
            return False


def _is_logarithm(roles: Roles, expression: ast.expr) -> bool:
    if not isinstance(expression, ast.Call):
        return False
    module, _, name = roles.syntax.dotted(expression.func).rpartition(".")
    return module in ("math", "numpy", "np") and name in ("log", "log2", "log10", "log1p")


def _is_root(roles: Roles, expression: ast.expr) -> bool:
    match expression:
        case ast.Call(func=function):
            return roles.syntax.dotted(function) in ("math.sqrt", "numpy.sqrt", "np.sqrt")
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=0.5)):
            return True
        case _:
            return False


def _draws_number(roles: Roles, expression: ast.AST) -> bool:
    calls = (each for each in ast.walk(expression) if isinstance(each, ast.Call))
    return any(roles.is_random(each, "random", "uniform") for each in calls)


def _draws(roles: Roles, node: ast.AST) -> bool:
    calls = (each for each in ast.walk(node) if isinstance(each, ast.Call))
    return any(roles.is_random(each, *_DRAWING) for each in calls)


def _assigns(roles: Roles, node: ast.AST, names: frozenset[str]) -> bool:
    return any(
        isinstance(each, ast.Name)
        and isinstance(each.ctx, ast.Store)
        and roles.syntax.key(each) in names
        for each in ast.walk(node)
    )


def _tossed(roles: Roles) -> frozenset[str]:
    """Names that hold which of two ways was chosen at random."""
    return roles.flow.reached(
        edge.target
        for edge in roles.flow.edges
        if (isinstance(edge.value, ast.IfExp) and _draws_number(roles, edge.value.test))
        or (isinstance(edge.value, ast.Compare | ast.BoolOp) and _draws_number(roles, edge.value))
    )


def _branches(
    roles: Roles, condition: ast.If | ast.IfExp
) -> tuple[Sequence[ast.AST], Sequence[ast.AST]]:
    if isinstance(condition, ast.IfExp):
        return [condition.body], [condition.orelse]
    if condition.orelse or not isinstance(condition.body[-1], ast.Return | ast.Continue):
        return condition.body, condition.orelse
    # What follows a branch that leaves is the other branch.
    siblings = list(ast.iter_child_nodes(roles.syntax.parents[condition]))
    return condition.body, siblings[siblings.index(condition) + 1 :]


def _arms(roles: Roles) -> Iterator[ast.AST]:
    counted: set[str] = set()
    rewarded: dict[str, ast.AST] = {}
    for node in roles.syntax.of(ast.AugAssign):
        if isinstance(node.target, ast.Subscript) and isinstance(node.op, ast.Add):
            place = node.target.slice
            if isinstance(place, ast.Constant):
                continue
            if isinstance(node.value, ast.Constant) and node.value.value == 1:
                counted.add(ast.dump(place))
            elif roles.flow.carries(node.value, roles.scored, roles.scores):
                rewarded[ast.dump(place)] = node
    yield from (node for place, node in rewarded.items() if place in counted)


def _tests(roles: Roles, node: ast.AST, loop: ast.AST) -> Iterator[ast.expr]:
    for ancestor in roles.syntax.ancestors(node):
        if ancestor is loop:
            return
        if isinstance(ancestor, ast.If):
            yield ancestor.test


def _counters(roles: Roles, loop: ast.AST) -> frozenset[str]:
    """Names that are increased and set back, or set to True and to False, in a loop."""
    added: set[str | None] = set()
    constants: dict[str | None, set[object]] = {}
    for node in ast.walk(loop):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            added.add(roles.flow.key(node.target))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.IfExp):
            # Set back or increased, whichever a condition says.
            sides = (node.value.body, node.value.orelse)
            if {type(side) for side in sides} == {ast.Constant, ast.BinOp}:
                added |= {roles.flow.key(target) for target in node.targets}
                constants |= {roles.flow.key(target): set() for target in node.targets}
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                constants.setdefault(roles.flow.key(target), set()).add(node.value.value)
    flags = {name for name, values in constants.items() if values >= {True, False}}
    return frozenset(filter(None, (added & constants.keys()) | flags))
