"""Tasks written as files of one's own."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from selftaught.errors import UsageError
from selftaught.extraction import parses
from selftaught.program_files import LONGEST_PROGRAM
from selftaught.task import Split
from selftaught.task_files.loading import load_task, with_constants

UTILITY = '''"""Sort numbers, quickly.

Twenty of them.
"""

import random

COUNT = 20


def instance(seed):
    numbers = random.Random(seed).choices(range(100), k=COUNT)
    return (numbers,), sorted(numbers)


def score(answer, expected):
    return float(answer == expected)
'''
SEED = "def algorithm(numbers):\n    return numbers\n"
ONE_FILE = f"{UTILITY}\n\n{SEED}"


HELPER = "def total(numbers):\n    return sum(numbers)\n"
IMPORTING = """import {name}


def instance(seed):
    numbers = [seed % 7, seed % 5]
    return (numbers,), {name}.total(numbers)


def score(answer, expected):
    return float(answer == expected)


def algorithm(numbers):
    return numbers[0]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sorting.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "sorting"
    path.mkdir()
    (path / "utility.py").write_text(UTILITY, "utf-8")
    (path / "seed.py").write_text(SEED, "utf-8")
    return path


def message_of(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        load_task(path)
    return str(caught.value)


def test_a_folder_is_a_task(folder: Path) -> None:
    task = load_task(folder)

    assert (task.id, task.preset) == ("sorting", "own")
    assert task.title == "Sort numbers, quickly."
    assert task.source == UTILITY
    assert task.seed.text == SEED.strip()
    assert task.score([1, 2], [1, 2]) == 1.0
    arguments, expected = task.instance(7)
    assert expected == sorted(arguments[0])  # type: ignore[call-overload]


def test_one_file_is_a_task_whose_utility_does_not_show_the_seed(file: Path) -> None:
    file.write_text(ONE_FILE, "utf-8")

    task = load_task(file)

    assert (task.id, task.title) == ("sorting", "Sort numbers, quickly.")
    assert "def algorithm" not in task.source
    assert "COUNT = 20" in task.source
    assert task.seed.text == SEED.strip()


def test_windows_line_ends_are_understood(file: Path) -> None:
    file.write_bytes(ONE_FILE.replace("\n", "\r\n").encode())

    task = load_task(file)

    assert task.seed.defines("algorithm")
    assert "\r" not in task.source


def test_a_task_without_a_docstring_is_titled_by_its_name(file: Path) -> None:
    file.write_text(
        "def instance(s): return (s,), s\ndef score(a, e): return 1.0\n" + SEED, "utf-8"
    )

    assert load_task(file).title == "sorting"


def test_the_source_of_the_functions_can_be_found(file: Path) -> None:
    file.write_text(ONE_FILE, "utf-8")

    task = load_task(file)

    assert inspect.getsource(task.score).startswith("def score(answer, expected):")


def test_names_and_texts_may_hold_any_characters(tmp_path: Path) -> None:
    file = tmp_path / "größe ☃.py"
    file.write_text(ONE_FILE.replace("quickly", "schön ☃"), "utf-8")

    task = load_task(file)

    assert task.id == "größe ☃"
    assert task.title == "Sort numbers, schön ☃."
    ast.parse(task.describe())


def test_a_task_of_ones_own_is_scored_on_20_instances_of_each_split(folder: Path) -> None:
    assert load_task(folder).counts == dict.fromkeys(Split, 20)


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nothing"

    assert f"cannot read {path}" in message_of(path)


@pytest.mark.parametrize("missing", ["utility.py", "seed.py"])
def test_a_file_that_is_missing_in_a_folder_is_named(folder: Path, missing: str) -> None:
    (folder / missing).unlink()

    assert f"cannot read {folder / missing}" in message_of(folder)


@pytest.mark.parametrize("name", ["utility.py", "seed.py"])
def test_a_file_that_is_no_utf_8_is_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"x = '\xff\xfe'")

    assert f"cannot read {folder / name}" in message_of(folder)


