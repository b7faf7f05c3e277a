"""`selftaught improve` on a user's own task: what it says when it works, and when it does not."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from selftaught.cli.main import exit_code
from selftaught.testing.chat_server import Behaviour, ChatServer

MAIN = "from selftaught.cli.main import main; main()"
TASK = '''"""Add up numbers."""

import my_scoring_package


def instance(seed):
    numbers = [seed % 7, seed % 11, seed % 13]
    return (numbers,), sum(numbers)


def algorithm(numbers):
    return max(numbers) + 1


def score(answer, expected):
    return my_scoring_package.closeness(answer, expected)
'''
PACKAGE = """import numpy


def closeness(answer, expected):
    return float(numpy.exp(-abs(answer - expected)))
"""
BETTER = "```python\ndef algorithm(numbers):\n    return sum(numbers)\n```"


@pytest.fixture
def task(tmp_path: Path) -> Path:
    package = tmp_path / "my_scoring_package"
    package.mkdir()
    (package / "__init__.py").write_text("from my_scoring_package.how import closeness\n")
    (package / "how.py").write_text(PACKAGE)
    path = tmp_path / "adding.py"
    path.write_text(TASK)
    return path


@pytest.fixture(autouse=True)
def forgotten() -> Any:
    """Each test imports its own copy of the task's package, as a new process would."""
    path = list(sys.path)
    yield
    sys.path[:] = path
    for name in [each for each in sys.modules if each.startswith("my_scoring_package")]:
        del sys.modules[name]


def better(_body: Mapping[str, Any], _number: int) -> str:
    return BETTER


def improve(server: ChatServer, *arguments: str) -> int:
    served = ["--model", "openai/m", "--base-url", server.base_url, "--price", "input=1,output=1"]
    return exit_code(["improve", *arguments, *served, "--yes"])


