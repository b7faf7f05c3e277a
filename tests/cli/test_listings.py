"""What `selftaught tasks` lists, and the paper's figure at the command line."""

from __future__ import annotations

import json

import pytest

from selftaught.cli.main import exit_code
from selftaught.parts import find_improver, find_task
from selftaught.tasks import KNOWN


def test_every_defect_is_listed_with_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["tasks", "--json"]) == 0

    rows = json.loads(capsys.readouterr().out)
    listed = {row["task"]: row["defects"] for row in rows if row["preset"] == "paper"}
    assert listed == {name: dict(find_task(name, "paper").defects) for name in KNOWN}
    assert all(row["defects"] == {} for row in rows if row["preset"] != "paper")


def test_improvers_are_listed_by_the_names_that_options_take(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert exit_code(["improvers", "--json"]) == 0

    rows = json.loads(capsys.readouterr().out)
    assert {row["digest"] for row in rows} == {find_improver(row["improver"]).id for row in rows}
    assert all("id" not in row for row in rows)


def test_the_list_for_people_says_how_to_leave_a_defect_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert exit_code(["tasks"]) == 0

    printed = capsys.readouterr().out
    assert "--preset paper-without:DEFECT,DEFECT" in printed
    assert "rewritten_formula" in printed


def test_the_text_itself_scores_what_the_paper_prints(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = "score string_grid_distance seed --preset paper --split test --json"

    assert exit_code(arguments.split()) == 0

    result = json.loads(capsys.readouterr().out)
    assert round(result["score"], 4) == 0.4389
    assert (result["task"], result["preset"], result["n"]) == ("string_grid_distance", "paper", 50)


def test_a_score_tells_which_defects_were_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = "score string_grid_distance seed --json --preset paper-without:"
    names = "misleading_text,fixed_instances"

    assert exit_code(f"{arguments}{names}".split()) == 0

    preset = json.loads(capsys.readouterr().out)["preset"]
    assert preset == "paper-without:fixed_instances,misleading_text"
