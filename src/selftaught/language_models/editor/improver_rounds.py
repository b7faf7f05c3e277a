"""Ideas for how an improver goes about it: rounds, the incumbent, memory, a pool.

Each idea is one step that most programmers would take by itself; they build on one another.
"""

from __future__ import annotations

import ast

from selftaught.language_models.editor.anatomy import Anatomy, anatomy_of, dotted
from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.syntax import (
    expression,
    forwarded,
    fresh_name,
    names_bound,
    names_read,
    start_of,
    statements,
    walk,
)


def go_on_in_rounds(draft: Draft) -> str | None:
    """Asks in several rounds, each from the best of the round before."""
    anatomy = anatomy_of(draft.tree)
    if anatomy is None or anatomy.loops:
        return None
    function = anatomy.function
    first = _first_use(function, anatomy.solution)
    if first is None or (best := _name_the_result(function, anatomy)) is None:
        return None
    count = draft.rng.choice(["2", "3", "4", *[f"{anatomy.language_model}.budget"] * 2])
    name = fresh_name("round_number", names_bound(function))
    loop = statements(f"for {name} in range({count}):\n    pass")[0]
    assert isinstance(loop, ast.For)
    loop.body = [*function.body[first:-1], *statements(f"{anatomy.solution} = {best}")]
    function.body[first:-1] = [loop]
    return f"ask in rounds ({count}), each from the best so far"


def repeat_on_result(draft: Draft) -> str | None:
    """Applies the whole improver again to what it returned."""
    anatomy, entry = anatomy_of(draft.tree), draft.entry
    if anatomy is None or entry is None or entry is not anatomy.function or anatomy.loops:
        return None
    count = draft.rng.choice([2, 3, 4])
    step = draft.name("one_step")
    given = forwarded(entry)
    draft.wrap(
        entry,
        step,
        f"for _ in range({count}):\n"
        f"    {anatomy.solution} = {step}({given})\n"
        f"return {anatomy.solution}",
    )
    return f"apply the improver {count} times to its own result"


def best_of_runs(draft: Draft) -> str | None:
    """Applies the whole improver several times, and returns the best of the results."""
    anatomy, entry = anatomy_of(draft.tree), draft.entry
    if anatomy is None or entry is None or entry is not anatomy.function or anatomy.loops:
        return None
    count = draft.rng.choice([2, 3, 4])
    run = draft.name("one_run")
    given = forwarded(entry)
    draft.wrap(
        entry,
        run,
        f"results = [{run}({given}) for _ in range({count})]\n"
        f"return max(results, key={anatomy.utility})",
    )
    return f"apply the improver {count} times and return the best result"


def keep_incumbent(draft: Draft) -> str | None:
    """Lets the current solution compete with the candidates."""
    anatomy = anatomy_of(draft.tree)
    selection = None if anatomy is None else anatomy.selection
    if anatomy is None or selection is None:
        return None
    if anatomy.solution in names_read(selection.args[0]):
        return None
    selection.args[0] = expression(f"[{anatomy.solution}, *{ast.unparse(selection.args[0])}]")
    return "keep the current solution unless a candidate is better"


def remember_scores(draft: Draft) -> str | None:
    """Scores no solution twice."""
    anatomy = anatomy_of(draft.tree)
    if anatomy is None or anatomy.rater != anatomy.utility:
        return None
    function, utility = anatomy.function, anatomy.utility
    if not _scores_again(function, utility):
        return None
    for node in walk(ast.Module(function.body, [])):
        match node:
            case ast.Call(func=called) if dotted(called) == utility:
                node.func = ast.Name("remembered", ast.Load())
            case ast.keyword(arg="key", value=called) if dotted(called) == utility:
                node.value = ast.Name("remembered", ast.Load())
            case _:
                continue
    position = start_of(function)
    function.body[position:position] = statements(
        f"""
        scores = {{}}
        def remembered(solution):
            if solution not in scores:
                scores[solution] = {utility}(solution)
            return scores[solution]
        """
    )
    return "remember scores, so that nothing is evaluated twice"


def _scores_again(function: ast.FunctionDef, utility: str) -> bool:
    """Tells whether a solution may be scored twice: a key, or more than one call."""
    uses = 0
    for node in walk(function):
        match node:
            case ast.keyword(arg="key", value=called) if dotted(called) == utility:
                uses += 2
            case ast.Call(func=called) if dotted(called) == utility:
                uses += 1
            case _:
                continue
    return uses > 1


def drop_duplicates(draft: Draft) -> str | None:
    """Scores neither empty replies nor the same program twice."""
    anatomy = anatomy_of(draft.tree)
    extraction = None if anatomy is None else anatomy.extraction
    if anatomy is None or extraction is None:
        return None
    block, position, name = extraction
    if "dict.fromkeys" in ast.unparse(block[position]):
        return None
    node = block[position]
    assert isinstance(node, ast.Assign)
    source = ast.unparse(node.value)
    node.value = expression(f"[code for code in dict.fromkeys({source}) if code]")
    return f"drop empty and repeated {name}"


