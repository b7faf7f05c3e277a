"""The command line as a person, and as a script, meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from selftaught.cli.main import exit_code

SMALL = """
repeats = 2
gate_repeats = 2
test_repeats = 2
iterations = 1

[session]
calls = 1
samples_per_call = 2
evaluations = 3

[self_session]
calls = 1
samples_per_call = 2
evaluations = 3
"""
MAIN = "from selftaught.cli.main import main; main()"
OWN_TASK = '''"""Add up numbers."""

def instance(seed):
    numbers = [seed % 7, seed % 11, seed % 13]
    return (numbers,), sum(numbers)

def score(answer, expected):
    return float(answer == expected)

def algorithm(numbers):
    return max(numbers) + 1
'''


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return str(path)


@pytest.fixture
def own_task(tmp_path: Path) -> str:
    path = tmp_path / "adding.py"
    path.write_text(OWN_TASK)
    return str(path)


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_run_prints_one_document_with_every_promised_field(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code(["run", small, "--seed", "1", "--json"])

    printed = document(capsys)
    assert code == 0
    assert printed["protocol"] == "gated"
    assert printed["model"] == "editor"
    assert printed["tasks"] == ["lpn"]
    assert printed["seed"] == 1
    assert [row["t"] for row in printed["iterations"]] == [0, 1]
    first, last = printed["iterations"]
    assert first["accepted"] is True
    assert first["meta_utility"]["gate"] is None
    fields = {"mean", "low", "high", "n", "of", "interval"}
    assert last["meta_utility"]["test"].keys() == fields
    units = {"calls", "samples", "tokens", "dollars", "evaluations", "seconds"}
    assert printed["spent"].keys() == units
    assert len(printed["result_hash"]) == 64


def test_the_same_seed_gives_the_same_result_with_any_number_of_workers(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hashes: set[str] = set()
    for workers in ("1", "8", "8"):
        exit_code(["run", small, "--seed", "1", "--workers", workers, "--json"])
        hashes.add(document(capsys)["result_hash"])

    exit_code(["run", small, "--seed", "2", "--json"])

    assert len(hashes) == 1
    assert document(capsys)["result_hash"] not in hashes


def test_show_prints_what_run_printed(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(["run", small, "--name", "first", "--json"])
    printed = document(capsys)

    assert exit_code(["show", "first", "--json"]) == 0

    assert document(capsys) == printed


def test_show_names_a_run_that_is_not_there(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(["run", small, "--iterations", "0", "--name", "first", "--json"])

    assert exit_code(["show", "fist"]) == 2

    assert "unknown run 'fist': did you mean 'first'?" in capsys.readouterr().err


def test_show_makes_no_file(tmp_path: Path) -> None:
    assert exit_code(["show"]) == 0
    assert exit_code(["show", "--store", str(tmp_path / "no" / "such.db")]) == 2

    assert list(tmp_path.iterdir()) == []


def test_show_prints_a_program_of_a_run(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(["run", small, "--iterations", "0", "--name", "first", "--json"])
    improver = document(capsys)["iterations"][0]["improver"]

    exit_code(["show", "first", "--program", improver])

    assert "def improve_algorithm(" in capsys.readouterr().out


def test_tables_are_made_for_people(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(["run", small, "--name", "first"])

    printed = capsys.readouterr()

    assert "program editor, not a neural network" in printed.out
    assert "improvers are selected on search" in printed.out
    assert "95 % intervals, Student's t" in printed.out
    assert "n counts sessions" in printed.out
    assert "the seed solution of lpn scores" in printed.err
    assert "selftaught show first" in printed.out


def test_a_run_that_reaches_a_limit_is_cut_short_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limited = tmp_path / "limited.toml"
    limited.write_text("[limits]\nsamples = 7\n")

    code = exit_code(["run", str(limited), "--json"])

    printed = document(capsys)
    assert code == 1
    assert printed["status"] == "cut short"
    assert "the run may spend 7 samples" in printed["reason"]
    assert printed["spent"]["samples"] <= 7


def test_improve_writes_the_program_and_reports_the_comparison(
    own_task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "better.py"

    code = exit_code(["improve", own_task, "-o", str(target), "--seed", "3", "--json"])

    printed = document(capsys)
    assert code == 0
    assert "def algorithm" in target.read_text() == printed["program"] + "\n"
    assert printed["status"] in ("improved", "not improved")
    assert printed["comparison"].keys() == {"seed", "returned", "gain", "p"}
    assert printed["spent"]["samples"] == 6


def test_score_agrees_with_the_known_value_of_a_program(
    own_task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    solution = tmp_path / "solution.py"
    solution.write_text("def algorithm(numbers):\n    return sum(numbers)\n")

    command = ["score", own_task, str(solution), "--split", "test", "--seed", "5", "--json"]
    code = exit_code(command)

    assert code == 0
    assert document(capsys) == {
        "task": "adding",
        "preset": "own",
        "split": "test",
        "seed": 5,
        "score": 1.0,
        "low": 0.838875,
        "high": 1.0,
        "n": 20,
        "of": "instances",
        "interval": "Wilson's",
        "outcome": "ok",
        "message": "",
        "failures": {},
    }


def test_score_says_what_its_interval_is(own_task: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["score", own_task, "seed"]) == 0

    printed = " ".join(capsys.readouterr().out.split())
    assert ", 95 % interval " in printed
    assert "n = 20 instances)" in printed


def test_a_utility_that_one_failure_spoils_has_no_interval(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = tmp_path / "late.py"
    late.write_text(
        "def algorithm(samples, labels, tests):\n"
        "    return [0] * 20 if sum(labels) % 3 else 1 / 0\n"
    )
    command = ["score", "lpn", str(late), "--preset", "paper"]

    exit_code([*command, "--json"])
    printed = document(capsys)
    exit_code(command)

    assert (printed["score"], printed["low"], printed["high"]) == (1e-6, None, None)
    assert printed["interval"] == "none: the value is no mean of the measurements"
    text = " ".join(capsys.readouterr().out.split())
    assert "no interval: the value is no mean of the measurements (n = 20 instances)" in text


@pytest.mark.slow
def test_scores_without_a_scale_have_intervals_around_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    halves = tmp_path / "halves.py"
    halves.write_text("def algorithm(weights):\n    return [i % 2 for i in range(len(weights))]\n")

    exit_code(["score", "max_cut", str(halves), "--preset", "paper", "--json"])

    printed = document(capsys)
    assert 840 < printed["low"] < printed["score"] < printed["high"] < 1080
    assert (printed["n"], printed["interval"]) == (100, "Student's t")


@pytest.mark.parametrize("command", ["tasks", "improvers", "models", "show"])
def test_listings_are_json_for_scripts(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = exit_code([command, "--json"])

    assert code == 0
    assert isinstance(document(capsys), list)


def test_doctor_says_what_holds(capsys: pytest.CaptureFixture[str]) -> None:
    code = exit_code(["doctor", "--json"])

    checks = {check["name"]: check for check in document(capsys)}
    assert code == 0
    assert checks["isolation: full"]["holds"]
    assert "not a neural network" in checks["model: editor"]["detail"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--json", "--iterations", "x"], "'--iterations'"),
        (["run", "--json", "--task", "lpm"], "unknown task 'lpm': did you mean 'lpn'?"),
        (["run", "--json", "--wrong"], "--wrong"),
        (["score", "--json", "lpn"], "Missing argument 'program'"),
        (["improve", "nowhere.py", "--json"], "there is no such file or folder"),
        (["show", "nothing", "--json"], "no journal at "),
        (["verify", "nothing", "--json"], "no journal at "),
        (["study", "nothing", "--json"], "unknown study 'nothing'"),
    ],
)
def test_a_script_that_wants_json_gets_a_failure_as_json_too(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code(arguments)

    said = capsys.readouterr()
    failed = json.loads(said.out)
    assert (code, failed["exit_code"], failed["run"]) == (2, 2, None)
    assert words in failed["error"]
    assert f"selftaught: {failed['error']}" in " ".join(said.err.split())


def test_an_application_that_was_cut_short_says_so_in_json_with_its_run(
    own_task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limited = tmp_path / "limited.toml"
    limited.write_text("[limits]\nevaluations = 2\n")

    code = exit_code(
        ["improve", own_task, "--experiment", str(limited), "--name", "short", "--json"]
    )

    failed = document(capsys)
    assert (code, failed["exit_code"], failed["run"]) == (1, 1, "short")
    assert failed["error"].endswith(": the same command, or one with a higher limit, goes on")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--iterations", "x"], "'--iterations'"),
        (["run", "--iterations", "-1"], "iterations: input should be greater than or equal to 0"),
        (["run", "--wrong"], "selftaught run --help"),
        (["run", "--task", "lpm"], "unknown task 'lpm': did you mean 'lpn'?"),
        (["run", "--model", "gpt"], "unknown model 'gpt': known are editor"),
        (
            ["run", "--improver", "sed"],
            "did you mean 'seed'? known are annealing, bandit, beam_search",
        ),
        (["run", "--preset", "none"], "known are hard, paper, standard"),
        (
            ["run", "--protocol", "none"],
            "unknown protocol 'none': known are gated, independent, official, paper",
        ),
        (["run", "nowhere.toml"], "cannot read nowhere.toml"),
        (["run", "--isolation", "none"], "isolation"),
        (
            ["run", "--name", "../x"],
            "name: expected letters, digits, '.', '_' and '-', at most 100",
        ),
        (["improve", __file__, "--preset", "bogus"], "known are hard, paper, standard"),
        (["improve", "nowhere.py"], "task 'nowhere.py': there is no such file or folder"),
        (["improve", "lpn", "-o", "no/such/folder.py"], "there is no folder no/such"),
        (["score", "lpn", "nothing"], "known are reference, seed"),
        (["score", "lpn", "seed", "--split", "all"], "known are gate, search, test"),
        (["show", "nothing"], "no journal at "),
        (["show", "--store", "no/such.db"], "no journal at no/such.db: it begins with a run"),
        (["show", "--program", "0"], "--program needs the run"),
        (["show", "--store", "nosuch://me:secret@x"], "at nosuch://me:***@x: expected the path"),
        (["rum"], "'rum'"),
        (["run", "--task", "x" * 5000], "unknown task 'xxx"),
        (["run", "--improver", "x" * 5000], "unknown improver 'xxx"),
        (["score", "lpn", "x" * 5000], "unknown program for lpn 'xxx"),
        (["run", "--task", ""], "unknown task ''"),
        (["run", "--improver", "no/such"], "improver 'no/such': there is no such file or folder"),
        (["run", "--task", "os:system"], "task 'os:system': expected a Task, not <built-in"),
        (["run", "--model", "os:system"], "model 'os:system': cannot call it with seed=0"),
        (["run", "--model", "os:path"], "model 'os:path': cannot call it with seed=0"),
        (["run", "--model", "builtins:dict"], "model 'builtins:dict': cannot call it"),
    ],
)
def test_wrong_usage_exits_with_2_and_one_line_that_says_what_was_expected(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code(arguments)

    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert words in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tasks = [", "is not TOML"),
        ('taks = ["lpn"]', "unknown field 'taks'"),
        ('tasks = "lpn"', "tasks: expected a list, such as [\"lpn\"], not 'lpn'"),
        ('seed = "one"', "seed: input should be a valid integer"),
        ("x = " + "[" * 100_000, "nested too deeply"),
        ('executor = "os:getcwd"', "executor 'os:getcwd': cannot call it with 0"),
        ('executor = "builtins:str"', "executor 'builtins:str': expected an Executor"),
        ("[session]\ncalls = 0", "session.calls: input should be greater than or equal to 1"),
    ],
)
def test_a_malformed_experiment_exits_with_2_and_names_the_field(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)

    code = exit_code(["run", str(path)])

    assert code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f(:", "not Python"),
        ("x = 1", "expected a function improve_algorithm"),
        ("x = " + "-" * 50_000 + "1", "nested too deeply"),
        ("#" * 200_001, "a program may have 200,000 characters; this has 200,001"),
    ],
)
def test_an_improver_that_is_none_exits_with_2(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "improver.py"
    path.write_text(text)

    code = exit_code(["run", "--improver", str(path)])

    assert code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("body", ["return None", "raise ValueError('no')", "return 42", "1 / 0"])
def test_an_improver_that_fails_is_a_recorded_outcome_and_the_run_goes_on(
    body: str, small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "improver.py"
    path.write_text(
        f"def improve_algorithm(initial_solution, utility, language_model):\n    {body}"
    )

    code = exit_code(["run", small, "--improver", str(path), "--json"])

    printed = document(capsys)
    assert code == 0
    assert printed["iterations"][0]["meta_utility"]["search"]["mean"] == 0
    assert printed["iterations"][1]["accepted"] is False
    assert "no program came back" in printed["iterations"][1]["reason"]


def test_a_store_that_cannot_be_written_exits_with_1_and_says_where(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")

    code = exit_code(["run", small, "--store", str(tmp_path / "file" / "journal.db")])

    assert code == 1
    assert "journal" in capsys.readouterr().err


def test_the_name_of_another_run_exits_with_2(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code(["run", small, "--iterations", "0", "--name", "first", "--json"])

    code = exit_code(["run", small, "--iterations", "1", "--name", "first", "--json"])

    assert code == 2
    error = capsys.readouterr().err
    assert "there is a run 'first' already, and its iterations is 0, not 1" in error


def test_a_run_that_is_done_is_not_repeated(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["run", small, "--iterations", "0", "--name", "first", "--json"]
    exit_code(command)
    first = capsys.readouterr().out

    code = exit_code(command)

    again = capsys.readouterr()
    assert code == 0
    assert again.out == first
    assert "measuring" not in again.err


def selftaught(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", MAIN, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, **options)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_a_run_cleanly(number: signal.Signals) -> None:
    with selftaught("run", "--json") as process:
        assert process.stderr
        for line in process.stderr:
            if "generation 0: measuring" in line:
                break
        process.send_signal(number)
        output, _ = process.communicate(timeout=60)

    printed = json.loads(output)
    assert process.returncode == 1
    assert printed["status"] == "cut short"
    assert printed["reason"] == f"stopped by {number.name}"


PRINTING_TASK = f"""
print("from the top level")
{OWN_TASK}
"""


def test_what_a_task_prints_does_not_mix_with_the_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "printing.py"
    path.write_text(PRINTING_TASK.replace("    return float", "    print('hm')\n    return float"))
    solution = tmp_path / "solution.py"
    solution.write_text("def algorithm(numbers):\n    return sum(numbers)\n")

    exit_code(["score", str(path), str(solution), "--json"])

    printed = capsys.readouterr()
    assert json.loads(printed.out)["score"] == 1.0
    assert "from the top level" in printed.err
    assert "hm" in printed.err


@pytest.mark.parametrize("name", ["", ".", "/proc/nothing", "x" * 5000])
def test_a_file_that_cannot_be_written_is_refused_before_the_work(
    name: str, own_task: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code(["improve", own_task, "-o", name])

    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert printed.err.startswith("selftaught: cannot write ")
    assert printed.err.count("\n") == 1


def test_a_program_that_cannot_be_written_goes_to_stdout(
    own_task: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code(["improve", own_task, "-o", "/dev/full"])

    printed = capsys.readouterr()
    assert code == 1
    assert "def algorithm" in printed.out
    assert "cannot write /dev/full: " in printed.err


@pytest.mark.parametrize("command", ["improvers", "improvers --json", "--help"])
@pytest.mark.parametrize("stdout", [">/dev/full", ">&-"])
def test_an_output_that_cannot_be_written_exits_with_1_and_one_line(
    command: str, stdout: str
) -> None:
    line = f"{sys.executable} -c '{MAIN}' {command} {stdout}"
    done = subprocess.run(line, shell=True, stderr=subprocess.PIPE, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("selftaught: cannot write ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["improve", "score"])
def test_a_signal_while_the_task_is_loaded_ends_with_1_and_one_line(
    number: signal.Signals, command: str, tmp_path: Path
) -> None:
    path = tmp_path / "signalling.py"
    path.write_text(f"import os\nos.kill(os.getpid(), {int(number)})\n{OWN_TASK}")

    arguments = [str(path), "seed"] if command == "score" else [str(path)]
    with selftaught(command, *arguments) as process:
        output, errors = process.communicate(timeout=60)

    assert (process.returncode, output) == (1, "")
    assert "Traceback" not in errors
    assert errors.splitlines()[-1].startswith(("selftaught: interrupted", "selftaught: stopped by"))


def test_a_second_signal_ends_a_run_at_once() -> None:
    with selftaught("run", "--json") as process:
        assert process.stderr
        for line in process.stderr:
            if "generation 0: measuring" in line:
                break
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=60)

    assert (process.returncode, output) == (1, "")
    assert errors.endswith("selftaught: stopped at once by SIGTERM\n")


def test_control_characters_do_not_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "coloured.py"
    path.write_text(OWN_TASK.replace("max(numbers) + 1", "int('\\x1b[31m\\u202e')"))

    assert exit_code(["score", str(path), "seed"]) == 0
    assert exit_code(["improve", "\x1b[31m"]) == 2

    printed = capsys.readouterr()
    assert "\x1b" not in printed.out + printed.err
    assert "\u202e" not in printed.out + printed.err


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_numbers_are_whole_in_a_narrow_terminal(
    columns: int, small: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    exit_code(["run", small, "--seed", "1", "--name", "narrow", "--json"])
    search = document(capsys)["iterations"][0]["meta_utility"]["search"]["mean"]
    exit_code(["show", "narrow"])

    printed = capsys.readouterr().out
    assert f"{search:.3f}" in printed
    assert "…" not in printed


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "selftaught", "improvers", "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)

    assert any(each["improver"] == "seed" for each in json.loads(done.stdout))


@pytest.mark.parametrize(
    ("command", "default"),
    [("run", "2"), ("run", "gated"), ("improve", "cores"), ("score", "full")],
)
def test_help_tells_the_defaults(
    command: str, default: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code([command, "--help"])

    assert f"[default: {default}]" in capsys.readouterr().out


def test_help_comes_without_the_engine() -> None:
    code = "import sys, selftaught.cli.main as m; m.exit_code(['--help']); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )

    loaded = set(done.stdout.splitlines()[-1].split())
    assert "selftaught" in loaded
    assert not loaded & {"numpy", "sqlalchemy", "selftaught.running.runner"}


def test_show_prints_what_improve_printed(
    own_task: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code(["improve", own_task, "--seed", "3", "--json"])
    improved = document(capsys)

    exit_code(["show", improved["run"], "--json"])
    shown = document(capsys)
    exit_code(["show", improved["run"]])

    assert shown["application"]["status"] == improved["status"]
    assert shown["comparison"] == improved["comparison"]
    assert f"applied once to adding, model editor, seed 3: {improved['status']}" in " ".join(
        capsys.readouterr().out.split()
    )


def test_a_task_that_is_named_twice_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code = exit_code(["run", "--task", "lpn", "--task", "lpn"])

    assert code == 2
    assert "expected different ones" in capsys.readouterr().err
