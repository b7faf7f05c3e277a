"""`selftaught score` on programs that fail: how many, of which kind, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from selftaught.cli.main import exit_code

TASK = """
def instance(seed):
    return (seed % 4,), seed % 4

def score(answer, expected):
    return float(answer == expected)

def algorithm(number):
    return number
"""
FAILING = """
def algorithm(number):
    if number == 0:
        raise ValueError("no zero")
    return number
"""
SLOW = "def algorithm(number):\n    while True:\n        pass\n"


@pytest.fixture
def task(tmp_path: Path) -> str:
    path = tmp_path / "echo.py"
    path.write_text(TASK)
    return str(path)


def scored(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert exit_code(["score", *arguments]) == 0
    return capsys.readouterr().out


def test_failures_are_counted_by_kind(
    task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "failing.py"
    program.write_text(FAILING)

    printed = json.loads(scored(capsys, task, str(program), "--seed", "1", "--json"))
    text = scored(capsys, task, str(program), "--seed", "1")

    errors = printed["failures"]["error"]
    assert printed["failures"] == {"error": errors}
    assert 2 <= errors < 20
    assert f"{errors} of 20 instances failed: {errors} errors" in text
    assert f"The first, error: {printed['message']}" in " ".join(text.split())


def test_a_message_is_printed_as_it_is_without_signs_for_words_between_colons(
    task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "colons.py"
    program.write_text("def algorithm(number):\n    raise ValueError('root:x:0 [bold]')\n")

    assert "root:x:0 [bold]" in scored(capsys, task, str(program))


@pytest.mark.slow
def test_the_message_is_that_of_the_kind_it_stands_with(
    task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "slow.py"
    program.write_text(SLOW)

    printed = json.loads(scored(capsys, task, str(program), "--json"))
    text = " ".join(scored(capsys, task, str(program)).split())

    assert printed["failures"] == {"not tried": 18, "timed out": 2}
    assert printed["outcome"] == "timed out"
    assert "20 of 20 instances failed: 18 not tried, 2 timed out" in text
    assert "The first, timed out: used its 2 s of CPU time" in text


def test_the_seed_that_is_told_draws_the_same_again(
    task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "two.py"
    program.write_text("def algorithm(number):\n    return number // 2 * 2\n")
    first = json.loads(scored(capsys, task, str(program), "--json"))

    again = json.loads(scored(capsys, task, str(program), "--json", "--seed", str(first["seed"])))
    text = scored(capsys, task, str(program), "--seed", "41")

    assert again == first
    assert "split search, seed 41: " in text
