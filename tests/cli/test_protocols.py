"""Protocols on the command line: quirks that can be left out, and improvers that return nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from selftaught.cli.main import exit_code

TASK = """
def instance(seed):
    return (seed % 7,), seed % 7

def score(answer, expected):
    return 0.5 if answer == expected else 0.1

def algorithm(number):
    return number
"""
OTHER = TASK.replace("number", "other_number")
HEAD = "def improve_algorithm(initial_solution, utility, language_model):\n"
FRAGILE = HEAD + "    return None if 'other' in initial_solution else initial_solution"
ONE_THAT_FAILS_ONCE = f"""{HEAD}    fragile = {FRAGILE!r}
    return fragile if utility(fragile) > 0 else initial_solution
"""
SPOILT = HEAD + "    return None  # spoilt"
ONE_THAT_SPOILS = f"""{HEAD}    if len(initial_solution) < {len(SPOILT) + 1}:
        return initial_solution.replace("None", "initial_solution")
    return {SPOILT!r}
"""
SMALL = """
iterations = {iterations}
repeats = 1
test_repeats = 2
[session]
samples_per_call = 1
"""


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a protocol with an improver, and returns the document that is printed."""
    for name, text in {"first": TASK, "other": OTHER}.items():
        (tmp_path / f"{name}.py").write_text(text)
    tasks = [part for name in ("first", "other") for part in ("--task", f"{tmp_path}/{name}.py")]

    def go(improver: str, protocol: str, *, iterations: int, options: tuple[str, ...]) -> str:
        (tmp_path / "improver.py").write_text(improver)
        (tmp_path / "small.toml").write_text(SMALL.format(iterations=iterations))
        command = ["run", str(tmp_path / "small.toml"), *tasks, "--protocol", protocol]
        assert exit_code([*command, "--improver", f"{tmp_path}/improver.py", *options]) == 0
        return capsys.readouterr().out

    return go


def generations(printed: str) -> list[dict[str, Any]]:
    return json.loads(printed)["iterations"]


@pytest.mark.parametrize(
    ("protocol", "search"), [("official", 0.5), ("official-without:failure_is_zero", 0.25)]
)
def test_one_failed_session_costs_all_only_with_the_quirk(
    run: Any, protocol: str, search: float
) -> None:
    printed = run(ONE_THAT_FAILS_ONCE, protocol, iterations=1, options=("--json",))

    last = generations(printed)[1]
    # With it, the fragile improver is worth 0 to the one that proposes, which keeps to itself.
    assert last["meta_utility"]["search"]["mean"] == pytest.approx(search)
    assert json.loads(printed)["protocol"] == protocol


@pytest.mark.parametrize("quirk", ["", "-without:text_falls_apart"])
def test_after_a_rejection_the_text_falls_apart_only_with_the_quirk(run: Any, quirk: str) -> None:
    printed = run(ONE_THAT_SPOILS, f"official{quirk}", iterations=2, options=("--json",))

    _, first, second = generations(printed)
    assert (first["fate"], first["accepted"]) == ("rejected", False)
    mends_the_rejected_text = second["challenger"] != first["challenger"]
    assert mends_the_rejected_text is (quirk == "")


@pytest.mark.parametrize("protocol", ["paper", "official", "gated"])
def test_an_improver_that_returns_nothing_is_not_said_to_be_rejected(
    run: Any, protocol: str
) -> None:
    crashing = HEAD + "    raise RuntimeError('no idea')"

    document = run(crashing, protocol, iterations=1, options=("--json",))
    table = run(crashing, protocol, iterations=1, options=())

    first, last = generations(document)
    assert (last["fate"], last["challenger"], last["accepted"]) == ("nothing returned", None, False)
    assert last["improver"] == first["improver"]
    assert ("algorithm 1 is silent on that" in last["reason"]) is (protocol == "paper")
    assert "nothing returned" in table
    assert "rejected" not in table


def test_help_tells_of_the_protocols_and_of_what_can_be_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for command in ("run", "study"):
        assert exit_code([command, "--help"]) == 0
        told = "".join(capsys.readouterr().out.replace("│", "").split())
        for name in ("official-without:", "text_falls_apart", "failure_is_zero", "independent"):
            assert name in told


def test_an_unknown_quirk_is_told_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["run", "--protocol", "official-without:speed"]) == 2

    error = capsys.readouterr().err
    assert "unknown quirk of official 'speed'" in error
    assert "failure_is_zero, text_falls_apart" in error
