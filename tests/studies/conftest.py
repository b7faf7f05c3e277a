"""What tests of studies share: tasks that take no time, and a journal, so that runs are shared."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

from selftaught.experiment import Experiment
from selftaught.studies.study import Settings

ADDING = '''"""Add up numbers."""

def instance(seed):
    numbers = [seed % 7, seed % 11, seed % 13]
    return (numbers,), sum(numbers)

def score(answer, expected):
    return 1 / (1 + abs(answer - expected))

def algorithm(numbers):
    return max(numbers) + 1
'''
LARGEST = '''"""Find the largest number."""

def instance(seed):
    numbers = [seed % 7, seed % 11, seed % 13]
    return (numbers,), max(numbers)

def score(answer, expected):
    return float(answer == expected)

def algorithm(numbers):
    return numbers[0]
'''
COUNTING = '''"""The embedded model, and how many replies it gave."""

from selftaught.language_models.editor import Editor

given = []


class Counting(Editor):
    def complete(self, requests):
        for answer in super().complete(requests):
            given.append(answer)
            yield answer
'''
"""A model by ``module:name``."""


class Files(NamedTuple):
    """Where what the tests use is."""

    adding: str
    largest: str
    store: str


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("studies")
    (folder / "adding.py").write_text(ADDING)
    (folder / "largest.py").write_text(LARGEST)
    return Files(*(str(folder / name) for name in ("adding.py", "largest.py", "journal.db")))


@pytest.fixture(scope="session")
def experiment(files: Files) -> Experiment:
    """A run of a second or two."""
    return Experiment.model_validate(
        {
            "tasks": (files.adding,),
            "protocol": "paper",
            "iterations": 1,
            "repeats": 1,
            "test_repeats": 2,
            "session": {"calls": 2, "samples_per_call": 2, "evaluations": 5},
            "self_session": {"calls": 1, "samples_per_call": 2, "evaluations": 2},
            "store": files.store,
        }
    )


@pytest.fixture
def settings(experiment: Experiment) -> Settings:
    return Settings(experiment, runs=2)


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """The replies that the model ``counting:Counting`` gives."""
    (tmp_path / "counting.py").write_text(COUNTING)
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("counting").given
    del sys.modules["counting"]


def numbers_without_interval(document: object, path: str = "") -> list[str]:
    """Returns where a document has fractions that come without interval and n."""
    found: list[str] = []
    match document:
        case {"low": _, "high": _, "n": int()} | {"low": _, "high": _, "p": _}:
            return []
        case dict():
            for name, value in document.items():
                if name != "paper":
                    found += numbers_without_interval(value, f"{path}/{name}")
        case list():
            for number, value in enumerate(document):
                found += numbers_without_interval(value, f"{path}/{number}")
        case float():
            found.append(path)
        case _:
            pass
    return found
