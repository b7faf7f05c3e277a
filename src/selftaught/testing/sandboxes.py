"""What every sandbox must do: a suite to subclass, and to give the fixture that it asks for.

Example::

    @pytest.fixture(scope="module")
    def sandbox():
        with closing(MySandbox()) as sandbox:
            yield sandbox

    class TestMySandbox(SandboxConformance):
        pass
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from selftaught.sandbox import Handler, Limits, Outcome, Program, Sandbox, Status

MODULES = {"host": "def ask(name, *arguments): return call_host(name, *arguments)"}
"""How the programs of the suites reach their handlers."""


_PLAIN: list[object] = [
    None,
    True,
    -(1 << 70),
    2.5,
    1 - 2j,
    "text \ud800 and 🙂",
    b"\x00\xff",
    [1, [2, []]],
    (1, (2,), ()),
    {1, "a"},
    frozenset({(1, 2)}),
    {"a": 1, (1, 2): {3: None}},
]
_NOTHING: Mapping[str, Handler] = {}


def run(
    sandbox: Sandbox,
    text: str,
    arguments: Sequence[object] = (),
    *,
    limits: Limits | None = None,
    handlers: Mapping[str, Handler] = _NOTHING,
    seed: int = 0,
) -> Outcome:
    """Loads a program, calls its function ``f`` once, and ends it."""
    program = Program(text, "f", modules=MODULES)
    with sandbox.run(program, limits or Limits(), handlers) as running:
        return running.call(arguments, seed=seed)


class SandboxConformance:
    """The contract of `selftaught.sandbox`. Needs the fixture ``sandbox``."""

    @pytest.mark.parametrize("value", _PLAIN, ids=lambda value: type(value).__name__)
    def test_plain_data_passes_unchanged(self, sandbox: Sandbox, value: object) -> None:
        outcome = run(sandbox, "def f(x): return x", [value])

        assert outcome.value == value
        assert type(outcome.value) is type(value)

    @pytest.mark.parametrize("kind", ["?", "i1", "u8", "f2", "f4", "f8", "c16", ">i4"])
    def test_arrays_keep_their_shape_and_kind(self, sandbox: Sandbox, kind: str) -> None:
        array = np.arange(6).reshape(2, 3).astype(kind)

        value = run(sandbox, "def f(x): return x.T", [array]).value

        np.testing.assert_array_equal(value, array.T, strict=kind[0] != ">")  # pyright: ignore[reportArgumentType, reportCallIssue] - checked here

    def test_numpy_scalars_become_python_numbers(self, sandbox: Sandbox) -> None:
        text = "import numpy as np\ndef f(): return [np.int8(1), np.float32(0.5), np.bool_(True)]"

        assert run(sandbox, text).value == [1, 0.5, True]

    def test_an_answer_that_is_no_data_names_its_place(self, sandbox: Sandbox) -> None:
        outcome = run(sandbox, "def f(): return {'a': [1, object()]}")

        assert outcome.status is Status.BAD_ANSWER
        assert "the value['a'][1] is object" in outcome.message

    def test_too_large_an_answer_is_a_bad_one(self, sandbox: Sandbox) -> None:
        outcome = run(
            sandbox, "def f(): return bytes(100_000)", limits=Limits(message_bytes=50_000)
        )

        assert outcome.status is Status.BAD_ANSWER
        assert "50,000" in outcome.message

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("def f():\n    return 1 / 0", "Error: division by zero (line 2: `return 1 / 0`)"),
            ("def f(:\n    pass", "SyntaxError: invalid syntax (line 1: `def f(:`)"),
            ("def g(): pass", "NameError: the program defines no function 'f'"),
            ("import nothing", "No module named 'nothing' (line 1: `import nothing`)"),
            ("import sys\ndef f(): sys.exit(3)", "SystemExit: 3"),
        ],
    )  # fmt: skip
    def test_an_error_names_its_line(self, sandbox: Sandbox, text: str, said: str) -> None:
        outcome = run(sandbox, text)

        assert outcome.status is Status.ERROR
        assert said in outcome.message

    def test_a_busy_program_ends_at_its_cpu_time(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=0.1, wall_seconds=60)

        outcome = run(sandbox, "def f():\n    while True: pass", limits=limits)

        assert outcome.status is Status.TIMED_OUT
        assert "0.1 s of CPU time" in outcome.message
        assert 0.1 <= outcome.cpu_seconds < 0.2

    def test_an_idle_program_ends_at_the_backstop(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=0.1, wall_seconds=0.1)

        outcome = run(sandbox, "import time\ndef f(): time.sleep(60)", limits=limits)

        assert outcome.status is Status.TIMED_OUT
        assert "waited" in outcome.message

    def test_loading_has_its_own_limit(self, sandbox: Sandbox) -> None:
        outcome = run(sandbox, "while True: pass", limits=Limits(load_seconds=0.1))

        assert outcome.status is Status.TIMED_OUT

    def test_the_clock_stands_still_while_the_host_works(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=0.1, wall_seconds=0.1)
        text = "from host import ask\ndef f(): return ask('wait')"

        outcome = run(sandbox, text, limits=limits, handlers={"wait": lambda: time.sleep(0.2)})

        assert outcome.is_ok

    def test_memory_is_bounded(self, sandbox: Sandbox) -> None:
        limits = Limits(memory_bytes=128 << 20)

        within = run(sandbox, "def f(): return len(bytearray(64 << 20))", limits=limits)
        beyond = run(sandbox, "def f(): return len(bytearray(256 << 20))", limits=limits)

        assert within.is_ok
        assert beyond.status is Status.OUT_OF_MEMORY
        assert "128 MiB" in beyond.message

    @pytest.mark.parametrize(
        ("end", "said"),
        [("os._exit(3)", "exit code 3"), ("os.kill(os.getpid(), 11)", "SIGSEGV")],
    )
    def test_a_death_is_told(self, sandbox: Sandbox, end: str, said: str) -> None:
        outcome = run(sandbox, f"import os\ndef f(): {end}")

        assert outcome.status is Status.DIED
        assert said in outcome.message

    def test_a_program_too_large_is_refused(self, sandbox: Sandbox) -> None:
        outcome = run(sandbox, "#" * 2000, limits=Limits(message_bytes=1000))

        assert outcome.status is Status.REFUSED

    def test_arguments_too_large_are_refused_and_the_program_lives(self, sandbox: Sandbox) -> None:
        text = "count = 0\ndef f(x):\n    global count\n    count += 1\n    return count"
        program = Program(text, "f")
        with sandbox.run(program, Limits(message_bytes=10_000)) as running:
            outcomes = [running.call([bytes(size)]) for size in (1, 20_000, 1)]

        assert [outcome.status for outcome in outcomes] == [Status.OK, Status.REFUSED, Status.OK]
        assert outcomes[2].value == 2

    def test_what_was_printed_is_kept_up_to_a_limit(self, sandbox: Sandbox) -> None:
        text = "import sys\ndef f():\n    print('out')\n    print('x' * 100, file=sys.stderr)"

        outcome = run(sandbox, text, limits=Limits(printed_bytes=10))

        assert outcome.printed == "out\nxxxxxx"

    def test_what_was_printed_survives_a_time_out(self, sandbox: Sandbox) -> None:
        text = "def f():\n    print('here')\n    while True: pass"

        outcome = run(sandbox, text, limits=Limits(cpu_seconds=0.05))

        assert outcome.printed == "here\n"

    def test_the_seed_decides_what_is_drawn(self, sandbox: Sandbox) -> None:
        text = "import random, numpy\ndef f(): return random.random(), numpy.random.rand()"

        draws = [run(sandbox, text, seed=seed).value for seed in (1, 1, 2)]

        assert draws[0] == draws[1] != draws[2]

    def test_a_process_is_kept_between_calls(self, sandbox: Sandbox) -> None:
        program = Program(
            "count = 0\ndef f():\n    global count\n    count += 1\n    return count", "f"
        )

        with sandbox.run(program, Limits()) as running:
            counts = [running.call([]).value for _ in range(3)]

        assert counts == [1, 2, 3]

    def test_a_dead_program_is_loaded_afresh(self, sandbox: Sandbox) -> None:
        program = Program("import os\ndef f(end): return os._exit(1) if end else 'alive'", "f")

        with sandbox.run(program, Limits()) as running:
            outcomes = [running.call([end]) for end in (True, False)]

        assert [outcome.status for outcome in outcomes] == [Status.DIED, Status.OK]

    def test_a_program_that_does_not_load_says_so_at_every_call(self, sandbox: Sandbox) -> None:
        with sandbox.run(Program("1 / 0", "f"), Limits()) as running:
            outcomes = [running.call([]) for _ in range(2)]

        assert outcomes[0] == outcomes[1]
        assert outcomes[0].status is Status.ERROR
        assert outcomes[0].while_loading
        assert not run(sandbox, "def f(): 1 / 0").while_loading

    def test_nothing_is_writable_unless_allowed(self, sandbox: Sandbox) -> None:
        text = "import tempfile\ndef f(): return tempfile.mkstemp()[1]"

        assert run(sandbox, text).status is Status.ERROR

    def test_many_programs_run_at_once(self, sandbox: Sandbox) -> None:
        with ThreadPoolExecutor(8) as pool:
            running = [pool.submit(run, sandbox, "def f(n): return n", [n]) for n in range(40)]

        assert [future.result().value for future in running] == list(range(40))
