"""Names lead to implementations, or to an answer that helps."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest

from selftaught.errors import UsageError
from selftaught.lookup import find, unknown

KNOWN = {"pi": "math:pi", "euler": "math:e", "lost": "math:lost", "gone": "no_such_module:x"}


def test_a_short_name_stands_for_its_object() -> None:
    assert find("constant", "pi", KNOWN) == math.pi


def test_anything_importable_can_be_named() -> None:
    assert find("path", "pathlib:Path", KNOWN) is Path


def test_an_unknown_name_is_answered_with_the_nearest_and_all_that_exist() -> None:
    with pytest.raises(UsageError) as caught:
        find("constant", "eular", KNOWN)

    assert str(caught.value) == (
        "unknown constant 'eular': did you mean 'euler'? known are euler, gone, lost, pi "
        "(or give module:name)"
    )


def test_a_name_like_no_other_gets_no_suggestion() -> None:
    with pytest.raises(UsageError, match=r"^unknown constant 'zzz': known are "):
        find("constant", "zzz", KNOWN)


def test_where_nothing_exists_it_is_said() -> None:
    assert str(unknown("thing", "x", [], other="")) == "unknown thing 'x': known are none"


@pytest.mark.parametrize("name", ["gone", "no_such_module:x", "no.such.module:x"])
def test_a_module_that_cannot_be_imported_is_named(name: str) -> None:
    with pytest.raises(UsageError, match=r"cannot import 'no[_.]such[_.]module'"):
        find("constant", name, KNOWN)


@pytest.mark.parametrize("name", ["lost", "math:lost", "math:"])
def test_an_attribute_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(UsageError, match=r"'math' defines no '(lost)?'"):
        find("constant", name, KNOWN)


@pytest.mark.parametrize("name", [":", ":x", ".relative:x", "..:x", "a..b:x", "\0:x", "é☃:x"])
def test_a_malformed_module_is_the_users_error(name: str) -> None:
    with pytest.raises(UsageError, match="cannot import"):
        find("constant", name, KNOWN)


def test_a_module_that_fails_when_imported_is_the_users_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_module_of_mine.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(UsageError, match="cannot import 'broken_module_of_mine': ZeroDivision"):
        find("task", "broken_module_of_mine:task", {})


def test_a_module_that_ends_the_process_is_the_users_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ending_module_of_mine.py").write_text("raise SystemExit(7)")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(UsageError, match="'ending_module_of_mine': SystemExit: 7"):
        find("task", "ending_module_of_mine:task", {})


def test_modules_of_the_current_folder_are_found_and_its_path_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "module_beside_me.py").write_text("model = 5")
    monkeypatch.chdir(tmp_path)
    before = list(sys.path)

    assert find("model", "module_beside_me:model", {}) == 5
    assert sys.path == before
