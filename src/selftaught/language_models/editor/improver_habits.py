"""Habits of improvers: where they keep scores, and where the best so far gives way to a better one.

Two habits are known here, whatever the names are: an archive, a dictionary from solutions to scores
of which the best is taken (`max(scores, key=scores.get)`), and a climb
(`if score > best_score: best, best_score = candidate, score`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from selftaught.language_models.editor.syntax import blocks_of, names_bound_by, walk


class Climb(NamedTuple):
    """Where a better candidate takes the place of the best so far."""

    block: list[ast.stmt]
    position: int
    candidate: str
    score: str
    best: str
    best_score: str


def archive_of(function: ast.FunctionDef) -> str | None:
    """Returns the dictionary from solutions to scores; None where the improver keeps none."""
    own = {
        name
        for node in function.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for name in names_bound_by(walk(node))
    }
    for node in walk(function):
        if (name := ranked(node)) in own:
            return name
    return None


def climb_of(function: ast.FunctionDef) -> Climb | None:
    """Returns where the improver climbs; None where it does not."""
    for block in blocks_of(function):
        for position, node in enumerate(block):
            match node:
                case ast.If(
                    test=ast.Compare(
                        left=ast.Name(id=score),
                        ops=[ast.Gt() | ast.GtE()],
                        comparators=[ast.Name(id=best_score)],
                    ),
                    body=body,
                    orelse=[],
                ) if len(pairs := dict(_assigned(body))) == 2 and pairs.get(best_score) == score:
                    best = next(name for name in pairs if name != best_score)
                    return Climb(block, position, pairs[best], score, best, best_score)
                case _:
                    continue
    return None


def ranked(node: ast.AST) -> str | None:
    """Returns the name in `max(name, key=name.get)`, or in `sorted` of the same."""
    match node:
        case ast.Call(
            func=ast.Name(id="max" | "sorted"),
            args=[ast.Name(id=name)],
            keywords=[
                ast.keyword(arg="key", value=ast.Attribute(value=ast.Name(id=of), attr="get")),
                *_,
            ],
        ) if name == of:
            return name
        case _:
            return None


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Yields which name gets the value of which other name."""
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                pairs = list(zip(targets, values, strict=False))
            case ast.Assign(targets=[target], value=value):
                pairs = [(target, value)]
            case _:
                continue
        for target, value in pairs:
            if isinstance(target, ast.Name) and isinstance(value, ast.Name):
                yield target.id, value.id
