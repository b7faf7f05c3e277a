"""Edits that need no understanding: numbers, comparisons, operators, statements, names."""

from __future__ import annotations

import ast
import math

from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.duration import numbers_of_turns
from selftaught.language_models.editor.syntax import (
    blocks_of,
    names_bound,
    names_read,
    start_of,
    walk,
)

_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_FUNCTIONS = ("sorted", "sum", "len", "max", "min", "abs", "list", "set", "round", "str")
_SIMILAR = (("min", "max"), ("any", "all"), ("sum", "max", "min", "len"))


def scale_number(draft: Draft) -> str | None:
    """Moves a number on a logarithmic scale, or a probability on a logistic one."""
    numbers = [node for node in _numbers_of(draft.own) if not _is_index(node)]
    if not numbers:
        return None
    node = draft.rng.choice(numbers)
    old = node.value
    node.value = _moved(draft, old)
    return f"change {old} to {node.value}"


def scale_loop(draft: Draft) -> str | None:
    """Lets a loop run for longer, or for shorter."""
    counts, lengths = numbers_of_turns(draft.own), _open_lengths(draft.own)
    if not counts and not lengths:
        return None
    place = draft.rng.randrange(len(counts) + len(lengths))
    if place < len(counts):
        return _scale_count(draft, counts[place])
    return _multiply_length(draft, lengths[place - len(counts)])


def _scale_count(draft: Draft, node: ast.Constant) -> str | None:
    old, factor = node.value, draft.rng.choice([0.5, 1.5, 2, 2, 3])
    assert isinstance(old, int)
    node.value = max(1, round(old * factor)) if round(old * factor) != old else old + 1
    if node.value > old and not draft.may_take():
        node.value = old
        return None
    return f"run a loop {node.value} times instead of {old}"


def _multiply_length(draft: Draft, call: ast.Call) -> str | None:
    length, factor = call.args[0], draft.rng.choice([2, 3])
    call.args = [ast.BinOp(ast.Constant(factor), ast.Mult(), length)]
    if not draft.may_take():
        call.args = [length]
        return None
    return f"run a loop {factor} times as long"


def _open_lengths(tree: ast.AST) -> list[ast.Call]:
    """The ranges without a number in loops that do not use their counter: they can be longer."""
    return [
        node.iter
        for node in walk(tree)
        if isinstance(node, ast.For)
        and isinstance(node.target, ast.Name)
        and isinstance(node.iter, ast.Call)
        and isinstance(node.iter.func, ast.Name)
        and node.iter.func.id == "range"
        and len(node.iter.args) == 1
        and isinstance(node.iter.args[0], ast.Name | ast.Call)
        and not any(node.target.id in names_read(each) for each in node.body)
    ]


def change_comparison(draft: Draft) -> str | None:
    """Turns one order comparison into another."""
    comparisons = [
        node
        for node in walk(draft.own)
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], _ORDERS)
    ]
    if not comparisons:
        return None
    node = draft.rng.choice(comparisons)
    others = [order for order in _ORDERS if not isinstance(node.ops[0], order)]
    node.ops[0] = draft.rng.choice(others)()
    return f"compare with {ast.unparse(node)}"


def change_operator(draft: Draft) -> str | None:
    """Turns one arithmetic operator into another."""
    operations = [
        node
        for node in walk(draft.own)
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, _OPERATORS)
    ]
    if not operations:
        return None
    node = draft.rng.choice(operations)
    others = [operator for operator in _OPERATORS if not isinstance(node.op, operator)]
    node.op = draft.rng.choice(others)()
    return "use another arithmetic operator"


def change_call(draft: Draft) -> str | None:
    """Calls a similar built-in function instead."""
    calls = [
        (node.func, similar)
        for node in walk(draft.own)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        for similar in _SIMILAR
        if node.func.id in similar
    ]
    if not calls:
        return None
    function, similar = draft.rng.choice(calls)
    old = function.id
    function.id = draft.rng.choice([name for name in similar if name != old])
    return f"use {function.id} instead of {old}"


