"""The editor on everything that comes with the package: sound programs, and no word of any task."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

import pytest
from tests.language_models.editor.conftest import ask

import selftaught.language_models.editor as editor_package
from selftaught import tasks
from selftaught.description import Detail
from selftaught.extraction import parses
from selftaught.improvers import KNOWN as IMPROVERS
from selftaught.language_models.editor.checks import is_acceptable
from selftaught.language_models.editor.draft import Draft
from selftaught.language_models.editor.engine import IMPROVER_IDEAS, Edited, edit
from selftaught.language_models.editor.prompt import read
from selftaught.language_models.editor.scopes import undefined_names
from selftaught.meta_utility import SessionBudget, describe
from selftaught.parts import find_task, known_improver
from selftaught.sandbox import Sandbox
from selftaught.sandboxes.local import LocalSandbox
from selftaught.solution import Solution
from selftaught.testing.applications import apply
from selftaught.testing.improvers import varied

REPLIES = 25


@cache
def edited(subject: str) -> list[Edited]:
    """What the editor makes of a seed solution or an improver, before a slip can spoil it."""
    if subject in IMPROVERS:
        message = ask(known_improver(subject).text, describe(5, SessionBudget(), 8))
    else:
        task = find_task(subject, "standard")
        message = ask(task.seed.text, task.describe(Detail.GREY_BOX))
    brief = read(message)
    found = [
        edit(brief, temperature=0.7, skill=1.0, rng=Random(number)) for number in range(REPLIES)
    ]
    return [each for each in found if each is not None]


@pytest.mark.parametrize("subject", [*tasks.KNOWN, *IMPROVERS])
def test_no_program_reads_a_name_that_nothing_defines(subject: str) -> None:
    found = edited(subject)

    assert len(found) >= 0.95 * REPLIES
    assert {each.actions: names for each in found if (names := undefined_names(each.text))} == {}
    assert all(parses(each.text) for each in found)


def test_a_word_that_the_scorer_uses_for_something_else_is_no_obstacle() -> None:
    solution = "def algorithm(values):\n    return list(values)"
    words = ["vary_answer", "share", "quality", "change_one", "swap_two", "neighbour", "start"]
    utility = (
        "def instance(seed):\n    values = [seed, 1]\n    return (values,), values\n\n"
        "def score(answer, expected):\n"
        + "".join(f"    {word} = sum(answer)\n" for word in words)
        + f"    return all(each > 0 for each in [{', '.join(words)}])"
    )
    brief = read(ask(solution, utility))

    found = [edit(brief, temperature=1.0, skill=1.0, rng=Random(seed)) for seed in range(40)]

    assert [undefined_names(each.text) for each in found if each] == [frozenset()] * 40


@pytest.mark.parametrize("improver", IMPROVERS)
def test_ideas_fit_every_improver_and_are_sound(improver: str) -> None:
    text = known_improver(improver).text
    fitting: set[str] = set()

    for seed in range(3):
        for choice in IMPROVER_IDEAS:
            draft = Draft(ast.parse(text), Random(seed), 0.7)
            if choice.edit(draft) is not None:
                fitting.add(choice.edit.__name__)
                assert is_acceptable(ast.unparse(draft.tree), text), choice.edit.__name__

    assert len(fitting) >= 5
    assert "change_mood" in fitting


CLIMB = '''
def improve_algorithm(program, rate, model):
    """Climb."""
    top = program
    top_score = rate(top)
    for number in range(model.budget):
        message = f"""Better than {top_score:.3f}, please:
