"""What several tests share: real parts whose processes take a moment to start."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import settings

from postgres import PostgresServer, binaries
from selftaught.experiment import Experiment
from selftaught.running.application import Application
from selftaught.running.runner import Run
from selftaught.sandboxes.local import LocalSandbox

# A machine may be busy: how long one example takes says nothing.
settings.register_profile("quick", max_examples=50, deadline=None)
settings.load_profile("quick")


@pytest.fixture(scope="session", autouse=True)
def user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A user whose own seed is known, and whose data folder is not that of who runs the tests."""
    data = tmp_path_factory.mktemp("data")
    (data / "selftaught").mkdir()
    (data / "selftaught" / "seed").write_text("0")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(data))
        yield


@pytest.fixture(scope="session")
def real_sandbox() -> Iterator[LocalSandbox]:
    with LocalSandbox(workers=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as opened:
        yield opened


TINY = Experiment.model_validate(
    {
        "iterations": 2,
        "repeats": 1,
        "gate_repeats": 2,
        "test_repeats": 1,
        "session": {"calls": 1, "samples_per_call": 2, "evaluations": 2},
        "self_session": {"calls": 1, "samples_per_call": 2, "evaluations": 2},
    }
)
"""An experiment of a few seconds."""


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a journal with a run named `done`, and an application named `applied`."""
    file = tmp_path_factory.mktemp("finished") / "journal.db"
    Run(TINY.model_copy(update={"name": "done", "store": str(file)}))()
    Application(TINY.model_copy(update={"name": "applied", "store": str(file)}))()
    return file


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    """A copy of that file, to be changed."""
    return Path(shutil.copy(finished, tmp_path / "copied.db"))


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A journal of the test's own, so that no test writes to the user's."""
    store = str(tmp_path / "journal.db")
    monkeypatch.setenv("SELFTAUGHT_STORE", store)
    return store


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the tests' own; a test that stops it starts it again."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    server = PostgresServer(programs)
    try:
        server.create()
        yield server
    finally:
        server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store in which there is nothing yet, of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "runs.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_store()
