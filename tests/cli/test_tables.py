"""What people read of a run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.analysis.test_summary import ACCEPTED, BASELINE, BETTER, EVENTS, STARTED, WORSE

from selftaught.analysis.summary import summarise
from selftaught.cli.tables import print_summary


@pytest.fixture
def columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.usefixtures("columns")
def test_a_rejected_challenger_is_shown_with_its_gate_and_the_incumbents(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_summary(summarise(EVENTS))

    printed = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    assert "t challenger its gate incumbent's gain, n = 2" in lines
    assert f"1 {BETTER.id} accepted 0.800 0.500 +0.300" in lines
    assert f"2 {WORSE.id} rejected 0.100 0.750 -0.650" in lines


@pytest.mark.usefixtures("columns")
def test_the_gain_of_a_challenger_has_its_interval(capsys: pytest.CaptureFixture[str]) -> None:
    spread = replace(ACCEPTED, gate=(0.8, 0.5, 0.9), incumbent_gate=(0.5, 0.7, 0.2))

    print_summary(summarise([STARTED, BASELINE, spread]))

    printed = " ".join(capsys.readouterr().out.split())
    assert f"{BETTER.id} accepted 0.733 0.467 +0.267 -0.853 to +1.387 " in printed


def test_a_run_without_a_gate_has_no_table_of_challengers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_summary(summarise([STARTED, BASELINE, replace(ACCEPTED, gate=None, incumbent_gate=None)]))

    assert "challenger" not in capsys.readouterr().out