```python
{top}
```"""
        for reply in model.batch_prompt("You are an expert.", [message] * 3):
            new_score = rate(reply)
            if new_score > top_score:
                top = reply
                top_score = new_score
    return top
'''


@pytest.mark.parametrize("idea", ["remember_all", "wander", "stop_at_remembered_top"])
def test_a_climb_is_recognised_whatever_its_names(idea: str) -> None:
    tree = ast.parse(CLIMB)
    (choice,) = (each for each in IMPROVER_IDEAS if each.edit.__name__ == idea)

    action = choice.edit(Draft(tree, Random(0), 0.7))

    assert action is not None
    assert is_acceptable(ast.unparse(tree), CLIMB)


@pytest.mark.parametrize(
    ("improver", "idea"),
    [
        ("bandit", "keep_incumbent"),  # it chooses an arm by a bound of its own
        ("chain_of_thought", "drop_duplicates"),  # one reply holds one program
        ("beam_search_decay", "show_second"),  # its pool is one of threads
        ("hints", "remember_scores"),  # it remembers them already
        ("greedy_iterative", "vary_parent"),  # it keeps no archive
    ],
)
def test_ideas_leave_alone_what_only_looks_like_their_subject(improver: str, idea: str) -> None:
    tree = ast.parse(known_improver(improver).text)
    (choice,) = (each for each in IMPROVER_IDEAS if each.edit.__name__ == idea)

    assert choice.edit(Draft(tree, Random(0), 0.7)) is None


@pytest.mark.slow
@pytest.mark.parametrize("subject", [*tasks.KNOWN, *IMPROVERS])
def test_programs_stay_sound_over_generations(subject: str) -> None:
    first, *others = edited(subject)
    rng, utility = Random(subject), "def utility(program):\n    return run(program)"

    program = first.text
    for number, other in enumerate(others[:12]):
        wish = f"Another one:\n```python\n{other.text}\n```\nCombine them." if number % 2 else ""
        child = edit(read(ask(program, utility, wish)), temperature=1.2, skill=1.0, rng=rng)
        assert child is not None
        program = child.text
        assert undefined_names(program) == frozenset()
        compile(program, subject, "exec")


@pytest.fixture
def sandbox(real_sandbox: LocalSandbox) -> Sandbox:
    return real_sandbox


@pytest.mark.slow
@pytest.mark.parametrize("improver", IMPROVERS)
def test_most_programs_made_of_an_improver_return_a_program(
    improver: str, sandbox: Sandbox
) -> None:
    applied = [apply(Solution(each.text), sandbox, varied) for each in edited(improver)]

    returned = [each for each in applied if each.text is not None]
    assert len(returned) >= 0.75 * len(applied)


ORDINARY = {
    *("__init__", "_", "a", "b", "i", "j", "n", "s", "t", "math", "np", "random", "seed"),
    # The protocol of utilities, and what every program that searches speaks of.
    *("answer", "expected", "instance", "score", "solution"),
    *("before", "best", "candidates", "change", "choice", "count", "different", "end", "holds"),
    *("new", "number", "order", "own", "pairs", "place", "step", "table", "text", "value"),
    *("temperature", "truth"),
    # Learning from examples, whatever the rule.
    *("column", "distance", "labels", "row", "side", "weights"),
}
"""Words of bundled tasks that the editor may use: they belong to programming, not to a task."""


def identifiers_of_tasks() -> set[str]:
    folder = Path(str(tasks.__file__)).parent
    return {
        name
        for path in folder.glob("*/*.py")
        if path.name != "__init__.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in named_by(node)
    } - set(dir(builtins))


def named_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name):
            yield name
        case _:
            return


def words_of_the_editor() -> set[str]:
    """The words in its texts - what it writes and looks for - docstrings left out."""
    found: set[str] = set()
    for path in Path(str(editor_package.__file__)).parent.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        explaining = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in explaining:
                found.update(re.findall(r"[A-Za-z_]\w*", str(node.value)))
    return found


def test_the_editor_uses_no_word_of_a_task() -> None:
    assert words_of_the_editor() & identifiers_of_tasks() <= ORDINARY


def test_the_editor_names_no_task() -> None:
    written = {word.lower() for word in words_of_the_editor()}
    names = {*tasks.KNOWN, *(name.replace("_", "") for name in tasks.KNOWN)}

    assert not written & {*names, "parity", "parities", "clause", "clauses", "cut", "graph", "sat"}
