"""What outlives what: nothing outlives the host, and a broken part outlives no call."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from selftaught.errors import SandboxLost, SandboxUnavailable
from selftaught.sandbox import Limits, Program
from selftaught.sandboxes.local import LocalSandbox

ADD = Program("def f(n): return n + 1", "f")
PATIENT = Limits(cpu_seconds=30, wall_seconds=60)
HOST = """
from selftaught.sandbox import Limits, Program
from selftaught.sandboxes.local import LocalSandbox

with LocalSandbox() as sandbox:
    program = Program("from raw import ready\\ndef f():\\n    ready()\\n    while True: pass", "f",
                      modules={"raw": "def ready(): call_host('ready')"})
    limits = Limits(cpu_seconds=60, wall_seconds=60)
    with sandbox.run(program, limits, {"ready": lambda: print("ready", flush=True)}) as running:
        running.call([])
"""


@pytest.fixture
def sandbox() -> Iterator[LocalSandbox]:
    with LocalSandbox() as opened:
        yield opened


@pytest.fixture(autouse=True)
def others() -> set[int]:
    """Processes of other tests, whose sandboxes are open all the while."""
    return children_of(os.getpid())


def children_of(pid: int) -> set[int]:
    found: set[int] = set()
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found |= {child} | children_of(child)
    return found


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}


def gone_within(seconds: float, pids: set[int]) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not alive(pids)


def left() -> tuple[int, int, int]:
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return descriptors, len(children_of(os.getpid())), threading.active_count()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_nothing_outlives_the_host(end: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOST], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as host:
        assert host.stdout is not None
        assert host.stdout.readline() == b"ready\n"
        family = children_of(host.pid)

        host.send_signal(end)
        host.wait(60)

    assert len(family) >= 2
    assert gone_within(5, family)


@pytest.mark.parametrize(
    "count", [200, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_evaluations_leave_nothing_behind(sandbox: LocalSandbox, count: int) -> None:
    programs = [ADD, Program("import os\ndef f(n): os._exit(n)", "f"), Program("1 / 0", "f")]
    for program in programs:
        with sandbox.run(program, Limits()) as running:
            running.call([1])
    before = left()

    for number in range(count):
        with sandbox.run(programs[number % 20 % 3], Limits()) as running:
            running.call([number % 100])

    assert left() == before


def test_close_ends_every_process(sandbox: LocalSandbox, others: set[int]) -> None:
    with sandbox.run(ADD, Limits()) as running:
        running.call([1])
    family = children_of(os.getpid()) - others

    sandbox.close()

    assert family
    assert gone_within(5, family)


def test_close_ends_a_running_call(sandbox: LocalSandbox) -> None:
    closing = threading.Thread(target=sandbox.close)
    program = Program(
        "from host import ask\ndef f():\n    ask()\n    while True: pass",
        "f",
        modules={"host": "def ask(): call_host('close')"},
    )

    with (
        sandbox.run(program, PATIENT, {"close": closing.start}) as running,
        pytest.raises(SandboxLost),
    ):
        running.call([])

    closing.join()


def test_close_ends_a_start(others: set[int]) -> None:
    sandbox = LocalSandbox()
    closing = threading.Timer(0.02, sandbox.close)
    closing.start()

    with pytest.raises(SandboxLost, match="closed"), sandbox.run(ADD, PATIENT) as running:  # noqa: PT012 - it may end at any call
        while True:
            running.call([1])

    closing.join()
    assert gone_within(5, children_of(os.getpid()) - others)


def test_a_closed_sandbox_runs_nothing(sandbox: LocalSandbox) -> None:
    sandbox.close()

    with pytest.raises(SandboxLost, match="closed"), sandbox.run(ADD, Limits()):
        pass


def test_a_sandbox_that_broke_is_replaced(sandbox: LocalSandbox, others: set[int]) -> None:
    with sandbox.run(ADD, Limits()) as running:
        running.call([1])
        for pid in children_of(os.getpid()) - others:
            with suppress(ProcessLookupError):  # it went with one that was killed before it
                os.kill(pid, signal.SIGKILL)
        outcome = running.call([2])

    assert outcome.value == 3


def break_all_but(others: set[int]) -> None:
    for pid in children_of(os.getpid()) - others:
        os.kill(pid, signal.SIGKILL)


def test_a_call_in_a_sandbox_that_broke_is_made_again(
    sandbox: LocalSandbox, others: set[int]
) -> None:
    with sandbox.run(ADD, Limits()) as running:
        assert running.call([1]).value == 2
        break_all_but(others)

        assert running.call([2]).value == 3


def test_a_call_whose_handlers_have_acted_is_not_made_again(
    sandbox: LocalSandbox, others: set[int]
) -> None:
    asked: list[str] = []

    def break_sandbox() -> None:
        asked.append("once")
        break_all_but(others)

    program = Program(
        "from host import ask\ndef f(): ask(); return 'done'",
        "f",
        modules={"host": "def ask(): call_host('break_sandbox')"},
    )
    with (
        sandbox.run(program, Limits(), {"break_sandbox": break_sandbox}) as running,
        pytest.raises(SandboxLost),
    ):
        running.call([])

    assert asked == ["once"]


def test_a_program_that_was_interrupted_leaves_its_place(sandbox: LocalSandbox) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    program = Program(
        "from host import ask\ndef f():\n    ask()\n    while True: pass",
        "f",
        modules={"host": "def ask(): call_host('interrupt')"},
    )
    with (
        pytest.raises(KeyboardInterrupt),
        sandbox.run(program, PATIENT, {"interrupt": interrupt}) as running,
    ):
        running.call([])

    with sandbox.run(ADD, Limits()) as running:
        assert running.call([1]).value == 2


def test_programs_import_the_user_s_packages(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "own_package.py").write_text("VALUE = 42")
    program = Program("import own_package\ndef f(): return own_package.VALUE", "f")

    with (
        LocalSandbox(packages=tmp_path, preload=["own_package"]) as sandbox,
        sandbox.run(program, Limits()) as running,
    ):
        assert running.call([]).value == 42


def test_each_program_has_the_packages_that_it_names(sandbox: LocalSandbox, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "own_package.py").write_text("VALUE = 42")
    text = "import own_package\ndef f(): return own_package.VALUE"

    with sandbox.run(Program(text, "f", packages=tmp_path), Limits()) as running:
        assert running.call([]).value == 42
    with sandbox.run(Program(text, "f"), Limits()) as running:
        assert "No module named 'own_package'" in running.call([]).message


def test_without_the_outer_wall_the_reason_and_the_remedy_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    with LocalSandbox() as sandbox, pytest.raises(SandboxUnavailable, match="apt install"):
        _ = sandbox.level


def test_what_was_denied_is_told(sandbox: LocalSandbox) -> None:
    program = Program("import socket\ndef f(): socket.socket()", "f")

    with sandbox.run(program, Limits()) as running:
        outcome = running.call([])

    assert "PermissionError" in outcome.message
    assert outcome.denied == ("socket(2, *, 0)",)


def test_programs_are_locked_where_the_kernel_cannot_tell_what_was_denied() -> None:
    """A process may have one listener: where a container has it, the lock must hold without."""
    code = """
import struct
from selftaught.sandbox import Limits, Program
from selftaught.sandboxes import kernel, seccomp
from selftaught.sandboxes.local import LocalSandbox

kernel.set_process(38, 1)
seccomp.install_with_listener(struct.pack("<HBBI", 6, 0, 0, 0x7FFF0000))
with LocalSandbox() as sandbox:
    with sandbox.run(Program("import socket\\ndef f(): socket.socket()", "f"), Limits()) as running:
        print(running.call([]))
"""
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert "PermissionError" in finished.stdout, finished.stderr
    assert "denied=()" in finished.stdout
