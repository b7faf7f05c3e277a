"""The examples, and the code in the documents, run as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


def test_stop_in_100_lines_improves_an_improver() -> None:
    path = PROJECT / "examples" / "stop_in_100_lines.py"

    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True)

    scores = [float(line.rpartition(" ")[2]) for line in done.stdout.splitlines()]
    assert len(scores) == 5
    # The seed improver finds better solutions than the seed, and so do those that follow.
    assert min(scores[1:]) > scores[0]


def test_stop_in_100_lines_has_100_lines() -> None:
    lines = (PROJECT / "examples" / "stop_in_100_lines.py").read_text().splitlines()

    assert sum(bool(line.strip()) for line in lines) <= 100


@pytest.mark.parametrize("document", ["README.md", "docs/library.md"])
def test_python_in_the_documents_runs(document: str, tmp_path: Path) -> None:
    text = (PROJECT / document).read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    script = tmp_path / "document.py"
    script.write_text("\n\n".join(small(block) for block in blocks))

    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def small(block: str) -> str:
    """Makes the experiments of a document small."""
    return block.replace("iterations=4", "iterations=1, repeats=1, test_repeats=1, gate_repeats=1")