@pytest.mark.parametrize("name", ["utility.py", "seed.py"])
def test_a_file_that_is_no_python_is_named_with_the_line(folder: Path, name: str) -> None:
    (folder / name).write_text("x = 1\ny = (\n", "utf-8")

    message = message_of(folder)

    assert message.startswith(f"{folder / name}, line 2: not Python: ")


def test_one_file_that_is_no_python_is_named_with_the_line(file: Path) -> None:
    file.write_text(f"{ONE_FILE}\ndef (", "utf-8")

    line = ONE_FILE.count(chr(10)) + 2
    assert message_of(file).startswith(f"{file}, line {line}: not Python: ")


def test_a_file_with_nul_is_named(file: Path) -> None:
    file.write_text(f"{ONE_FILE}\0", "utf-8")

    assert message_of(file).startswith(f"{file}: not Python: ")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import no_such_module", "ModuleNotFoundError"),
        ("raise ValueError", "ValueError"),
        ("return 1", "SyntaxError"),
        ("COUNT.missing()", "AttributeError"),
    ],
)
def test_a_utility_that_does_not_run_is_named_with_the_line(
    folder: Path, line: str, error: str
) -> None:
    (folder / "utility.py").write_text(f"COUNT = 1\n\n{line}\n", "utf-8")

    message = message_of(folder)

    assert message.startswith(f"{folder / 'utility.py'}, line 3: {error}")


def test_the_line_is_that_of_the_file_even_when_it_fails_elsewhere(folder: Path) -> None:
    text = "import json\n\n\ndef load():\n    json.loads('{')\n\n\nload()\n"
    (folder / "utility.py").write_text(text, "utf-8")

    assert message_of(folder).startswith(
        f"{folder / 'utility.py'}, line 5, in load: JSONDecodeError"
    )


@pytest.mark.parametrize("missing", ["instance", "score"])
def test_a_function_that_is_missing_is_named(folder: Path, missing: str) -> None:
    (folder / "utility.py").write_text(UTILITY.replace(f"def {missing}", "def other"), "utf-8")

    message = message_of(folder)

    assert message == (
        f"{folder / 'utility.py'}: expected functions instance and score; {missing} is missing"
    )


def test_what_is_no_function_is_missing(folder: Path) -> None:
    (folder / "utility.py").write_text(f"{UTILITY}\nscore = 7\n", "utf-8")

    assert "score is missing" in message_of(folder)


@pytest.mark.parametrize("seed", ["", "x = 1", "class A:\n    def algorithm(self): pass"])
def test_a_seed_that_defines_no_algorithm_is_named(folder: Path, seed: str) -> None:
    (folder / "seed.py").write_text(seed, "utf-8")

    message = message_of(folder)

    assert message.startswith(
        f"{folder / 'seed.py'}: a solution must define a function 'algorithm'"
    )


def test_one_file_that_defines_no_algorithm_is_named(file: Path) -> None:
    file.write_text(UTILITY, "utf-8")

    assert message_of(file) == (
        f"{file}: expected a function 'algorithm', the seed solution, beside instance and score"
    )


def test_a_utility_may_have_dataclasses_and_decides_itself_how_it_is_compiled(
    folder: Path,
) -> None:
    (folder / "utility.py").write_text(
        "from dataclasses import dataclass\n\n@dataclass\nclass Part:\n    size: int\n\n"
        "def instance(seed):\n    return (seed,), Part(seed)\n\n"
        "def score(answer, expected):\n"
        "    return float(Part.__annotations__['size'] is int and answer == expected.size)\n"
    )

    task = load_task(folder)

    _, expected = task.instance(3)
    assert task.score(3, expected) == 1.0


def test_constants_get_other_values() -> None:
    text = "# sizes\nN = 10\nM = 2  # many\n\ndef f():\n    N = 3\n    return N\n"

    assert with_constants(text, {"N": 24, "M": "x"}) == text.replace("10", "24").replace(
        "2  # many", "'x'"
    )


