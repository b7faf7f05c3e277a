"""Edits of known effect, on solutions and on improvers.

A *solution* states its level - its expected utility - and how far luck moves it on one instance; an
edit moves the level and draws other luck. An *improver* gets an amount, the gain, that it adds to
the level of whatever it returns; an edit moves the gain. Levels stay where luck cannot carry the
score out of [0, 1], so that the expected score is the level itself.
"""

from __future__ import annotations

import ast
import re

from selftaught.language_models.editor.syntax import (
    add_import,
    fresh_name,
    functions_of,
    names_bound,
    parameters_of,
    parsed,
    rename,
    statements,
)

ENTRY = "improve_algorithm"
MOST_GAIN = 0.5
"""Gains stay between minus and plus this."""

_RAISED = '''
GAIN = {gain}
PHASE = {phase}


def raised(solution):
    """Return a solution with a higher level, and with other luck."""
    stated = re.search("^LEVEL = (.+)$", solution or "", re.MULTILINE)
    spread = re.search("^NOISE = (.+)$", solution or "", re.MULTILINE)
    if not stated or not spread:
        return solution
    low, high = float(spread[1]), 1 - float(spread[1])
    level = round(min(high, max(low, float(stated[1]) + GAIN)), 6)
    solution = re.sub("^LEVEL = .+$", "LEVEL = %s" % level, solution, flags=re.MULTILINE)
    return re.sub("^PHASE = .+$", "PHASE = %s" % PHASE, solution, flags=re.MULTILINE)


def improve_algorithm({parameters}):
    """Improve a solution, and raise its level."""
    return raised({inner}({parameters}))
'''


def is_improver(tree: ast.Module) -> bool:
    """Tells whether a program is an improver, by the function that it defines."""
    return any(function.name == ENTRY for function in functions_of(tree))


def level_of(text: str) -> float | None:
    r"""Returns the expected utility of a solution; None for programs that state none.

    Example:
        >>> level_of("LEVEL = 0.3\ndef algorithm(question):\n    return LEVEL")
        0.3
    """
    return _stated(text, "LEVEL")


def gain_of(text: str) -> float:
    """Returns what an improver adds to the level of what it returns; 0 where nothing is planted."""
    return _stated(text, "GAIN") or 0.0


def with_level(tree: ast.Module, change: float, *, noise: float, phase: int) -> float | None:
    """Moves the level of a solution in place.

    Returns:
        By how much it moved; None where the program states no level.
    """
    before = _number_of(tree, "LEVEL")
    if before is None:
        return None
    level = round(min(1 - noise, max(noise, before + change)), 6)
    for name, value in (("LEVEL", level), ("NOISE", noise), ("PHASE", phase)):
        _state(tree, name, value)
    return round(level - before, 6)


def with_gain(tree: ast.Module, change: float, *, phase: int) -> float:
    """Moves the gain of an improver in place, and returns by how much it moved."""
    before = _number_of(tree, "GAIN")
    gain = round(min(MOST_GAIN, max(-MOST_GAIN, (before or 0.0) + change)), 6)
    if before is None:
        _add_gain(tree, gain, phase)
    else:
        _state(tree, "GAIN", gain)
        _state(tree, "PHASE", phase)
    return round(gain - (before or 0.0), 6)


def _add_gain(tree: ast.Module, gain: float, phase: int) -> None:
    entry = next(each for each in functions_of(tree) if each.name == ENTRY)
    inner = fresh_name("improve_plainly", names_bound(tree))
    parameters = ", ".join(parameters_of(entry))
    rename(tree, ENTRY, inner)
    source = _RAISED.format(gain=gain, phase=phase, parameters=parameters, inner=inner)
    tree.body += statements(source)
    add_import(tree, "import re")


def _stated(text: str, name: str) -> float | None:
    tree = parsed(text) if re.search(rf"^{name} = ", text, re.MULTILINE) else None
    return None if tree is None else _number_of(tree, name)


def _number_of(tree: ast.Module, name: str) -> float | None:
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=stated)], value=ast.Constant(value=float() | int() as value)
            ) if stated == name:
                return float(value)
            case ast.Assign(
                targets=[ast.Name(id=stated)],
                value=ast.UnaryOp(
                    op=ast.USub(), operand=ast.Constant(value=float() | int() as value)
                ),
            ) if stated == name:
                return -float(value)
            case _:
                continue
    return None


def _state(tree: ast.Module, name: str, value: float) -> None:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=stated)]) if stated == name:
                node.value = ast.Constant(value)
            case _:
                continue
