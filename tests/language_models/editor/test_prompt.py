"""Reading a message: which programs it holds, and what it asks for."""

from __future__ import annotations

import textwrap

import pytest
from tests.language_models.editor.conftest import (
    IMPROVER,
    LEARNER,
    LEARNING,
    META_UTILITY,
    SCHEDULER,
    SCHEDULING,
    ask,
)

from selftaught.language_models.editor.prompt import read


def test_the_solution_is_the_parent_and_the_utility_the_scorer() -> None:
    brief = read(ask(LEARNER, LEARNING))

    assert [parent.text for parent in brief.parents] == [LEARNER.strip()]
    assert brief.scorer == LEARNING.strip()


def test_a_program_that_holds_fences_is_read_whole() -> None:
    brief = read(ask(IMPROVER, META_UTILITY))

    assert [parent.text for parent in brief.parents] == [IMPROVER.strip()]
    assert brief.scorer == META_UTILITY.strip()


@pytest.mark.parametrize(
    "message",
    [
        "Utility function:\n```\n{utility}\n```\nCurrent program:\n```py\n{solution}\n```\nGo!",
        "Improve this:\n~~~python\n{solution}\n~~~\nScored by:\n~~~python\n{utility}\n~~~",
        "```python\n{solution}\n```\n```python\n{utility}\n```",
        "The following solution needs a higher score.\n```python\n{solution}\n```\n"
        "The score is computed like this:\n```python\n{utility}\n```",
    ],
)
def test_other_wordings_are_read_alike(message: str) -> None:
    brief = read(message.format(solution=SCHEDULER.strip(), utility=SCHEDULING.strip()))

    assert [parent.text for parent in brief.parents] == [SCHEDULER.strip()]
    assert brief.scorer == SCHEDULING.strip()


def test_scores_are_read_before_or_after_a_program() -> None:
    message = (
        "Solution A, score 0.25:\n```python\nx = 1\n```\n"
        "Solution B:\n```python\nx = 2\n```\nIts score is 0.5.\n"
        "Solution C:\n```python\nx = 3\n```\nCombine them."
    )

    brief = read(message)

    assert [parent.score for parent in brief.parents] == [0.25, 0.5, None]
    assert brief.combines


def test_a_score_before_the_first_program_is_its_own() -> None:
    brief = read("The score of this solution is 0.3:\n```python\nx = 1\n```\nBetter?")

    assert [parent.score for parent in brief.parents] == [0.3]


def test_one_program_alone_is_the_parent_whatever_the_words() -> None:
    brief = read("Raise the score of this:\n```python\ndef f(x):\n    return x\n```")

    assert len(brief.parents) == 1
    assert brief.scorer is None


def test_words_of_the_prose_shift_the_mood_and_words_of_programs_do_not() -> None:
    program = "def f(x):\n    '''Be bold, creative, novel, careful.'''\n    return x"

    def boldness(wish: str) -> int:
        return read(ask(program, "def score(a, b): return 0", wish)).boldness

    assert boldness("Write a better one.") == 0
    assert boldness("Be bold and creative.") > 0
    assert boldness("Make one small, careful change.") < 0


def program(number: int) -> str:
    return f"```python\ndef algorithm(x):\n    return {number}\n```\n"


def test_scores_that_stand_behind_their_programs_belong_to_them() -> None:
    message = "".join(f"{program(n)}Score: 0.{n}\n\n" for n in (2, 9, 5))

    assert [parent.score for parent in read(message).parents] == [0.2, 0.9, 0.5]


@pytest.mark.parametrize(
    ("told", "score"),
    [
        ("mean score over 20 instances: 0.9", 0.9),
        ("Score (0 to 1): 0.9", 0.9),
        ("fitness=.9", 0.9),
        ("utility: 1e+3 (n = 5)", 1000),
        ("It has a score of 90 % so far", 0.9),
        ("reward 0.25 after 3 rounds", 0.25),
        ("accuracy: -1.5", -1.5),
        ("The utility is shown below", None),
    ],
)
def test_a_score_is_read_in_many_wordings(told: str, score: float | None) -> None:
    assert read(f"{told}\n{program(1)}").parents[0].score == score


@pytest.mark.parametrize(
    "message",
    [
        textwrap.indent(program(1), "    "),
        f"- the program:\n{textwrap.indent(program(1), '  ')}",
        program(1).removesuffix("```\n"),
        f"{'words ' * 40_000}\n{program(1)}",
    ],
)
def test_a_program_is_found_indented_left_open_or_after_many_words(message: str) -> None:
    parents = read(message).parents

    assert [parent.text for parent in parents] == ["def algorithm(x):\n    return 1"]
