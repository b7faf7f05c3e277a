"""The rules of the layout that import-linter cannot express. They read files and import nothing."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "selftaught"
PROGRAMS = [
    *(path for path in SOURCE.glob("improvers/*.py") if path.name != "__init__.py"),
    *(
        path
        for name in ("paper_utility", "reference", "seed", "utility")
        for path in SOURCE.glob(f"tasks/*/{name}.py")
    ),
    SOURCE / "extraction.py",
    SOURCE / "improver_interface.py",
]
"""What programs consist of, and the utilities that language models read."""
GUESTS = [
    SOURCE / "sandboxes" / f"{name}.py"
    for name in ["channel", "guest", "kernel", "landlock", "lockdown", "seccomp", "wire", "zygote"]
]
"""What runs around a program, inside the sandbox."""
MODULES = [path for path in SOURCE.glob("*.py") if not path.name.startswith("__")]
CONNECTORS = {
    "api.py",
    "diagnosis.py",
    "experiment.py",
    "experiment_tables.py",
    "journals.py",
    "keeping.py",
    "parts.py",
}
"""What builds and connects the parts of a run; no part of the paper."""
CONCEPTS = [path for path in MODULES if path.name not in CONNECTORS]
"""The paper."""


def imported_by(path: Path) -> Iterator[str]:
    """Yields every dotted name that is imported, wherever the statement stands in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def package(module: str) -> str:
    return module.partition(".")[0]


def in_source(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("program", PROGRAMS, ids=in_source)
def test_programs_that_run_in_the_sandbox_import_nothing_of_ours(program: Path) -> None:
    ours = [name for name in imported_by(program) if package(name) in {"selftaught", ""}]

    assert ours == []


@pytest.mark.parametrize("guest", GUESTS, ids=in_source)
def test_guests_of_the_sandbox_import_only_each_other(guest: Path) -> None:
    modules = tuple(f"selftaught.sandboxes.{path.stem}." for path in GUESTS)

    ours = [name for name in imported_by(guest) if package(name) in {"selftaught", ""}]

    assert [name for name in ours if not f"{name}.".startswith(modules)] == []


@pytest.mark.parametrize("concept", CONCEPTS, ids=in_source)
def test_concept_modules_import_only_the_standard_library(concept: Path) -> None:
    allowed = sys.stdlib_module_names | {"selftaught"}

    foreign = [name for name in imported_by(concept) if package(name) not in allowed]

    assert foreign == []


@pytest.mark.parametrize("module", MODULES, ids=in_source)
def test_top_modules_have_at_most_300_lines(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= 300


def test_the_reference_lists_every_concept() -> None:
    reference = (SOURCE.parents[1] / "docs" / "reference.md").read_text()

    listed = re.findall(r"^::: selftaught\.(\w+)$", reference, re.MULTILINE)

    assert set(listed) == {path.stem for path in CONCEPTS}


def test_public_names_are_sorted() -> None:
    tree = ast.parse((SOURCE / "__init__.py").read_text())

    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=names):
                public = ast.literal_eval(names)
                assert list(public) == sorted(set(public), key=constants_then_classes)


def constants_then_classes(name: str) -> tuple[bool, bool, str]:
    """The linter's order, for `sorted`."""
    return (not name.isupper(), not name[0].isupper(), name)


@pytest.mark.parametrize("folder", ["changelog.d", "docs", "src", "tests"])
def test_no_text_has_marks_of_a_merge(folder: str) -> None:
    marks = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    paths = (SOURCE.parents[1] / folder).rglob("*")

    marked = [
        path for path in paths if path.suffix in {".md", ".py"} and marks.search(path.read_text())
    ]

    assert marked == []