def test_a_file_that_ends_the_process_is_the_users_error(file: Path) -> None:
    file.write_text(f"import sys\nsys.exit(7)\n{ONE_FILE}")

    assert message_of(file) == f"{file}, line 2: SystemExit: 7"


def test_a_file_that_is_nested_too_deeply_is_named(file: Path) -> None:
    file.write_text(f"{ONE_FILE}\nX = {'-' * 50_000}1\n")

    assert message_of(file) == f"{file}: its expressions are nested too deeply to be read"


def test_the_longest_file_is_the_longest_program_that_is_read(file: Path) -> None:
    longest = "x".ljust(LONGEST_PROGRAM)
    file.write_text(longest + " ")

    assert parses(longest)
    assert not parses(longest + " ")
    assert "may have 200,000 characters; this has 200,001" in message_of(file)


def test_a_folder_may_hold_a_strong_solution(folder: Path) -> None:
    (folder / "reference.py").write_text("def algorithm(numbers):\n    return sorted(numbers)\n")

    reference = load_task(folder).reference

    assert reference
    assert "sorted(numbers)" in reference.text


def test_the_lines_of_one_file_are_its_own_below_the_seed_too(file: Path) -> None:
    file.write_text(f"\n\n{SEED}\n\n{UTILITY.replace('float(', 'fload(')}", "utf-8")

    task = load_task(file)

    line = file.read_text().splitlines().index("    return fload(answer == expected)") + 1
    with pytest.raises(NameError) as caught:
        task.score([1], [1])
    assert caught.traceback[-1].lineno + 1 == line
    assert str(caught.traceback[-1].path) == str(file)


def test_a_utility_may_import_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "beside_one.py").write_text(HELPER)
    file = tmp_path / "task.py"
    file.write_text(IMPORTING.format(name="beside_one"))

    task = load_task(file)

    assert task.instance(12) == (([5, 2],), 7)
    assert "import" not in task.seed.text


def test_a_utility_may_import_a_package_when_it_is_called(folder: Path) -> None:
    package = folder / "beside_later"
    package.mkdir()
    (package / "__init__.py").write_text("from beside_later.sums import total\n")
    (package / "sums.py").write_text(HELPER)
    lazy = "    from beside_later import total\n\n    return total(answer) / 100\n"
    (folder / "utility.py").write_text(
        UTILITY.replace("    return float(answer == expected)\n", lazy)
    )

    assert load_task(folder).score([40, 10], None) == 0.5


def test_what_a_utility_imports_from_its_folder_is_part_of_the_task(tmp_path: Path) -> None:
    helper, file = tmp_path / "beside_changing.py", tmp_path / "task.py"
    helper.write_text(HELPER)
    file.write_text(IMPORTING.format(name="beside_changing"))
    before, again = load_task(file).digest, load_task(file).digest
    helper.write_text(HELPER.replace("sum(", "max("))

    after = load_task(file).digest

    assert before == again
    assert after != before


def test_a_module_that_another_one_hides_is_named(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "beside_twice.py").write_text(HELPER)
        (tmp_path / name / "task.py").write_text(IMPORTING.format(name="beside_twice"))
    load_task(tmp_path / "one" / "task.py")

    message = message_of(tmp_path / "other" / "task.py")

    assert "other/beside_twice.py is hidden by another module 'beside_twice'" in message


def test_a_fault_in_what_a_utility_imports_is_named_there(tmp_path: Path) -> None:
    (tmp_path / "beside_broken.py").write_text("X = 1\nY = X / 0\n")
    file = tmp_path / "task.py"
    file.write_text(IMPORTING.format(name="beside_broken"))

    with pytest.raises(UsageError) as caught:
        load_task(file)

    helper = tmp_path / "beside_broken.py"
    assert str(caught.value) == f"{helper}, line 2: ZeroDivisionError: division by zero"
    assert caught.value.__notes__ == [
        f"{file}, line 1, in <module>: import beside_broken",
        f"{helper}, line 2, in <module>: Y = X / 0",
    ]
