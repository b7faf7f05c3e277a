"""What all reference improvers have in common, besides the contract of an improver."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.improvers.conftest import Apply, program

from selftaught.budget import Unit
from selftaught.client import Request, replies_of
from selftaught.improver import ENTRY
from selftaught.improvers import KNOWN
from selftaught.language_models.editor import Editor
from selftaught.parts import improver_summary, known_improver
from selftaught.sandbox import Sandbox
from selftaught.solution import Solution
from selftaught.tasks.lpn import task
from selftaught.testing.applications import Stated, apply, fenced
from selftaught.testing.improvers import assert_best

PROJECT = Path(__file__).parents[2]
SHORT = {"chain_of_thought": (1, 1, 0), "early_seed": (1, 5, 6), "seed": (1, 6, 6)}
"""Calls, samples and evaluations of those that leave a part of the default budget on purpose."""
ALLOWED = {"helpers", "ast", "concurrent.futures", "contextlib", "math", "random"}


@pytest.mark.parametrize("name", KNOWN)
def test_an_improver_uses_its_budget(applied: Apply, name: str) -> None:
    scores = (0.5 + 0.001 * number for number in range(100))

    done = applied(name, (fenced(program(score)) for score in scores))

    spent = [done.spent[unit] for unit in (Unit.CALLS, Unit.SAMPLES, Unit.EVALUATIONS)]
    assert tuple(spent) == SHORT.get(name, (4, 24, 25))


@pytest.mark.parametrize("name", KNOWN)
def test_an_improver_shows_solution_and_utility(applied: Apply, name: str) -> None:
    done = applied(name, lambda _: fenced(program(0.5)))

    message = done.calls[0][0].message
    assert "```python\ndef algorithm():\n    return 0.4\n```" in message
    assert f"```python\n{Stated.description}\n```" in message


@pytest.mark.parametrize("name", KNOWN)
def test_the_embedded_model_understands_what_an_improver_asks(sandbox: Sandbox, name: str) -> None:
    lpn = task("standard")
    replies: list[str] = []

    def reply(request: Request) -> str:
        replies.append(replies_of(Editor(seed=1), [request])[0].text)
        return replies[-1]

    done = apply(known_improver(name), sandbox, reply, initial=lpn.seed.text)

    assert_best(done)
    assert sum("```python" in text for text in replies) >= 0.9 * len(replies)


@pytest.mark.parametrize("name", KNOWN)
def test_an_improver_imports_nothing_of_ours(name: str) -> None:
    imported = set[str]()
    for node in ast.walk(ast.parse(known_improver(name).text)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")

    assert imported <= ALLOWED


@pytest.mark.parametrize("name", KNOWN)
def test_an_improver_is_one_short_function_that_says_what_it_does(name: str) -> None:
    improver = known_improver(name)

    functions = [n.name for n in ast.parse(improver.text).body if isinstance(n, ast.FunctionDef)]

    assert functions == [ENTRY]
    assert len(improver.text.splitlines()) <= 80
    assert improver_summary(improver).endswith(".")


def test_every_improver_is_known_by_its_file() -> None:
    assert all(isinstance(known_improver(name), Solution) for name in KNOWN)
    assert list(KNOWN) == sorted(KNOWN)


def test_the_documentation_has_every_improver() -> None:
    page = (PROJECT / "docs" / "improvers.md").read_text()

    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(KNOWN)


@pytest.mark.slow
def test_the_table_of_tasks_and_improvers_is_made_without_a_fault() -> None:
    script = PROJECT / "benchmarks" / "improver_table.py"
    chosen = ["--tasks", "lpn", "--improvers", "chain_of_thought", "early_seed"]

    done = subprocess.run(
        [sys.executable, script, *chosen], capture_output=True, text=True, check=True
    )

    assert "Crashes and refusals: 0." in done.stdout
    assert re.search(r"\n\| `early_seed` \| .* \| 1\.0 \| 5\.0 \| [56]\.0 \|\n", done.stdout)
