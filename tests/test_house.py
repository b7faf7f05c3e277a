"""The contributor's commands, and what the documents say of them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
DOCUMENTS = [
    *(PROJECT / name for name in ("AGENTS.md", "CONTRIBUTING.md", "README.md")),
    *(PROJECT / "docs").rglob("*.md"),
    *(PROJECT / "changelog.d").glob("*.md"),
]

MODULES = sorted((PROJECT / "src").rglob("*.py"))


def targets() -> set[str]:
    makefile = (PROJECT / "Makefile").read_text()
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def test_make_help_lists_every_target() -> None:
    shown = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True)

    assert set(re.findall(r"^make ([a-z-]+) +\S", shown.stdout, re.MULTILINE)) == targets()


def test_every_target_is_phony() -> None:
    makefile = (PROJECT / "Makefile").read_text()

    phony = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)

    assert set(" ".join(phony).split()) == targets()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_documents_name_only_targets_that_exist(document: Path) -> None:
    # A command stands at the start of a line of a code block, or in backquotes.
    named = re.findall(r"(?:^ *|`)make ([a-z][a-z-]*)", document.read_text(), re.MULTILINE)

    assert set(named) <= targets()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_signed_number_is_printed_as_negative_zero(module: Path) -> None:
    found = re.findall(r"\{[^{}\n]*:\+(?:,|\d)*\.\d+[efg%]\}", module.read_text())

    assert found == [], "expected number(value, sign=True), or the option z: {value:+z.3f}"


@pytest.mark.slow
def test_the_documentation_builds() -> None:
    subprocess.run(["make", "docs"], cwd=PROJECT, check=True)

    assert (PROJECT / "site" / "index.html").is_file()
