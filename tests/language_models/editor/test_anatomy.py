"""The parts of improvers in several styles."""

from __future__ import annotations

import ast

import pytest
from tests.language_models.editor.conftest import IMPROVER, META_UTILITY, ask, programs

from selftaught.language_models.editor.anatomy import anatomy_of

ASK = "language_model.batch_prompt("
ALIASED = IMPROVER.replace(ASK, "ask(").replace(
    "    count =", "    ask = language_model.batch_prompt\n    count ="
)
RENAMED = (
    IMPROVER.replace(ASK, "model.batch_prompt(")
    .replace("key=utility", "key=rate")
    .replace("    count =", "    model = language_model\n    rate = utility\n    count =")
)
CLASS = '''
from helpers import extract_code


class Improver:
    def __init__(self, utility, language_model):
        self.rate = utility
        self.language_model = language_model

    def improve(self, solution):
        message = f"""Improve this solution:
```python
{solution}
```

Write a better one. Be as creative as you can."""
        replies = self.language_model.batch_prompt("You are an expert.", [message] * 3)
        candidates = extract_code(replies)
        return max(candidates, key=self.rate)


def improve_algorithm(initial_solution, utility, language_model):
    return Improver(utility, language_model).improve(initial_solution)
'''
FIELDS = CLASS.replace("class", "@dataclass\nclass", 1).replace(
    CLASS[CLASS.index("    def __init__") : CLASS.index("    def improve(")],
    "    rate: object\n    language_model: object\n\n",
)


@pytest.mark.parametrize(
    ("program", "parts"),
    [
        (ALIASED, ("initial_solution", "utility", "language_model")),
        (RENAMED, ("initial_solution", "utility", "language_model")),
        (CLASS, ("solution", "self.rate", "self.language_model")),
        (FIELDS, ("solution", "self.rate", "self.language_model")),
    ],
)
def test_the_parts_are_found_under_other_names(program: str, parts: tuple[str, ...]) -> None:
    anatomy = anatomy_of(ast.parse(program))

    assert anatomy is not None
    assert (anatomy.solution, anatomy.utility, anatomy.language_model) == parts
    assert len(anatomy.calls) == 1
    assert anatomy.asks_for_several(anatomy.calls[0])


def test_a_method_that_is_given_a_message_is_not_taken_for_the_improver() -> None:
    program = CLASS.replace("def improve(self, solution)", "def improve(self, number)")

    assert anatomy_of(ast.parse(program)) is None


@pytest.mark.parametrize("program", [ALIASED, CLASS])
def test_such_improvers_get_the_ideas_for_improvers(program: str) -> None:
    replies = programs(ask(program, META_UTILITY), 40)

    assert sum("round_number" in each for each in replies) >= 3
    assert sum("temperature=" in each for each in replies) >= 2
    assert all("vary_answer" not in each for each in replies)