def test_the_end_tells_gain_change_place_price_and_next_steps(
    task: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "best.py"
    with ChatServer(reply=better) as server:
        code = improve(server, str(task), "-o", str(target))

    said = capsys.readouterr()
    told = " ".join(said.err.split())
    assert (code, said.out) == (0, "")
    assert target.read_text() == "def algorithm(numbers):\n    return sum(numbers)\n"
    assert "- return max(numbers) + 1 + return sum(numbers)" in told
    assert re.search(r"gain \+0\.\d{3} \+0\.\d{3} to \+[01]\.\d{3}", told)
    assert re.search(r"Better: \d+ pairs", told)
    assert re.search(r"Spent: 1 call, 6 samples, [\d,]+ tokens, 0\.\d{4} dollars", told)
    assert f"The better program is in {target}." in told
    assert f"selftaught score {task} {target} --split test" in told


def test_next_steps_are_commands_that_work(
    task: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(reply=better) as server:
        improve(server, str(task), "-o", str(tmp_path / "best.py"))
        said = capsys.readouterr().err
        score, again = re.findall(r"^  selftaught (.*?) #", said, re.MULTILINE)
        codes = [
            exit_code(score.split()),
            exit_code([*again.split(), "--price", "input=0,output=0"]),
        ]

    kept = re.search(r"selftaught show (\S+)\s+--program (\S+)", said)
    assert codes == [0, 0]
    assert kept
    capsys.readouterr()
    assert exit_code(["show", kept[1], "--program", kept[2]]) == 0
    assert capsys.readouterr().out == (tmp_path / "best.py").read_text()


def test_a_program_that_was_printed_is_not_looked_for_in_a_file(
    task: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(reply=better) as server:
        improve(server, str(task))

    printed = capsys.readouterr()
    first, _ = re.findall(r"^  selftaught (.*?) +# (.*)", printed.err, re.MULTILINE)
    command, file = first[0].split(" > ")
    assert "selftaught score" not in printed.err
    assert (file, first[1]) == ("better.py", "into a file, as -o better.py does at once")
    assert exit_code(command.split()) == 0
    assert capsys.readouterr().out == printed.out


def test_budgets_and_detail_come_from_the_file_and_the_options(
    task: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("tasks = ['lpn']\nseed = 4\n[session]\ncalls = 1\nsamples_per_call = 2\n")
    told = ["--experiment", str(settings), "--detail", "black-box"]
    with ChatServer(reply=lambda *_: "```python\ndef algorithm(n):\n    return 0\n```") as server:
        improve(server, str(task), *told)
        asked = str(server.book.requests[0])
        said = capsys.readouterr().err

    assert "Spent: 1 call, 2 samples" in said
    assert "closeness" not in asked
    assert f"selftaught improve {task} {' '.join(told[:2])} --model openai/m" in said
    assert "--detail black-box" in said
    assert "--seed 5" in said


def test_a_file_that_is_no_experiment_is_named_before_money_is_spent(
    task: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(reply=better) as server:
        code = improve(server, str(task), "--experiment", str(tmp_path / "none.toml"))

    assert (code, server.book.requests) == (2, [])
    assert "none.toml" in capsys.readouterr().err


def test_json_says_where_the_program_is(
    task: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "best.py"
    with ChatServer(reply=better) as server:
        code = improve(server, str(task), "-o", str(target), "--json")

    document = json.loads(capsys.readouterr().out)
    assert (code, document["status"], document["file"]) == (0, "improved", str(target))
    assert document["program"] + "\n" == target.read_text()
    assert document["spent"]["dollars"] > 0


def test_replies_without_a_program_are_a_failure_that_says_so(
    task: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "best.py"
    with ChatServer(reply=lambda *_: "I cannot help with that.") as server:
        code = improve(server, str(task), "-o", str(target))

    said = " ".join(capsys.readouterr().err.split())
    assert (code, target.exists()) == (1, False)
    assert "Failed: " in said
    assert "none of the 6 replies held a program" in said


def test_a_program_that_is_no_better_is_named_and_the_next_strategy_too(
    task: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(reply=lambda *_: "```python\ndef algorithm(n):\n    return 0\n```") as server:
        code = improve(server, str(task))

    said = capsys.readouterr()
    assert code == 0
    assert "return max(numbers) + 1" in said.out
    assert "Not improved: " in said.err
    assert "The seed solution, as it was, was printed." in said.err
    assert "--improver greedy_iterative" in said.err


def test_a_file_that_exists_is_replaced_only_by_force(
    task: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "best.py"
    target.write_text("precious")
    with ChatServer(reply=better) as server:
        refused = improve(server, str(task), "-o", str(target))
        kept, asked = target.read_text(), len(server.book.requests)
        forced = improve(server, str(task), "-o", str(target), "--force")

    assert (refused, kept, asked) == (2, "precious", 0)
    assert "there is such a file; give another name, or replace it with --force" in " ".join(
        capsys.readouterr().err.split()
    )
    assert forced == 0
    assert "sum(numbers)" in target.read_text()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("def score(answer", "def score(answer:", "adding.py, line 15: not Python"),
        ("def score", "def scored", "adding.py: expected functions instance and score; score is"),
        ("def algorithm", "def algorihm", "adding.py: expected a function 'algorithm'"),
        ("import my", "import no_such_module, my", "adding.py, line 3: ModuleNotFoundError"),
        ("max(numbers)", "max(number)", "adding.py, line 12: the seed solution fails on every"),
        (
            "my_scoring_package.closeness",
            "(lambda *_: 102)",
            "adding.py, line 15: score gave numbers outside",
        ),
        ("return my", "return no", "adding.py, line 16, in score: `return no_scoring_package"),
        (
            "return (numbers,), sum",
            "return numbers, sum",
            "adding.py, line 6: instance must return two things, the arguments of one call as",
        ),
        ("return (numbers,), sum", "return (object(),), sum", "arguments[0] is a object"),
        ("seed % 7,", "seed % 0,", "adding.py, line 7, in instance: ZeroDivisionError"),
    ],
)
def test_a_slip_in_the_file_is_named_with_its_line_before_money_is_spent(
    task: Path, capsys: pytest.CaptureFixture[str], before: str, after: str, words: str
) -> None:
    task.write_text(TASK.replace(before, after, 1))
    with ChatServer(reply=better) as server:
        code = improve(server, str(task))

    said = capsys.readouterr()
    assert (code, said.out, server.book.requests) == (2, "", [])
    assert words in " ".join(said.err.split())
    assert "Traceback" not in said.err


def test_a_fault_below_score_lists_the_users_lines_and_none_of_ours(
    task: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    how = task.parent / "my_scoring_package" / "how.py"
    how.write_text("import numpy\nSCALE = numpy.zeros(2)[2]\n")

    code = exit_code(["improve", str(task)])

    first, *notes = capsys.readouterr().err.splitlines()
    assert code == 2
    assert first.startswith(f"selftaught: {how}, line 2: IndexError: ")
    assert [note.rpartition(": ")[2] for note in notes] == [
        "import my_scoring_package",
        "from my_scoring_package.how import closeness",
        "SCALE = numpy.zeros(2)[2]",
    ]


@pytest.mark.slow
def test_an_interrupted_command_goes_on_and_pays_nothing_twice(task: Path, tmp_path: Path) -> None:
    answered = []

    def stuck_after_one(number: int, _: object) -> Behaviour:
        answered.append(number)
        # One reply each; all but the first wait for longer than the command lives.
        return Behaviour(most_samples=1, delay_seconds=0 if number == 0 else 60)

    with ChatServer(stuck_after_one, better) as server:
        line = ["improve", str(task), "-o", str(tmp_path / "best.py"), "--yes", "--model"]
        line += ["openai/m", "--base-url", server.base_url, "--price", "input=1,output=1"]
        command = [sys.executable, "-c", MAIN, *line]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            while len(answered) < 3:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)  # the first one waits for replies on their way
            _, errors = process.communicate(timeout=60)
        server.behave = lambda *_: Behaviour(most_samples=1)
        before = server.book.samples
        code = exit_code(line)

    assert process.returncode == 1
    assert "stopped at once by SIGINT" in errors
    assert code == 0
    assert (before, server.book.samples) == (1, 6)


@pytest.mark.parametrize("command", [["improve"], ["score"], ["run", "--task"]], ids=str)
def test_an_instance_that_ignores_its_seed_is_noticed_before_a_model_is_asked(
    task: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    task.write_text(f"import random\n{TASK}".replace("seed % 7", "random.random()"))
    with ChatServer() as server:
        asked = ["--model", "openai/x", "--base-url", server.base_url]
        code = exit_code([*command, str(task), *(["seed"] if command == ["score"] else asked)])

    said = " ".join(capsys.readouterr().err.split())
    assert code == 2
    assert f"{task}, line 7: the same seed must draw the same instance" in said
    assert server.book.requests == []
