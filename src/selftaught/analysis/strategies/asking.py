"""How an improver asks the language model: how often, how warm, and about what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations

from selftaught.analysis.programs.roles import Roles
from selftaught.analysis.programs.syntax import COMPREHENSIONS, Function

_MOST_PLACES = 50
"""Places that call the model, of which messages and pairs are looked at."""


def several_samples(roles: Roles) -> Iterator[ast.AST]:
    """A call of the model can ask for more than one reply."""
    for call in roles.model_calls:
        assert isinstance(call.func, ast.Attribute)
        if call.func.attr == "batch_prompt":
            messages = roles.message(call)
            if messages is not None and _is_several(roles, messages):
                yield call
        else:
            named = {each.arg: each.value for each in call.keywords}
            count = named.get("n_responses") or next(iter(call.args[2:3]), None)
            if count is not None and not _is_one(count):
                yield call


def several_calls(roles: Roles) -> Iterator[ast.AST]:
    """The model can be called more than once: in a loop, or in two places that both can run."""
    repeated = _repeated(roles)
    for call in roles.model_calls:
        if roles.syntax.loops(call) or roles.syntax.scope(call) in repeated:
            yield call
    for first, second in combinations(roles.model_calls[:_MOST_PLACES], 2):
        if not _exclude(roles, first, second):
            yield second
            return


def varies_temperature(roles: Roles) -> Iterator[ast.AST]:
    """Calls of the model can have different temperatures."""
    asked = [(call, each) for call in roles.model_calls if (each := roles.temperature(call))]
    yield from (call for call, each in asked if _varies(roles, each, set()))
    constants = {each.value for _, each in asked if isinstance(each, ast.Constant)}
    if len(constants) > 1:
        yield from (call for call, each in asked if isinstance(each, ast.Constant))


def iterates_from_best(roles: Roles) -> Iterator[ast.AST]:
    """A message holds a program of an earlier reply that was chosen by its score."""
    shown = roles.chosen & roles.prompted & roles.replies
    for call in roles.model_calls[:_MOST_PLACES]:
        message = roles.message(call)
        if message is not None and shown & roles.flow.sources([message], stop=roles.is_answer):
            yield call


def gives_hints(roles: Roles) -> Iterator[ast.AST]:
    """Messages are made with one after another of at least two fixed pieces of advice."""
    lists = {edge.target for edge in roles.flow.edges if _is_advice(edge.value)}
    for node in roles.syntax.of(ast.For, ast.comprehension):
        picked = _is_advice(node.iter) or roles.flow.mentions(node.iter, frozenset(lists))
        if (
            picked
            and roles.flow.mentions(node.target, roles.prompted)
            and not is_joined(roles, node)
        ):
            yield node.iter
    for node in roles.syntax.of(ast.Subscript, ast.Call):
        is_pick = isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice)
        if is_pick or (isinstance(node, ast.Call) and roles.is_random(node, "choice", "sample")):
            subject = node.value if isinstance(node, ast.Subscript) else next(iter(node.args), None)
            if subject is not None and roles.flow.key(subject) in lists & roles.prompted:
                yield node


def part_by_part(roles: Roles) -> Iterator[ast.AST]:
    """A program is taken apart at its functions, and a reply is put in the place of a part."""
    takes_apart = [each for each in roles.syntax.of(ast.Call) if _takes_apart(roles, each)]
    if takes_apart and any(_puts_in(roles, node) for node in roles.syntax.nodes):
        yield from takes_apart


def _is_several(roles: Roles, messages: ast.expr) -> bool:
    match messages:
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            return len(elts) > 1 or any(isinstance(each, ast.Starred) for each in elts)
        case ast.BinOp(op=ast.Mult(), left=left, right=right):
            return not (_is_one(left) or _is_one(right))
        case ast.Name():
            edges = roles.flow.assigned.get(roles.flow.key(messages) or "", ())
            return any(
                edge.value is not messages and _is_several(roles, edge.value) for edge in edges[:20]
            )
        case _:
            return True


def _is_one(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant) and expression.value == 1


def _repeated(roles: Roles) -> frozenset[Function]:
    """Returns the functions that can be called more than once."""
    sites = _sites(roles)
    inside: dict[Function | None, list[Function]] = {}
    waiting: list[Function] = []
    for function, uses in sites.items():
        for use in uses:
            inside.setdefault(roles.syntax.scope(use), []).append(function)
            # A function that is handed to something is called as often as that likes.
            if len(uses) > 1 or not isinstance(use, ast.Call) or roles.syntax.loops(use):
                waiting.append(function)
    found: set[Function] = set()
    while waiting:
        function = waiting.pop()
        if function not in found:
            found.add(function)
            waiting.extend(inside.get(function, ()))
    return frozenset(found - {roles.syntax.entry})


def _sites(roles: Roles) -> dict[Function, list[ast.AST]]:
    """Returns where each function is called, or its name handed to something that calls it."""
    found: dict[Function, list[ast.AST]] = {}
    names: set[int] = set()
    for call in roles.syntax.of(ast.Call):
        if callee := roles.syntax.callee(call):
            found.setdefault(callee, []).append(call)
            names.add(id(call.func))
    for name in roles.syntax.of(ast.Name):
        function = roles.syntax.functions.get(name.id)
        if function and isinstance(name.ctx, ast.Load) and id(name) not in names:
            found.setdefault(function, []).append(name)
    return found


def _exclude(roles: Roles, first: ast.AST, second: ast.AST) -> bool:
    """Tells whether two nodes stand in different branches of one condition."""
    branches = {id(child): parent for child, parent in _branches(roles, first)}
    for child, parent in _branches(roles, second):
        for other, same in branches.items():
            if same is parent and other != id(child) and _sides(parent, child, other):
                return True
    return False


def _branches(roles: Roles, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    for ancestor in roles.syntax.ancestors(node):
        if isinstance(ancestor, ast.If | ast.IfExp):
            yield node, ancestor
        node = ancestor


def _sides(condition: ast.AST, child: ast.AST, other: int) -> bool:
    if isinstance(condition, ast.IfExp):
        return {id(child), other} == {id(condition.body), id(condition.orelse)}
    assert isinstance(condition, ast.If)
    body, orelse = ({id(each) for each in block} for block in (condition.body, condition.orelse))
    return (id(child) in body and other in orelse) or (id(child) in orelse and other in body)


def _varies(roles: Roles, expression: ast.expr, seen: set[str]) -> bool:
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and roles.is_random(node):
            return True
        key = roles.flow.key(node)
        edges = roles.flow.assigned.get(key or "", [])
        if key is None or key in seen or not edges:
            continue
        changing = any(
            isinstance(edge.node, ast.AugAssign | ast.For | ast.comprehension) for edge in edges
        )
        if changing or len({ast.dump(edge.value) for edge in edges}) > 1:
            return True
        if _varies(roles, edges[0].value, seen | {key}):
            return True
    return False


def _is_advice(expression: ast.expr) -> bool:
    match expression:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Dict(values=parts):
            texts = [each.value for each in parts if isinstance(each, ast.Constant)]
            return sum(isinstance(text, str) and " " in text.strip() for text in texts) > 1
        case _:
            return False


def is_joined(roles: Roles, node: ast.AST) -> bool:
    """Tells whether all that is iterated over goes into one text."""
    if not isinstance(node, ast.comprehension):
        return False
    loop = roles.syntax.parents[node]
    assert isinstance(loop, COMPREHENSIONS)
    match roles.syntax.parents[loop]:
        case ast.Call(func=ast.Attribute(attr="join")):
            return True
        case _:
            return False


def _takes_apart(roles: Roles, call: ast.Call) -> bool:
    name = roles.syntax.dotted(call.func)
    texts = [each.value for each in call.args if isinstance(each, ast.Constant)]
    at_functions = any(
        isinstance(text, str) and ("def" in text or "class" in text) for text in texts
    )
    is_split = isinstance(call.func, ast.Attribute) and call.func.attr == "split"
    return name == "ast.parse" or (at_functions and (name.startswith("re.") or is_split))


def _puts_in(roles: Roles, node: ast.AST) -> bool:
    flow, replies = roles.flow, roles.replies
    match node:
        case ast.Call(func=ast.Attribute(value=base, attr="replace"), args=[_, new, *_]):
            return flow.carries(base, roles.programs) and flow.carries(new, replies)
        case ast.Call():
            return roles.syntax.dotted(node.func) == "ast.unparse"
        case ast.BinOp(op=ast.Add()) | ast.List():
            return _closes_gap(roles, node) and flow.mentions(node, replies)
        case ast.Assign(targets=[ast.Subscript(value=base)], value=value):
            return flow.carries(base, roles.programs) and flow.carries(value, replies)
        case _:
            return False


def _closes_gap(roles: Roles, node: ast.expr) -> bool:
    """Tells whether the beginning and the end of one text, or of its lines, are put together."""
    begun: set[str | None] = set()
    ended: set[str | None] = set()
    for part in ast.walk(node):
        match part:
            case ast.Subscript(value=whole, slice=ast.Slice(lower=None, upper=ast.expr())):
                begun.add(roles.flow.key(whole))
            case ast.Subscript(value=whole, slice=ast.Slice(lower=ast.expr(), upper=None)):
                ended.add(roles.flow.key(whole))
            case _:
                pass
    return bool((begun & ended) - {None})
