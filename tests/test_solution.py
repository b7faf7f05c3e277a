"""A program is known by its text."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.solution import Solution


def test_equal_texts_are_the_same_solution() -> None:
    assert Solution("x = 1") == Solution("x = 1")
    assert len({Solution("x = 1"), Solution("x = 1"), Solution("x = 2")}) == 2


@pytest.mark.parametrize("text", ["\n\nx = 1", "x = 1\n", "\nx = 1  \n\t\n"])
def test_blank_lines_around_a_program_make_no_other_program(text: str) -> None:
    assert Solution(text) == Solution("x = 1")


def test_the_indentation_of_the_first_line_is_kept() -> None:
    assert Solution("\n  x = 1").text == "  x = 1"


def test_the_digest_is_that_of_the_text_in_utf_8() -> None:
    solution = Solution("x = 'é☃'")

    assert solution.digest == hashlib.sha256("x = 'é☃'".encode()).hexdigest()
    assert solution.digest.startswith(solution.id)
    assert len(solution.id) == 12


@given(st.text(st.characters(), max_size=50))
def test_any_text_can_be_stored_and_named(text: str) -> None:
    solution = Solution(text)

    assert solution.text.encode().decode() == solution.text
    assert "\0" not in solution.text
    assert Solution(solution.text) == solution
    assert len(solution.digest) == 64


@pytest.mark.parametrize(
    "text",
    [
        "def algorithm(x): pass",
        "async def algorithm(x): pass",
        "class algorithm: pass",
        "@print\ndef algorithm(x): pass",
        "import os\n\ndef other(): pass\n\ndef algorithm(x): pass",
    ],
)
def test_a_function_or_class_of_the_top_level_is_defined(text: str) -> None:
    assert Solution(text).defines("algorithm")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "algorithm",
        "algorithm = 1",
        "# def algorithm(x): pass",
        "class Inner:\n    def algorithm(self): pass",
        "def algorithm(x): pass (",
        "def algorithm(x): return x\0",
    ],
)
def test_what_is_not_at_the_top_level_or_not_python_is_not_defined(text: str) -> None:
    assert not Solution(text).defines("algorithm")


def test_broken_text_is_a_solution_that_is_not_python() -> None:
    assert not Solution("def f(").is_python
    assert Solution("x = 1").is_python
