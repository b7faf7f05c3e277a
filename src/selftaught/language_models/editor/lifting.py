"""Taking the scorer's function over into a solution, under a name of its own, and calling it."""

from __future__ import annotations

import ast

from selftaught.language_models.editor.draft import QUALITY, Draft
from selftaught.language_models.editor.entries import count_of_arguments, required_of, takes
from selftaught.language_models.editor.objective import Objective, defined_by, objective_of
from selftaught.language_models.editor.syntax import (
    add_import,
    fresh_name,
    functions_of,
    names_bound,
    names_bound_at_top,
    parameters_of,
    rename,
    walk,
)


def quality_in(draft: Draft) -> str | None:
    """Returns the function of the draft that rates an answer, and lifts it first where it can.

    The draft must have an entry. The function takes what `rated_with` tells, then the answer.
    """
    entry = draft.entry
    assert entry is not None
    if have := _qualities_in(draft.tree):
        return have[0].name
    if draft.scorer is None or (parameters := _parameters_for(draft.scorer, entry)) is None:
        return None
    objective = objective_of(draft.scorer, parameters)
    if objective is None:
        return None
    lifted = _renamed(objective, parameters, names_bound(draft.tree))
    if lifted is None or not _fit_together(objective.source, draft.tree):
        return None
    for node in objective.source:
        if isinstance(node, ast.Import | ast.ImportFrom):
            add_import(draft.tree, ast.unparse(node))
    position = _after_imports(draft.tree)
    draft.tree.body[position:position] = lifted
    return QUALITY


def rated_with(draft: Draft, entry: ast.FunctionDef) -> str:
    """Returns what the function that rates an answer gets before it, in the words of the entry.

    The draft must have a function that rates: see `quality_in`.
    """
    quality = _qualities_in(draft.tree)[0]
    names, count = parameters_of(entry), len(parameters_of(quality)) - 1
    rest = entry.args.vararg
    given = names[: max(0, count)]
    if rest is not None and count > len(names):
        given.append(f"*{rest.arg}")
    return "".join(f"{each}, " for each in given)


def _qualities_in(tree: ast.Module) -> list[ast.FunctionDef]:
    return [each for each in functions_of(tree) if each.name.startswith(QUALITY)]


def _parameters_for(scorer: ast.Module, entry: ast.FunctionDef) -> list[str] | None:
    """Names the arguments of an instance after the entry's parameters; None where they do not fit.

    Parameters with a default that no instance gives are left out. No name is one of the scorer's.
    """
    count = count_of_arguments(scorer)
    if not takes(entry, count):
        return None
    names = parameters_of(entry)[:count] if count is not None else required_of(entry)
    rest = entry.args.vararg
    if rest is not None:
        names += [f"{rest.arg}_{number}" for number in range(len(names) + 1, 1 + (count or 0))]
    taken = names_bound_at_top(scorer)
    return [fresh_name(each, taken) for each in names] or None


def _renamed(objective: Objective, parameters: list[str], taken: set[str]) -> list[ast.stmt] | None:
    """Returns the definitions and the function that rates an answer, under names of their own.

    A solution may well have a function of the same name for the same purpose; it may be changed,
    and what judges an answer must not.
    """
    parts = [ast.unparse(node) for node in _without_imports(objective.source)]
    parts.append(
        f"def {QUALITY}({', '.join([*parameters, objective.answer])}):\n    return {objective.call}"
    )
    lifted = ast.parse("\n".join(parts))
    arguments = {node.arg for node in walk(lifted) if isinstance(node, ast.arg)}
    own = {name for node in lifted.body for name in defined_by(node)}
    if own & taken & arguments:
        return None
    for name in sorted(own & taken):
        rename(lifted, name, fresh_name(f"{name}_judged", taken | names_bound(lifted)))
    return lifted.body


def _fit_together(source: tuple[ast.stmt, ...], tree: ast.Module) -> bool:
    """Tells whether names that both import stand for the same."""
    ours, theirs = _imported(list(source)), _imported(tree.body)
    return all(theirs.get(name, what) == what for name, what in ours.items()) and not (
        ours.keys() & (names_bound(tree) - theirs.keys())
    )


def _imported(nodes: list[ast.stmt]) -> dict[str, tuple[str, str]]:
    """Returns, by the names that statements import, from where and what."""
    found: dict[str, tuple[str, str]] = {}
    for node in nodes:
        match node:
            case ast.Import(names=names):
                found |= {each.asname or each.name.split(".")[0]: ("", each.name) for each in names}
            case ast.ImportFrom(module=module, names=names):
                found |= {each.asname or each.name: (module or "", each.name) for each in names}
            case _:
                continue
    return found


def _without_imports(source: tuple[ast.stmt, ...]) -> list[ast.stmt]:
    return [node for node in source if not isinstance(node, ast.Import | ast.ImportFrom)]


def _after_imports(tree: ast.Module) -> int:
    places = [
        number
        for number, node in enumerate(tree.body)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return places[-1] + 1 if places else 0
