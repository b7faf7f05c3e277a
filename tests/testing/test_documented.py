"""The suites from outside: the files of the documentation pass, and what fails says why."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the documentation shows."""
    text = (PROJECT / "docs" / "testing.md").read_text()
    for name, program in re.findall(
        r"^```python\n# (\w+\.py)\n(.*?)^```", text, re.MULTILINE | re.DOTALL
    ):
        (tmp_path / name).write_text(program)
    return tmp_path


def checked(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "--rootdir", str(folder), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_documented_task_and_improver_pass_without_a_warning(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) == 4

    done = checked(folder)

    assert done.returncode == 0, done.stdout
    assert "warning" not in done.stdout
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) > 40


@pytest.mark.slow
def test_the_task_of_the_readme_passes_with_a_good_program(folder: Path) -> None:
    readme = (PROJECT / "README.md").read_text()
    task = re.findall(r"^```python\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)[0]
    (folder / "balance.py").write_text(task)

    done = checked(folder, "test_balance.py")

    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_a_task_that_pays_for_garbage_is_told_for_what(folder: Path) -> None:
    careless = folder / "balance.py"
    careless.write_text(careless.read_text().replace("    assert set(sides) <= {0, 1}\n", ""))

    done = checked(folder, "test_balance.py", "-k", "garbage or shape")

    assert "2 failed" in done.stdout
    assert "score() pays for answers that are none: [[nan, nan" in done.stdout
    # Rewritten by pytest, an assertion shows both sides.
    assert re.search(r"assert \[0\.\d+.*\] == \[0\.0", done.stdout)
