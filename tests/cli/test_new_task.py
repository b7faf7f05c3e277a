"""From nothing to a better program, in the commands that `new-task` prints."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from selftaught.cli.main import exit_code


def test_the_commands_that_are_printed_work_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert exit_code(["new-task", "my_task"]) == 0

    printed = re.findall(r"^  selftaught (.*?) +#", capsys.readouterr().out, re.MULTILINE)
    free = [shlex.split(command) for command in printed if "--model" not in command]
    codes = [exit_code(command) for command in free]

    assert [command[0] for command in free] == ["score", "score", "improve"]
    assert codes == [0, 0, 0]
    assert "def algorithm" in (tmp_path / "better.py").read_text()


def test_a_task_elsewhere_is_named_by_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = tmp_path / "my tasks"
    where.mkdir()

    assert exit_code(["new-task", "one", "--directory", str(where)]) == 0
    assert f"selftaught score '{where / 'one'}' seed" in capsys.readouterr().out

    assert exit_code(["new-task", "two", "--directory", str(where), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "task": "two",
        "folder": str(where / "two"),
        "files": ["README.md", "utility.py", "seed.py", "reference.py"],
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a/b"], "expected a name such as route_planning"),
        (["lpn"], "comes with selftaught"),
        (["new", "--directory", "/proc/nothing"], "cannot make /proc/nothing/new"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_written_exits_with_2_and_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code(["new-task", *arguments])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert words in said.err
    assert said.err.count("\n") == 1
