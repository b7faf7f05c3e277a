from collections.abc import Callable, Iterator
from functools import partial

import pytest

from selftaught.errors import SandboxUnavailable
from selftaught.sandboxes.local import LocalSandbox
from selftaught.testing.attacks import ATTACKS
from selftaught.testing.attacks.world import World
from selftaught.testing.containment import ContainmentConformance, reaches_its_goal
from selftaught.testing.handlers import HandlerConformance
from selftaught.testing.sandboxes import SandboxConformance

CONTROLS = [attack for attack in ATTACKS if attack.is_control]


@pytest.fixture(scope="module", params=["full", "inner"])
def level(request: pytest.FixtureRequest) -> str:
    try:
        with LocalSandbox(at_least=request.param, at_most=request.param) as sandbox:
            return sandbox.level
    except SandboxUnavailable as error:
        if "closed to other users" not in str(error):
            raise
        pytest.skip(f"{error}; test_users.py opens it")


@pytest.fixture(scope="module")
def sandbox(level: str) -> Iterator[LocalSandbox]:
    with LocalSandbox(at_least=level, at_most=level) as opened:
        yield opened


@pytest.fixture
def new_sandbox(level: str) -> Callable[[], LocalSandbox]:
    return partial(LocalSandbox, at_least=level, at_most=level, workers=1)


class TestLocalSandbox(SandboxConformance):
    pass


class TestHandlers(HandlerConformance):
    pass


class TestContainment(ContainmentConformance):
    pass


@pytest.mark.parametrize("kind", sorted({attack.kind for attack in CONTROLS}))
def test_attacks_succeed_where_nothing_is_isolated(kind: str) -> None:
    attacks = [attack for attack in CONTROLS if attack.kind == kind]

    with World(), LocalSandbox(at_least="none", at_most="none") as sandbox:
        reached = [reaches_its_goal(attack, sandbox) for attack in attacks]

    assert [attack.name for attack, hit in zip(attacks, reached, strict=True) if not hit] == []
