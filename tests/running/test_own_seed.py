"""A seed that nobody guesses, and that is the same the next time."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from selftaught.experiment import Experiment
from selftaught.running.own_seed import own_seed, seeded

SERVED = "ollama/some-model"
PRINT = "from selftaught.running.own_seed import own_seed; print(own_seed())"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def printed(_: object) -> str:
    command = [sys.executable, "-c", PRINT]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_processes_that_begin_together_agree(home: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        seeds = set(pool.map(printed, range(4)))

    assert seeds == {(home / "selftaught" / "seed").read_text()}
    assert [path.name for path in (home / "selftaught").iterdir()] == ["seed"]


def test_users_have_different_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: set[int] = set()
    for user in range(5):
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / str(user)))
        seeds.add(own_seed())

    assert len(seeds) == 5
    assert max(seeds) > 1 << 50


@pytest.mark.usefixtures("home")
def test_nobody_else_can_read_it(home: Path) -> None:
    own_seed()

    assert stat.S_IMODE((home / "selftaught" / "seed").stat().st_mode) == 0o600


def test_a_home_that_cannot_be_written_has_one_for_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))

    assert own_seed() == own_seed()


@pytest.mark.parametrize("content", ["", "many", "-1", "9" * 40])
def test_a_damaged_file_is_not_used(home: Path, content: str) -> None:
    path = home / "selftaught" / "seed"
    path.parent.mkdir()
    path.write_text(content)

    assert 0 <= own_seed() < 1 << 62


@pytest.mark.usefixtures("home")
def test_only_models_that_can_know_this_package_need_it() -> None:
    assert seeded(Experiment(model=SERVED)).seed == own_seed()
    assert seeded(Experiment(model="my_module:Model")).seed == own_seed()
    assert seeded(Experiment(model=SERVED, seed=0)).seed == 0
    assert seeded(Experiment()) == Experiment()
    assert seeded(Experiment(model="editor:skill=0.3")).seed == 0
