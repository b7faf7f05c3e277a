"""What every sandbox must do for programs that call the host: a suite to subclass."""

from __future__ import annotations

import threading

import pytest

from selftaught.errors import BudgetExceeded, ProgramError
from selftaught.sandbox import Handler, Limits, Program, Sandbox
from selftaught.testing.sandboxes import run


class HandlerConformance:
    """How handlers serve programs. Needs the fixture ``sandbox``."""

    def test_a_caller_stands_between(self, sandbox: Sandbox) -> None:
        modules = {"between": "def call(function, n): return function(lambda: n)"}
        program = Program("def f(get): return get() + 1", "f", modules=modules, caller="between")

        with sandbox.run(program, Limits()) as running:
            assert running.call([1]).value == 2

    def test_handlers_answer(self, sandbox: Sandbox) -> None:
        text = "from host import ask\ndef f(): return ask('add', 1, 2)"

        assert run(sandbox, text, handlers={"add": _add}).value == 3

    def test_handlers_serve_threads_at_once(self, sandbox: Sandbox) -> None:
        text = (
            "from host import ask\nfrom concurrent.futures import ThreadPoolExecutor\n"
            "def f():\n    with ThreadPoolExecutor(4) as pool:\n"
            "        return list(pool.map(lambda n: ask('meet', n), range(8)))"
        )
        meeting = threading.Barrier(4, timeout=10)

        def meet(n: int) -> int:
            meeting.wait()
            return n

        outcome = run(sandbox, text, limits=Limits(threads=4), handlers={"meet": meet})

        assert outcome.value == list(range(8))

    @pytest.mark.parametrize(
        "error", [ProgramError("not that"), BudgetExceeded("run", "calls", "none left")]
    )
    def test_a_refusal_is_raised_in_the_program(self, sandbox: Sandbox, error: Exception) -> None:
        text = (
            "from host import ask\ndef f():\n    try: ask('refuse')\n"
            "    except Exception as error: return type(error).__name__, str(error)"
        )

        outcome = run(sandbox, text, handlers={"refuse": _raiser(error)})

        assert outcome.value == (type(error).__name__, str(error))

    @pytest.mark.parametrize("threads", [0, 2])
    def test_an_error_of_the_host_stays_in_the_host(self, sandbox: Sandbox, threads: int) -> None:
        text = "from host import ask\ndef f():\n    try: ask('fail')\n    except: return 1"
        handlers = {"fail": _raiser(LookupError("our bug"))}

        with pytest.raises(LookupError, match="our bug"):
            run(sandbox, text, limits=Limits(threads=threads), handlers=handlers)

    def test_too_large_a_reply_of_the_host_is_refused(self, sandbox: Sandbox) -> None:
        text = (
            "from host import ask\ndef f():\n    try: ask('big')\n"
            "    except Exception as error: return str(error)"
        )
        limits = Limits(message_bytes=10_000)

        outcome = run(sandbox, text, limits=limits, handlers={"big": lambda: bytes(20_000)})

        assert "10,000 are allowed" in str(outcome.value)

    def test_threads_ask_again_at_once(self, sandbox: Sandbox) -> None:
        text = (
            "from host import ask\nfrom concurrent.futures import ThreadPoolExecutor\n"
            "def f():\n    with ThreadPoolExecutor(3) as pool:\n"
            "        return sum(pool.map(lambda n: ask('same', n), range(400)))"
        )

        outcome = run(sandbox, text, limits=Limits(threads=3), handlers={"same": abs})

        assert outcome.value == sum(range(400)), outcome

    def test_programs_run_nested(self, sandbox: Sandbox) -> None:
        """Everyone who holds a place waits for somebody who needs one."""
        text = "from host import ask\ndef f(depth): return depth and 1 + ask('deeper', depth - 1)"

        def deeper(depth: int) -> object:
            return run(sandbox, text, [depth], handlers={"deeper": deeper}).value

        assert deeper(6) == 6


def _add(a: int, b: int) -> int:
    return a + b


def _raiser(error: Exception) -> Handler:
    def fail(*_: object) -> None:
        raise error

    return fail
