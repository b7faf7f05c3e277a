"""Ideas for programs whose answers can be rated: restarts, local search, moves, acceptance.

Each idea is a small step: a short search first, then more moves, then a longer one. What an answer
is made of is read off the program and the scorer.
"""

from __future__ import annotations

import ast

from selftaught.language_models.editor.answers import Form, form_of_answer, move_for
from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.grading import SHARE, grade
from selftaught.language_models.editor.lifting import quality_in, rated_with
from selftaught.language_models.editor.syntax import (
    add_helpers,
    blocks_of,
    body_of,
    expression,
    forwarded,
    fresh_name,
    functions_of,
    names_bound,
    statements,
    walk,
)

_STEPS = ("5", "10", "20", "len(best)")
"""A short search first: a longer one is another step."""
_MOVES = "vary_answer"
"""Not a word that programs are likely to use for something else."""
_VARIABLES = {
    "best",
    "best_quality",
    "candidate",
    "candidate_quality",
    "current",
    "current_quality",
}
"""What a search keeps, and other ideas look for."""


def best_of_several(draft: Draft) -> str | None:
    """Runs the program several times and returns the answer that rates highest."""
    entry, count = draft.entry, draft.rng.choice([2, 3])
    if entry is None or not _is_random(draft.tree) or not draft.may_take(count):
        return None
    if (quality := quality_in(draft)) is None:
        return None
    taken, rated = names_bound(entry.args), rated_with(draft, entry)
    attempt = draft.name("attempt")
    answers, answer = fresh_name("answers", taken), fresh_name("answer", taken)
    draft.wrap(
        entry,
        attempt,
        f"{answers} = [{attempt}({forwarded(entry)}) for _ in range({count})]\n"
        f"return max({answers}, key=lambda {answer}: {quality}({rated}{answer}))",
    )
    return f"make {count} attempts and return the best by the known objective"


def local_search(draft: Draft) -> str | None:
    """Starts from the program's answer and keeps small changes that rate higher."""
    entry = draft.entry
    if entry is None or _MOVES in names_bound(draft.tree) or _VARIABLES & names_bound(entry.args):
        return None
    form = form_of_answer(draft)
    if form is Form.OTHER or (quality := quality_in(draft)) is None:
        return None
    name, source = move_for(draft, form)
    rated = rated_with(draft, entry)
    start = draft.name("start")
    add_helpers(draft.tree, source)
    add_helpers(draft.tree, f"def {_MOVES}(answer):\n    return {name}(answer)")
    draft.wrap(
        entry,
        start,
        f"best = {start}({forwarded(entry)})\n"
        f"best_quality = {quality}({rated}best)\n"
        f"for _ in range({draft.rng.choice(_STEPS)}):\n"
        f"    candidate = {_MOVES}(best)\n"
        f"    candidate_quality = {quality}({rated}candidate)\n"
        f"    if candidate_quality {draft.rng.choice(['>', '>', '>='])} best_quality:\n"
        f"        best, best_quality = candidate, candidate_quality\n"
        f"return best",
    )
    return f"improve the answer by local search with the known objective ({name})"


def another_move(draft: Draft) -> str | None:
    """Changes the moves of a local search, or adds one to them."""
    moves = next((each for each in functions_of(draft.tree) if each.name == _MOVES), None)
    form = form_of_answer(draft)
    if moves is None or form is Form.OTHER:
        return None
    name, source = move_for(draft, form)
    if name in ast.unparse(moves):
        return None
    chooses = "choice(" in ast.unparse(moves)
    add_helpers(draft.tree, source)
    if draft.rng.random() < 0.5:
        moves.body = body_of(f"return {name}(answer)")
        return f"change the answer by another move ({name})"
    listed = next((node for node in walk(moves) if isinstance(node, ast.List)), None)
    if chooses and listed is not None:
        listed.elts.append(ast.Name(name, ast.Load()))
    else:
        module = draft.random_module()
        present = ast.unparse(moves.body[-1]).removeprefix("return ").removesuffix("(answer)")
        if not present.isidentifier():
            return None
        moves.body = body_of(f"return {module}.choice([{present}, {name}])(answer)")
    return f"mix in a second kind of move ({name})"


def accept_worse(draft: Draft) -> str | None:
    """Sometimes moves on to a candidate that rates lower, and remembers the best."""
    for block in blocks_of(draft.tree):
        for position, node in enumerate(block):
            match node:
                case ast.If(
                    test=ast.Compare(left=ast.Name(id=new), comparators=[ast.Name(id=old)]),
                    body=[ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id=current), _])])],
                    orelse=[],
                ) if "quality" in new and "quality" in old and "best" in current:
                    return _add_annealing(draft, block, position)
                case _:
                    continue
    return None


def _add_annealing(draft: Draft, block: list[ast.stmt], position: int) -> str:
    module = draft.random_module()
    share = draft.rng.choice([0.02, 0.05, 0.1])
    loop_variables = ("current", "current_quality")
    steps = [node for node in block[:position] if isinstance(node, ast.Assign)]
    for step in steps:
        for node in walk(step.value):
            if isinstance(node, ast.Name) and node.id == "best":
                node.id = loop_variables[0]
    block[position:position] = statements(
        f"if candidate_quality >= current_quality or {module}.random() < {share}:\n"
        f"    current, current_quality = candidate, candidate_quality"
    )
    _initialise(draft.tree, block)
    return f"accept a worse candidate with probability {share}, and remember the best"


def _initialise(tree: ast.Module, loop_body: list[ast.stmt]) -> None:
    for block in blocks_of(tree):
        for position, node in enumerate(block):
            if isinstance(node, ast.For) and node.body is loop_body:
                block[position:position] = statements(
                    "current, current_quality = best, best_quality"
                )
                return


def grade_objective(draft: Draft) -> str | None:
    """Lets the copied objective count how many conditions hold, where it asks for all of them."""
    own = set(map(id, draft.own.body))
    lifted = [node for node in functions_of(draft.tree) if id(node) not in own]
    if "share" in names_bound(draft.tree) or not grade(lifted):
        return None
    add_helpers(draft.tree, SHARE)
    return "rate an answer by how many of the conditions hold, not only by whether all do"


def stop_when_perfect(draft: Draft) -> str | None:
    """Leaves the search as soon as nothing is left to gain."""
    loops = [
        node
        for node in walk(draft.tree)
        if isinstance(node, ast.For)
        and "best_quality" in {each.id for each in walk(node) if isinstance(each, ast.Name)}
        and not any(isinstance(each, ast.Break) for each in walk(node))
    ]
    if not loops:
        return None
    loop = draft.rng.choice(loops)
    bound = draft.rng.choice([1, 1, 0])
    loop.body[:0] = [ast.If(expression(f"best_quality >= {bound}"), [ast.Break()], [])]
    return "stop when the answer is perfect"


def _is_random(tree: ast.Module) -> bool:
    return any(
        "random" in (node.id if isinstance(node, ast.Name) else node.attr)
        for node in walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    )


SEARCH_IDEAS = (
    Choice(1.6, local_search, Kind.IDEA),
    Choice(1.0, best_of_several, Kind.IDEA),
    Choice(1.2, another_move, Kind.IDEA),
    Choice(0.8, accept_worse, Kind.IDEA),
    Choice(0.6, grade_objective, Kind.IDEA),
    Choice(0.4, stop_when_perfect, Kind.IDEA),
)
