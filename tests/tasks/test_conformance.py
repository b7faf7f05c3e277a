"""Every task that comes with the package keeps the contract, in every preset but `paper`.

The preset `paper` has the research code's defects, some of which break the contract; what holds
there is tested with each task.
"""

from __future__ import annotations

import pytest

from selftaught.parts import find_task
from selftaught.sandboxes.local import LocalSandbox
from selftaught.task import Task
from selftaught.tasks import PRESETS
from selftaught.testing.tasks import TaskConformance


class TestTasksOfThePackage(TaskConformance):
    @pytest.fixture(
        params=[
            (name, preset) for name in PRESETS for preset in PRESETS[name] if preset != "paper"
        ],
        ids="-".join,
    )
    def task(self, request: pytest.FixtureRequest) -> Task:
        return find_task(*request.param)

    @pytest.fixture
    def sandbox(self, real_sandbox: LocalSandbox) -> LocalSandbox:
        return real_sandbox
