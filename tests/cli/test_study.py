"""`selftaught study` as a person, and as a script, meets it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from selftaught.cli.main import exit_code
from selftaught.studies import KNOWN

MAIN = "from selftaught.cli.main import main; main()"
ADDING = '''"""Add up numbers."""

def instance(seed):
    numbers = [seed % 7, seed % 11, seed % 13]
    return (numbers,), sum(numbers)

def score(answer, expected):
    return 1 / (1 + abs(answer - expected))

def algorithm(numbers):
    return max(numbers) + 1
'''
SMALL = """
iterations = 1
repeats = 1
test_repeats = 2

[session]
calls = 1
samples_per_call = 2
evaluations = 3

[self_session]
calls = 1
samples_per_call = 2
evaluations = 2
"""


@pytest.fixture
def small(tmp_path: Path) -> list[str]:
    """Options for a study of a second or two."""
    (tmp_path / "adding.py").write_text(ADDING)
    (tmp_path / "small.toml").write_text(SMALL)
    return ["--experiment", str(tmp_path / "small.toml"), "--task", str(tmp_path / "adding.py")]


def test_studies_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["study", "--json"]) == 0

    listed = json.loads(capsys.readouterr().out)
    assert {each["name"] for each in listed} == set(KNOWN)
    assert all(each["summary"].partition("?")[1] and each["runs"] >= 1 for each in listed)
    assert exit_code(["study"]) == 0
    assert "unsandboxing" in capsys.readouterr().out


def test_help_names_the_paper_only_where_it_has_the_study(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exit_code(["study", "--help"])

    printed = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "as in the paper, where it has the study]" in printed


def test_a_study_says_first_what_it_takes_and_prints_one_document(
    small: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figure = tmp_path / "curve.svg"
    command = ["study", "meta-utility-curve", *small, "--runs", "1", "--figure", str(figure)]

    assert exit_code([*command, "--json"]) == 0

    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert document["study"] == "meta-utility-curve"
    assert [point["t"] for point in document["mean"]] == [0, 1]
    first = printed.err.splitlines()[0]
    # The file says nothing of the protocol: the study's own holds, in which two tests are made.
    assert first == (
        "selftaught: the study meta-utility-curve takes at most 8 improver sessions, 9 calls, "
        "18 samples, 35 evaluations; what is done already is free"
    )
    assert figure.read_text().startswith("<?xml")


def test_a_study_that_is_done_is_told_again_for_nothing(
    small: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["study", "weak-models", *small, "--runs", "1"]
    assert exit_code(command) == 0
    first = capsys.readouterr()

    assert exit_code(command) == 0

    again = capsys.readouterr()
    assert again.out == first.out
    assert "gained at least 3 %" in again.out
    assert len(again.err.splitlines()) == 1


def test_progress_says_which_run_of_how_many_it_is(
    small: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["study", "weak-models", *small, "--seed", "5"]
    exit_code([*command, "--runs", "1"])
    capsys.readouterr()

    exit_code([*command, "--runs", "3"])

    starts = [line for line in capsys.readouterr().err.splitlines() if "of 3" in line]
    # The first is done, and passes in silence.
    assert [line.partition("run ")[2][:6] for line in starts] == ["2 of 3", "3 of 3"]
    assert "about 0:0" in starts[1]
    assert " left: study-" in starts[1]


def test_a_table_without_rows_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "silent_model.py").write_text(
        "from selftaught.language_models.scripted import Scripted\n"
        "def model(seed): return Scripted(lambda request: 'No.')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    exit_code(["study", "unsandboxing", "--runs", "3", "--model", "silent_model:model"])

    printed = " ".join(capsys.readouterr().out.split())
    assert "count of n: no program that parses is unsandboxed." in printed
    assert "syntax tree without warning" not in printed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_a_study_and_the_same_command_goes_on(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["study", "unsandboxing", "--runs", "100", "--json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, *command], stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if "asking for replies" in line:
                break
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)

    assert (process.returncode, output) == (1, "")
    assert errors.splitlines()[-1] == (
        f"selftaught: stopped by {number.name}; repeat the command to go on from here, with a "
        "higher limit where one was reached"
    )
    assert exit_code(command) == 0
    printed = capsys.readouterr()
    document: Any = json.loads(printed.out)
    assert "taken up again where it was interrupted" in printed.err
    assert [each["replies"] for each in document["conditions"].values()] == [100, 100]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tranfer"], "unknown study 'tranfer': did you mean 'transfer'?"),
        (["transfer", "--runs", "0"], "greater than or equal to 1"),
        (["transfer", "--on", "no_such"], "unknown task 'no_such'"),
        (["transfer", "--on", "lpn"], "'lpn' was trained on"),
        (["transfer", "--from", "no_such"], "no journal at"),
        (["transfer", "--preset", "no_such"], "unknown preset of lpn 'no_such'"),
        (["transfer", "--figure", "no/such/a.svg"], "does not exist"),
        (["transfer", "--figure", "a.gif"], "expected a name that ends in .svg, .pdf, .png"),
        (["weak-models", "--figure", "a.svg"], "the study weak-models takes no --figure"),
        (["weak-models", "--on", "max_cut"], "the study weak-models takes no --on"),
        (["unsandboxing", "--from", "x"], "the study unsandboxing takes no --from"),
        (["unsandboxing", "--protocol", "gated"], "unsandboxing takes no --protocol: it would"),
        (["unsandboxing", "--task", "lpn"], "the study unsandboxing takes no --task"),
        (["unsandboxing", "--detail", "black-box"], "the study unsandboxing takes no --detail"),
        (["transfer", "--from", "x", "--iterations", "2"], "takes no --iterations with --from"),
        (["weak-models", "--detail", "blackbox"], "detail: input should be 'black-box'"),
        (["unsandboxing", "--model", "no_such"], "unknown model 'no_such'"),
        (["weak-models", "--experiment", "no_such.toml"], "no_such.toml"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_was_expected(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["study", *arguments]) == 2

    printed = capsys.readouterr()
    errors = [line for line in printed.err.splitlines() if "takes at most" not in line]
    assert printed.out == ""
    assert len(errors) == 1
    assert message in errors[0]


def test_a_store_that_cannot_be_written_exits_with_1_and_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    store = str(tmp_path / "file" / "journal.db")

    assert exit_code(["study", "unsandboxing", "--runs", "1", "--store", store]) == 1

    estimate, error = capsys.readouterr().err.splitlines()
    assert "takes at most 2 calls" in estimate
    assert error.startswith("selftaught: ")
    assert "journal" in error


def test_a_study_spends_no_money_before_it_is_agreed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    command = ["study", "unsandboxing", "--runs", "50", "--model", "openai/gpt-4o"]

    assert exit_code([*command, "--price", "input=2.5,output=10"]) == 2

    printed = capsys.readouterr()
    assert "openai/gpt-4o will take at most 100 replies, " in printed.err
    assert " dollars: say --yes to agree" in printed.err


def test_runs_of_studies_are_shown_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(["study", "unsandboxing", "--runs", "2", "--json"])
    run = json.loads(capsys.readouterr().out)["runs"][0]

    assert exit_code(["show", run]) == 0

    printed = " ".join(capsys.readouterr().out.split())
    assert "replies of a language model for a study" in printed
    assert "seed improver" not in printed