def keep_pool(draft: Draft) -> str | None:
    """Remembers a few of the best solutions, not only the best."""
    anatomy = anatomy_of(draft.tree)
    if anatomy is None or "pool" in names_bound(anatomy.function):
        return None
    function, advance, extraction = anatomy.function, anatomy.advance, anatomy.extraction
    loop = next((node for node in function.body if node in anatomy.loops), None)
    if advance is None or extraction is None or loop is None:
        return None
    block, position = advance
    size = draft.rng.choice([2, 3, 4])
    block[position : position + 1] = statements(
        f"""
        found = [code for code in [*pool, *{extraction[2]}] if code]
        pool = sorted(dict.fromkeys(found), key={anatomy.rater}, reverse=True)[:{size}]
        {anatomy.solution} = pool[0]
        """
    )
    function.body[-1] = ast.Return(expression("pool[0]"))
    place = function.body.index(loop)
    function.body[place:place] = statements(f"pool = [{anatomy.solution}]")
    return f"keep a pool of the {size} best solutions"


def vary_start(draft: Draft) -> str | None:
    """Goes on from one of the pool, not always from the best."""
    anatomy = anatomy_of(draft.tree)
    if anatomy is None or (advance := anatomy.advance) is None:
        return None
    block, position = advance
    if ast.unparse(block[position]) != f"{anatomy.solution} = pool[0]":
        return None
    module = draft.random_module()
    source = draft.rng.choice(
        [
            f"{module}.choice(pool)",
            f"pool[0] if {module}.random() < 0.7 else pool[-1]",
        ]
    )
    block[position : position + 1] = statements(f"{anatomy.solution} = {source}")
    return "go on from one of the pool"


def move_only_upwards(draft: Draft) -> str | None:
    """Goes on from the new best only if it is no worse than what it came from."""
    anatomy = anatomy_of(draft.tree)
    if anatomy is None or (advance := anatomy.advance) is None:
        return None
    block, position = advance
    node = block[position]
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Name):
        return None
    rater, new = anatomy.rater, node.value.id
    order = draft.rng.choice([">", ">="])
    block[position : position + 1] = statements(
        f"if {rater}({new}) {order} {rater}({anatomy.solution}):\n    {ast.unparse(node)}"
    )
    last = anatomy.function.body[-1]
    if isinstance(last, ast.Return) and ast.unparse(last) == f"return {new}":
        last.value = ast.Name(anatomy.solution, ast.Load())
    return "go on from a new solution only if it is no worse"


def stop_at_the_top(draft: Draft) -> str | None:
    """Stops when the score cannot get better."""
    anatomy = anatomy_of(draft.tree)
    if anatomy is None or not anatomy.loops or anatomy.rater == anatomy.utility:
        return None
    loop = anatomy.loops[0]
    if any(isinstance(node, ast.Break) for node in walk(loop)):
        return None
    loop.body += statements(f"if {anatomy.rater}({anatomy.solution}) >= 1:\n    break")
    return "stop when the score is perfect"


def _name_the_result(function: ast.FunctionDef, anatomy: Anatomy) -> str | None:
    """Returns the variable that the function returns, and makes one where there is none."""
    last = function.body[-1]
    if not isinstance(last, ast.Return) or last.value is None:
        return None
    if isinstance(last.value, ast.Name):
        return last.value.id if last.value.id != anatomy.solution else None
    name = fresh_name("best", names_bound(function))
    function.body[-1:] = statements(f"{name} = {ast.unparse(last.value)}")
    function.body.append(ast.Return(ast.Name(name, ast.Load())))
    return name


def _first_use(function: ast.FunctionDef, solution: str) -> int | None:
    for position, node in enumerate(function.body):
        if solution in names_read(node) and not isinstance(node, ast.FunctionDef):
            return position
    return None


ROUND_IDEAS = (
    Choice(2.5, go_on_in_rounds, Kind.IDEA),
    Choice(0.8, repeat_on_result, Kind.IDEA),
    Choice(0.4, best_of_runs, Kind.IDEA),
    Choice(1.0, keep_incumbent, Kind.IDEA),
    Choice(0.8, remember_scores, Kind.IDEA),
    Choice(0.7, drop_duplicates, Kind.IDEA),
    Choice(0.8, keep_pool, Kind.IDEA),
    Choice(0.3, vary_start, Kind.IDEA),
    Choice(0.4, move_only_upwards, Kind.IDEA),
    Choice(0.3, stop_at_the_top, Kind.IDEA),
)
