"""How many zygotes there are, and who waits for one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from selftaught.sandbox import Limits, Program
from selftaught.sandboxes.local import LocalSandbox

THREADED = Limits(threads=2, writable_bytes=1 << 20)
ASKING = Program(
    "from raw import ask\n\ndef f():\n    return ask()",
    "f",
    modules={"raw": "def ask(): return call_host('ask')"},
)


@pytest.fixture
def sandbox() -> Iterator[LocalSandbox]:
    with LocalSandbox() as opened:
        yield opened


def zygotes() -> set[int]:
    """Returns the children of this process that build a wall, those of other tests included."""
    children = [file.read_text().split() for file in Path("/proc/self/task").glob("*/children")]
    return {int(child) for some in children for child in some if builds_wall(child)}


def builds_wall(child: str) -> bool:
    return b"bwrap" in Path(f"/proc/{child}/cmdline").read_bytes()


def asking_at_once(sandbox: LocalSandbox, count: int) -> list[object]:
    """Runs programs that all wait for the host at the same time, or none gets an answer."""
    together = threading.Barrier(count)

    def ask() -> bool:
        together.wait(60)
        return True

    def run(_: int) -> object:
        with sandbox.run(ASKING, THREADED, {"ask": ask}) as running:
            return running.call([]).value

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.slow
def test_programs_that_wait_for_the_host_keep_nobody_waiting(sandbox: LocalSandbox) -> None:
    assert asking_at_once(sandbox, 24) == [True] * 24


@pytest.mark.slow
def test_what_was_started_for_many_is_kept_for_as_many(sandbox: LocalSandbox) -> None:
    asking_at_once(sandbox, 6)
    kept = zygotes()

    asking_at_once(sandbox, 6)

    assert zygotes() == kept


@pytest.mark.slow
def test_zygotes_are_prepared_in_the_background(sandbox: LocalSandbox) -> None:
    others = zygotes()
    sandbox.prepare(THREADED, 3)
    deadline = time.monotonic() + 30
    while len(zygotes() - others) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)

    prepared = zygotes() - others

    assert len(prepared) == 3
    assert asking_at_once(sandbox, 2) == [True] * 2
    assert zygotes() >= prepared


@pytest.mark.slow
def test_a_sandbox_that_prepares_can_be_closed() -> None:
    others = zygotes()

    with LocalSandbox() as sandbox:
        sandbox.prepare(THREADED, 8)

    assert zygotes() == others