def wrap_value(draft: Draft) -> str | None:
    """Applies a built-in function to a value, or leaves one out."""
    values = [
        node
        for node in walk(draft.own)
        if isinstance(node, ast.Return | ast.Assign) and node.value is not None
    ]
    if not values:
        return None
    node = draft.rng.choice(values)
    match node.value:
        case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _FUNCTIONS:
            node.value = inner
            return f"leave {name} out"
        case ast.expr() as inner:
            name = draft.rng.choice(_FUNCTIONS)
            node.value = ast.Call(ast.Name(name, ast.Load()), [inner], [])
            return f"apply {name} to {ast.unparse(inner)[:40]}"
        case _:
            return None


def remove_statement(draft: Draft) -> str | None:
    """Removes a statement."""
    places = _places_of(draft.own)
    if not places:
        return None
    block, position = draft.rng.choice(places)
    block[position : position + 1] = [] if len(block) > 1 else [ast.Pass()]
    return "drop a step that may not be needed"


def swap_statements(draft: Draft) -> str | None:
    """Lets two neighbouring statements change places."""
    places = [
        (block, position)
        for block, position in _places_of(draft.own)
        if position + 1 < len(block) and _is_plain(block[position + 1])
    ]
    if not places:
        return None
    block, position = draft.rng.choice(places)
    block[position], block[position + 1] = block[position + 1], block[position]
    return "do two steps in the other order"


def read_another_name(draft: Draft) -> str | None:
    """Reads another variable of the same function."""
    functions = [node for node in walk(draft.own) if isinstance(node, ast.FunctionDef)]
    if not functions:
        return None
    function = draft.rng.choice(functions)
    names = sorted(names_bound(ast.Module(function.body, [])) | names_bound(function.args))
    reads = [
        node
        for node in walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names
    ]
    if not reads or len(names) < 2:
        return None
    node = draft.rng.choice(reads)
    old = node.id
    node.id = draft.rng.choice([name for name in names if name != old])
    return f"use {node.id} where {old} was used"


def _numbers_of(tree: ast.AST) -> list[ast.Constant]:
    return [
        node
        for node in walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    ]


def _is_index(node: ast.Constant) -> bool:
    return isinstance(node.value, int) and abs(node.value) <= 1


def _moved(draft: Draft, old: object) -> int | float:
    """Another value of the same kind: a whole number, a share of one, or any number."""
    assert isinstance(old, int | float)
    step = draft.rng.gauss(0, 0.35 + 0.5 * draft.temperature)
    if not 1e-6 < abs(old) < 1e9:
        return old + draft.rng.choice([-1, 1])
    if isinstance(old, int):
        new = round(old * math.exp(step))
        return new if new != old else old + draft.rng.choice([-1, 1])
    if 0 < old < 1:
        odds = old / (1 - old) * math.exp(1.5 * step)
        return float(f"{odds / (1 + odds):.3g}")
    return float(f"{old * math.exp(step):.3g}")


def _places_of(tree: ast.Module) -> list[tuple[list[ast.stmt], int]]:
    """Where the statements stand that can go or move without tearing the program apart."""
    docstrings = {
        id(function.body[0])
        for function in walk(tree)
        if isinstance(function, ast.FunctionDef) and start_of(function)
    }
    return [
        (block, position)
        for block in blocks_of(tree)
        if block is not tree.body
        for position, node in enumerate(block)
        if _is_plain(node) and id(node) not in docstrings
    ]


def _is_plain(node: ast.stmt) -> bool:
    return not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Return)


SMALL_EDITS = (
    Choice(2.0, scale_number, Kind.TUNING),
    Choice(2.0, scale_loop, Kind.TUNING),
    Choice(0.5, change_comparison, Kind.CHANGE),
    Choice(0.4, change_operator, Kind.CHANGE),
    Choice(0.3, change_call, Kind.CHANGE),
    Choice(0.4, wrap_value, Kind.CHANGE),
    Choice(0.5, remove_statement, Kind.CHANGE),
    Choice(0.4, swap_statements, Kind.CHANGE),
    Choice(0.4, read_another_name, Kind.CHANGE),
)
