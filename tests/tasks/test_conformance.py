"""Every task that comes with the package keeps the contract, in every preset but `paper`.

The preset `paper` has the research code's defects, which break it; without them most of its tasks
keep it too. Two do not: the seed solution of `max_cut` needs about as much time as it has, and
`three_sat` takes assignments that are longer than they need be.
"""

from __future__ import annotations

import pytest

from selftaught.parts import find_task
from selftaught.sandboxes.local import LocalSandbox
from selftaught.task import Task
from selftaught.tasks import PRESETS
from selftaught.testing.tasks import TaskConformance

SMALL = "string_grid_distance"
"""Its texts have 1 to 30 letters of two, and the shortest come back."""


class TestTasksOfThePackage(TaskConformance):
    @pytest.fixture(
        params=[
            (name, preset)
            for name in PRESETS
            for preset in PRESETS[name]
            if preset != "paper" and name != SMALL
        ],
        ids="-".join,
    )
    def task(self, request: pytest.FixtureRequest) -> Task:
        return find_task(*request.param)

    @pytest.fixture
    def sandbox(self, real_sandbox: LocalSandbox) -> LocalSandbox:
        return real_sandbox


class TestShortTexts(TaskConformance):
    most_shared = 0.1

    @pytest.fixture(params=[preset for preset in PRESETS[SMALL] if preset != "paper"])
    def task(self, request: pytest.FixtureRequest) -> Task:
        return find_task(SMALL, request.param)

    @pytest.fixture
    def sandbox(self, real_sandbox: LocalSandbox) -> LocalSandbox:
        return real_sandbox


MENDED = ["lpn", "parity", "quadratic_assignment"]


def without_defects(name: str) -> Task:
    defects = find_task(name, "paper").defects
    return find_task(name, f"paper-without:{','.join(defects)}")


class TestThePapersTasksWithoutTheirDefects(TaskConformance):
    @pytest.fixture(params=MENDED)
    def task(self, request: pytest.FixtureRequest) -> Task:
        return without_defects(request.param)

    @pytest.fixture
    def sandbox(self, real_sandbox: LocalSandbox) -> LocalSandbox:
        return real_sandbox


class TestThePapersShortTextsWithoutTheirDefects(TaskConformance):
    most_shared = 0.1

    @pytest.fixture
    def task(self) -> Task:
        return without_defects(SMALL)

    @pytest.fixture
    def sandbox(self, real_sandbox: LocalSandbox) -> LocalSandbox:
        return real_sandbox
