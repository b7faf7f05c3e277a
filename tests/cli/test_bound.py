"""`selftaught bound` as a person, and as a script, meets it."""

from __future__ import annotations

import json

import pytest

from selftaught.cli.main import exit_code

PAPER = ["bound", "--tasks", "5", "--length", "2000", "--alphabet", "128", "--delta", ".05"]


def test_the_scale_of_the_paper_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([*PAPER, "--json"]) == 0
    given = capsys.readouterr().out

    assert exit_code(["bound", "--json"]) == 0

    assert capsys.readouterr().out == given


def test_json_holds_every_bound(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([*PAPER, "--rounds", "4", "--epsilon", "1", "--json"]) == 0

    printed = json.loads(capsys.readouterr().out)
    lemma, each_round, sharper, fixed = printed["bounds"]
    assert lemma["bound"] == "lemma 1"
    assert round(lemma["epsilon"]) == 44
    assert lemma["is_vacuous"]
    assert lemma["tasks_needed"] == lemma["least_tasks"] == 9708
    assert each_round["epsilon"] > lemma["epsilon"] > sharper["epsilon"] > fixed["epsilon"]
    assert fixed["warning"] is None
    # Of one improver that was fixed before, there is nothing to choose.
    assert fixed["selection_loss"] is None
    assert lemma["selection_is_vacuous"]


def test_a_vacuous_bound_is_said_in_plain_words(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(PAPER)

    printed = " ".join(capsys.readouterr().out.split())
    assert "Warning, lemma 1: vacuous" in printed
    assert "88.1 (vacuous)" in printed
    assert "every measured" not in printed
    assert "at least 9,708 independent tasks are needed" in printed
    assert "Rounds" not in printed


def test_a_bound_that_holds_has_no_warning(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(["bound", "--tasks", "100000", "--rounds", "2"])

    printed = capsys.readouterr().out
    assert "Warning" not in printed
    assert "Rounds on one task" in printed


def test_help_gives_the_formula(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["bound", "--help"]) == 0

    assert "length * ln(alphabet) + ln(1 / delta)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tasks", "0"], "expected a number of tasks from 1"),
        (["--length", "1"], "expected a length in characters from 2"),
        (["--alphabet", "9" * 30], "expected an alphabet of characters from 2"),
        (["--delta", "0"], "expected a delta above 0"),
        (["--delta", "nan"], "expected a delta above 0"),
        (["--epsilon", "inf"], "expected an epsilon from"),
        (["--rounds", "-1"], "expected a number of rounds"),
        (["--tasks", "five"], "Invalid value for '--tasks'"),
    ],
)
def test_wrong_values_are_one_line_and_exit_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["bound", *arguments]) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert printed.err.count("\n") == 1
