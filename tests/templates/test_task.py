"""The folder that a new task begins as."""

from __future__ import annotations

from pathlib import Path

import pytest

from selftaught.errors import UsageError
from selftaught.sandboxes.local import LocalSandbox
from selftaught.task import Split, Task
from selftaught.task_files.loading import load_task
from selftaught.templates.task import FILES, write_task
from selftaught.testing.tasks import TaskConformance, score


class TestTheTaskThatIsWritten(TaskConformance):
    """It keeps the contract that it teaches."""

    @pytest.fixture
    def task(self, tmp_path: Path) -> Task:
        return load_task(write_task("my_task", tmp_path))

    @pytest.fixture
    def sandbox(self, real_sandbox: LocalSandbox) -> LocalSandbox:
        return real_sandbox

    def test_there_is_room_above_its_seed_and_none_above_its_reference(
        self, task: Task, sandbox: LocalSandbox
    ) -> None:
        assert task.reference

        low = score(task, task.seed, sandbox, split=Split.TEST, instances=20).value
        high = score(task, task.reference, sandbox, split=Split.TEST, instances=20).value

        assert low < 0.7
        assert high > 0.99


def test_the_files_name_the_task(tmp_path: Path) -> None:
    folder = write_task("route_planning", tmp_path)

    readme = (folder / "README.md").read_text()
    assert {path.name for path in folder.iterdir()} == set(FILES)
    assert "selftaught improve route_planning -o better.py" in readme
    assert "NAME" not in readme
    assert load_task(folder).title.startswith("Split numbers into two groups")


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "a b", "a-b", "7up", "my_task.py", "class", "größe", "x" * 61, "a\n"],
)
def test_a_name_that_files_commands_or_modules_cannot_have_is_refused(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(UsageError, match="expected a name such as route_planning"):
        write_task(name, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_the_name_of_a_task_of_the_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'lpn': a task of that name comes with"):
        write_task("lpn", tmp_path)


@pytest.mark.parametrize("is_folder", [True, False])
def test_what_is_there_is_left_alone(tmp_path: Path, is_folder: bool) -> None:
    there = tmp_path / "mine"
    (there / "utility.py").parent.mkdir() if is_folder else there.write_text("precious")

    with pytest.raises(UsageError, match="it is there already"):
        write_task("mine", tmp_path)

    assert list(there.iterdir()) == [] if is_folder else there.read_text() == "precious"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot make .*nowhere/mine"):
        write_task("mine", tmp_path / "nowhere")
