"""Every edit on every menu: it does what it says, or nothing."""

from __future__ import annotations

import ast
from random import Random

import pytest
from tests.language_models.editor.conftest import (
    META_UTILITY,
    PACKER,
    PACKING,
    TASKS,
    ask,
    programs,
)

from selftaught.extraction import parses
from selftaught.language_models.editor.checks import is_acceptable
from selftaught.language_models.editor.crossover import take_from_other
from selftaught.language_models.editor.draft import Draft, Edit, Kind
from selftaught.language_models.editor.engine import IMPROVER_IDEAS
from selftaught.language_models.editor.fitting_ideas import FITTING_IDEAS
from selftaught.language_models.editor.learning_ideas import LEARNING_IDEAS
from selftaught.language_models.editor.order_ideas import ORDER_IDEAS
from selftaught.language_models.editor.search_ideas import SEARCH_IDEAS
from selftaught.language_models.editor.small_edits import SMALL_EDITS
from selftaught.language_models.editor.text_ideas import TEXT_IDEAS
from selftaught.parts import known_improver

MENUS = (
    *SMALL_EDITS,
    *SEARCH_IDEAS,
    *ORDER_IDEAS,
    *LEARNING_IDEAS,
    *FITTING_IDEAS,
    *TEXT_IDEAS,
    *IMPROVER_IDEAS,
)
EDITS: list[Edit] = [*(choice.edit for choice in MENUS), take_from_other]
IDEAS = [choice.edit for choice in MENUS if choice.kind is Kind.IDEA]
"""Small edits may be wrong: the checks are there for them."""
SATISFYING = (
    "def algorithm(clauses):\n    return [False for _ in range(9)]",
    "def instance(seed):\n    clauses = [[seed % 9, 1]]\n    return (clauses,), clauses\n\n"
    "def score(answer, expected):\n"
    "    return 1.0 if all(any(answer[v] for v in c) for c in expected) else 0.0",
)


ORDER = "sorted(range(len(weights)), key=lambda each: weights[each])"
ROUNDS = '''
from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Ask in rounds, and keep the best."""
    scores = {}

    def remembered(solution):
        if solution not in scores:
            scores[solution] = utility(solution)
        return scores[solution]

    for number in range(3):
        message = f"""Improve this:
```python
{initial_solution}
```
It is scored by:
```python
{utility.str}
```
Be creative. Be careful. Write a better one."""
        replies = language_model.batch_prompt("You are an expert.", [message] * 6)
        candidates = extract_code(replies)
        best = max(candidates, key=remembered)
        initial_solution = best
    return best
'''


def evolved(solution: str, utility: str, generations: int) -> list[str]:
    """A program and what became of it, generation after generation."""
    found = [solution]
    for _ in range(generations):
        children = programs(ask(found[-1], utility), 4)
        found += [next(filter(parses, children))]
    return found


@pytest.fixture(scope="module")
def corpus() -> list[tuple[str, str, str]]:
    """Programs, each with its scorer and with another program of its family."""
    remembering = [known_improver(name).text for name in ("greedy_iterative", "hints")]
    improvers = [(each, META_UTILITY) for each in (ROUNDS, *remembering)]
    ordered = PACKER.replace("range(len(weights))", ORDER), PACKING
    families = [*TASKS.values(), SATISFYING, ordered, *improvers]
    return [
        (program, utility, family[number - 1])
        for solution, utility in families
        for family in [evolved(solution, utility, 6)]
        for number, program in enumerate(family)
    ]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_an_edit_yields_python_or_changes_nothing(
    edit: Edit, corpus: list[tuple[str, str, str]]
) -> None:
    acceptable = 0

    for number, (program, scorer, other) in enumerate(corpus):
        for seed in range(2):
            tree = ast.parse(program)
            draft = Draft(tree, Random(number + seed), 0.7, ast.parse(scorer), [ast.parse(other)])
            before = ast.unparse(tree)

            action = edit(draft)

            after = ast.unparse(tree)
            if action is None:
                assert after == before
            else:
                assert action.strip()
                acceptable += is_acceptable(after, program)

    assert acceptable > 0


@pytest.mark.parametrize("idea", IDEAS, ids=lambda idea: idea.__name__)
def test_ideas_are_sound_nearly_always(idea: Edit, corpus: list[tuple[str, str, str]]) -> None:
    sound: list[bool] = []

    for number, (program, scorer, _) in enumerate(corpus):
        draft = Draft(ast.parse(program), Random(number), 0.7, ast.parse(scorer))
        if idea(draft) is not None:
            sound.append(is_acceptable(ast.unparse(draft.tree), program))

    assert sum(sound) >= 0.9 * len(sound)
