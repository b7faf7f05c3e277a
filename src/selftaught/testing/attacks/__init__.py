"""Hostile programs, by kind, each with the goal that it must not reach.

An attack is a program that defines ``attack(world)``. `World` tells it where its targets are, and
checks afterwards whether one was hit; a program that sees itself succeed also returns
``"REACHED"`` and what. Attacks marked as controls succeed where nothing is isolated: a suite that
runs them there knows that the attacks are alive.
"""

from __future__ import annotations

from selftaught.testing.attacks.attack import Attack
from selftaught.testing.attacks.endings import ENDINGS
from selftaught.testing.attacks.files import FILES
from selftaught.testing.attacks.floods import FLOODS
from selftaught.testing.attacks.forgery import FORGERY
from selftaught.testing.attacks.hangs import HANGS
from selftaught.testing.attacks.kernel import KERNEL
from selftaught.testing.attacks.network import NETWORK
from selftaught.testing.attacks.processes import PROCESSES
from selftaught.testing.attacks.secrets import SECRETS

ATTACKS: tuple[Attack, ...] = (
    *SECRETS,
    *FILES,
    *NETWORK,
    *PROCESSES,
    *FLOODS,
    *HANGS,
    *ENDINGS,
    *FORGERY,
    *KERNEL,
)
"""All of them."""
