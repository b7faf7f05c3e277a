"""One hostile program."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from selftaught.sandbox import Limits, Program

LIMITS = Limits(cpu_seconds=0.1, wall_seconds=0.3, load_seconds=0.15, memory_bytes=256 << 20)
"""What attacks may use, unless they say otherwise."""
RAW = """
import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
IS_ARM = platform.machine() == "aarch64"


def syscall(x86, arm, *arguments):
    plain = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(arm if IS_ARM else x86), *plain)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def frame(body):
    return len(body).to_bytes(4, "little") + body
"""
"""A module that attacks import: system calls and frames, raw."""


@dataclass(frozen=True)
class Attack:
    """A program that tries to get out, or to get something in."""

    kind: str
    name: str
    text: str
    limits: Limits = LIMITS
    is_control: bool = False
    """Whether it reaches its goal, harmlessly, where nothing is isolated."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"

    @property
    def program(self) -> Program:
        """What a sandbox loads."""
        text = "from raw import *\n" + textwrap.dedent(self.text)
        return Program(text, "attack", modules={"raw": RAW + "\nask = call_host\n"})


def tries(kind: str, name: str, body: str, *, limits: Limits = LIMITS) -> Attack:
    """Makes an attack of the body of its function."""
    return Attack(kind, name, _function(body), limits)


def control(kind: str, name: str, body: str, *, limits: Limits = LIMITS) -> Attack:
    """Makes an attack that reaches its goal where nothing is isolated."""
    return Attack(kind, name, _function(body), limits, is_control=True)


def _function(body: str) -> str:
    return "def attack(world):\n" + textwrap.indent(textwrap.dedent(body), "    ")
