"""Lifting the objective: from the scorer of a task that the editor was never told of."""

from __future__ import annotations

import ast
from random import Random

import pytest
from tests.language_models.editor.conftest import (
    LEARNING,
    SCHEDULING,
    ask,
    function_of,
    programs,
)

from selftaught.language_models.editor.draft import Draft, Edit
from selftaught.language_models.editor.lifting import quality_in, rated_with
from selftaught.language_models.editor.objective import objective_of
from selftaught.language_models.editor.search_ideas import best_of_several, local_search


def lifted(scorer: str, parameters: list[str]) -> str | None:
    objective = objective_of(ast.parse(scorer), parameters)
    if objective is None:
        return None
    source = "\n".join(map(ast.unparse, objective.source))
    return f"{source}\ndef rate({', '.join(parameters)}, answer):\n    return {objective.call}"


def test_the_scorer_of_a_known_problem_is_lifted_with_what_it_needs() -> None:
    program = lifted(SCHEDULING, ["tasks"])

    assert program is not None
    assert "def waiting" in program
    assert "def instance" not in program
    assert function_of(program, "rate")([(1, 1), (2, 5)], [0, 1]) == 1 / (1 + 16 / 1000)


@pytest.mark.parametrize(
    ("returned", "call"),
    [
        ("(a, b), (a, b)", "score(answer, (first, second))"),
        ("(a, b), b", "score(answer, second)"),
        ("(a, b), [b, a, SIZE]", "score(answer, [second, first, SIZE])"),
        ("(a, b[1:]), {'x': b[1:]}", "score(answer, {'x': second})"),
        ("both, both", "score(answer, (first, second))"),
        ("(list(a), b), a", "score(answer, first)"),
        ("(a, b), (b, best)", "score(answer, (second, 1))"),
    ],
)
def test_the_expected_value_is_put_in_terms_of_the_parameters(returned: str, call: str) -> None:
    scorer = (
        "SIZE = 3\ndef instance(seed):\n    a, b, best = seed, [seed], 9\n    both = (a, b)\n"
        f"    return {returned}\ndef score(answer, expected):\n    return SIZE"
    )

    objective = objective_of(ast.parse(scorer), ["first", "second"])

    assert objective is not None
    assert objective.call == call


@pytest.mark.parametrize(
    "scorer",
    [
        LEARNING,
        "def score(answer, expected):\n    return 1",
        "def instance(seed):\n    return (1, 2), 3",
        "def instance(seed):\n    a = b = c = 1\n    return (a, b), c\n"
        "def score(answer, expected):\n    return answer == expected",
        "import os\ndef instance(seed):\n    return (seed,), seed\n"
        "def score(answer, expected):\n    return os.getpid()",
    ],
)
def test_what_needs_hidden_values_or_the_system_is_not_lifted(scorer: str) -> None:
    for count in (1, 2, 3):
        assert objective_of(ast.parse(scorer), [f"p{number}" for number in range(count)]) is None


JUDGE = """
import numpy as np
WEIGHT = 2

def cost_of(order, costs):
    return WEIGHT * np.sum([costs[place] for place in order])

def instance(seed):
    drawn = tuple(np.random.default_rng(seed).random((1, 3)))
    return drawn, drawn

def score(answer, expected):
    return -cost_of(answer, *expected)
"""
SOLUTION = """
import numpy as np
WEIGHT = 7

def cost_of(order, costs):
    return WEIGHT * len(order)

def algorithm(costs):
    return sorted([0], key=lambda order: cost_of([order], costs))
"""


def draft_of(solution: str, judge: str) -> Draft:
    return Draft(ast.parse(solution), Random(0), 0.7, ast.parse(judge))


def test_what_both_define_under_one_name_is_kept_apart() -> None:
    draft = draft_of(SOLUTION, JUDGE)

    quality = quality_in(draft)

    assert quality is not None
    program = ast.unparse(draft.tree)
    assert function_of(program, quality)([1.0, 10.0], [0, 1]) == -22
    assert function_of(program, "cost_of")([0], [1.0]) == 7
    assert ast.unparse(draft.own).count("def ") == 2


@pytest.mark.parametrize("line", ["import math as np", "np = 3", "from math import pi as np"])
def test_what_is_imported_under_a_name_that_means_something_else_is_not_lifted(line: str) -> None:
    draft = draft_of(SOLUTION.replace("import numpy as np", line), JUDGE)

    assert quality_in(draft) is None
    assert ast.unparse(draft.tree) == ast.unparse(
        ast.parse(SOLUTION.replace("import numpy as np", line))
    )


SHUFFLER = """
import random


def algorithm(jobs):
    order = list(range(len(jobs)))
    random.shuffle(order)
    return order
"""


@pytest.mark.parametrize(
    ("signature", "given"),
    [
        ("(jobs)", "jobs, "),
        ("(jobs, k=2)", "jobs, "),
        ("(jobs, /, *, k=2)", "jobs, "),
        ("(*jobs)", "*jobs, "),
        ("(answer)", "answer, "),
        ("(score)", "score, "),
        ("(waiting)", "waiting, "),
    ],
)
def test_the_objective_is_lifted_whatever_the_signature(signature: str, given: str) -> None:
    draft = draft_of(SHUFFLER.replace("(jobs)", signature, 1), SCHEDULING)

    quality = quality_in(draft)

    assert quality is not None
    assert draft.entry is not None
    assert rated_with(draft, draft.entry) == given
    rate = function_of(ast.unparse(draft.tree), quality)
    assert rate([(1, 1), (2, 5)], [0, 1]) == 1 / (1 + 16 / 1000)


def test_an_entry_that_an_instance_does_not_fit_gets_no_objective() -> None:
    draft = draft_of(SHUFFLER.replace("(jobs)", "(jobs, k)", 1), SCHEDULING)

    assert quality_in(draft) is None


@pytest.mark.parametrize("idea", [local_search, best_of_several])
@pytest.mark.parametrize("signature", ["(jobs, k=2, *, m=3)", "(*given)", "(answer)", "(answers)"])
def test_a_search_calls_the_program_with_all_that_it_was_given(idea: Edit, signature: str) -> None:
    name = signature.strip("(*)").split(",")[0]
    jobs = f"{name}[0]" if "*given" in signature else name
    program = SHUFFLER.replace("(jobs)", signature, 1).replace("len(jobs)", f"len({jobs})")
    draft = draft_of(program, SCHEDULING)

    assert idea(draft) is not None

    answer = function_of(ast.unparse(draft.tree))([(1, 1), (2, 5), (3, 1)])
    assert len(answer) == 3
    if "k=2" in signature:
        assert "(jobs, k, m=m)" in ast.unparse(draft.tree)


@pytest.mark.parametrize(
    "lines",
    [
        "    for i in order:\n        if (y := i) >= 0 and y < 99:\n            continue\n",
        "    match order:\n        case [first, *rest]:\n            order = [first, *rest]\n",
    ],
)
def test_replies_lift_the_objective_whatever_the_syntax(lines: str) -> None:
    program = SHUFFLER.replace("    return", f"{lines}    return")

    replies = programs(ask(program, SCHEDULING), 20)

    assert sum("def quality(" in each for each in replies) >= 10
