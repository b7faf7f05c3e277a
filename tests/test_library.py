"""The library calls, as a person meets them."""

from __future__ import annotations

import subprocess
import sys

import pytest

import selftaught
from selftaught.errors import UsageError


def test_modules_are_found_after_one_import() -> None:
    code = "import selftaught; selftaught.events.GenerationEnded; selftaught.experiment.load"

    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_text_that_is_no_program_is_the_users_error() -> None:
    with pytest.raises(UsageError, match=r"the text of a program .* not 'seed'"):
        selftaught.score("lpn", "seed")


def test_a_split_that_does_not_exist_is_the_users_error() -> None:
    with pytest.raises(UsageError, match="unknown split 'nope': known are gate, search, test"):
        selftaught.score("lpn", "def algorithm(): pass", split="nope")


def test_a_solution_is_scored_like_its_text() -> None:
    seed = selftaught.list_tasks()[0].seed

    assert selftaught.score("lpn", seed) == selftaught.score("lpn", seed.text)
