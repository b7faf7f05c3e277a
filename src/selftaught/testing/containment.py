"""What every sandbox must withstand: a suite that runs all attacks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial

from selftaught.sandbox import Limits, Outcome, Program, Sandbox, Status
from selftaught.testing.attacks import ATTACKS
from selftaught.testing.attacks.attack import Attack
from selftaught.testing.attacks.world import World

_HONEST = Program("def f(n):\n    return sum(i * i for i in range(n))", "f")
_AT_ONCE = 4
"""Attacks that run at the same time: most of them wait to be ended."""


class ContainmentConformance:
    """No attack reaches its goal. Needs the fixture ``new_sandbox``, which makes a sandbox."""

    def test_no_attack_reaches_its_goal(self, new_sandbox: Callable[[], Sandbox]) -> None:
        shares = [ATTACKS[start::_AT_ONCE] for start in range(_AT_ONCE)]

        with World() as world, ThreadPoolExecutor(_AT_ONCE) as pool:
            breaches = list(pool.map(partial(_breaches_of, world, new_sandbox), shares))

        assert [breach for share in breaches for breach in share] == []


def reaches_its_goal(attack: Attack, sandbox: Sandbox) -> bool:
    """Tells whether an attack succeeds; for sandboxes that isolate nothing."""
    with World() as world, sandbox.run(attack.program, attack.limits) as running:
        outcome = running.call([world.targets])
        for _ in range(100):
            if world.breaches(outcome):
                return True
            time.sleep(0.01)
    return False


def _breaches_of(
    world: World, new_sandbox: Callable[[], Sandbox], attacks: Sequence[Attack]
) -> list[str]:
    """Runs attacks one after the other in one place, and an honest program after each."""
    found: list[str] = []
    with closing(new_sandbox()) as sandbox:
        for attack in attacks:
            start = time.monotonic()
            with sandbox.run(attack.program, attack.limits) as running:
                for _ in range(2 if attack.kind == "forgery" else 1):
                    outcome = running.call([world.targets])
                    found += [f"{attack}: {breach}" for breach in world.breaches(outcome)]
            if time.monotonic() - start > 10:
                found.append(f"{attack}: the host waited {time.monotonic() - start:.0f} s")
            with sandbox.run(_HONEST, Limits()) as running:
                outcome = running.call([10])
            if replace(outcome, cpu_seconds=0) != Outcome(Status.OK, 285):
                found.append(f"{attack}: the next program got {outcome}")
    return found
