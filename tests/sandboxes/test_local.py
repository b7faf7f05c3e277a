from collections.abc import Iterator

import pytest

from selftaught.errors import BudgetExceeded, ProgramError
from selftaught.sandbox import Limits, Outcome, Program, Status
from selftaught.sandboxes.local import LocalSandbox

ASK = {"host": "def ask(name, *arguments): return call_host(name, *arguments)"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[LocalSandbox]:
    with LocalSandbox() as opened:
        yield opened


def run(
    sandbox: LocalSandbox, text: str, *arguments: object, limits: Limits | None = None, **handlers
) -> Outcome:  # type: ignore[no-untyped-def] # noqa: ANN003, E501
    program = Program(text, "f", modules=ASK)
    with sandbox.run(program, limits or Limits(), handlers) as running:
        return running.call(arguments)


def test_a_program_returns_its_answer(sandbox: LocalSandbox) -> None:
    outcome = run(sandbox, "def f(x): return {'twice': 2 * x}", 21)

    assert outcome.value == {"twice": 42}


def test_an_error_names_the_line_of_the_program(sandbox: LocalSandbox) -> None:
    outcome = run(sandbox, "def f():\n    return 1 / 0\n")

    assert outcome.status is Status.ERROR
    assert outcome.message == "ZeroDivisionError: division by zero (line 2: `return 1 / 0`)"


def test_a_busy_program_is_ended_at_its_cpu_time(sandbox: LocalSandbox) -> None:
    outcome = run(sandbox, "def f():\n    while True: pass", limits=Limits(cpu_seconds=0.05))

    assert outcome.status is Status.TIMED_OUT
    assert 0.05 <= outcome.cpu_seconds < 0.1


def test_an_idle_program_is_ended_by_the_backstop(sandbox: LocalSandbox) -> None:
    limits = Limits(cpu_seconds=0.1, wall_seconds=0.1)

    outcome = run(sandbox, "import time\ndef f(): time.sleep(60)", limits=limits)

    assert outcome.status is Status.TIMED_OUT


def test_too_much_memory_is_told_apart(sandbox: LocalSandbox) -> None:
    outcome = run(sandbox, "def f(): return len(bytearray(1 << 31))")

    assert outcome.status is Status.OUT_OF_MEMORY


def test_a_handler_answers_the_program(sandbox: LocalSandbox) -> None:
    text = "from host import ask\ndef f(): return ask('add', 1, 2)"

    outcome = run(sandbox, text, add=lambda a, b: a + b)

    assert outcome.value == 3


def test_handlers_serve_several_threads_at_once(sandbox: LocalSandbox) -> None:
    text = (
        "from host import ask\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "def f():\n    with ThreadPoolExecutor(4) as pool:\n"
        "        return list(pool.map(lambda n: ask('twice', n), range(20)))"
    )

    outcome = run(sandbox, text, limits=Limits(threads=4), twice=lambda n: 2 * n)

    assert outcome.value == [2 * n for n in range(20)]


@pytest.mark.parametrize(
    "error", [ProgramError("not that"), BudgetExceeded("run", "calls", "no call left")]
)
def test_a_refusal_reaches_the_program(sandbox: LocalSandbox, error: Exception) -> None:
    text = (
        "from host import ask\ndef f():\n    try: ask('refuse')\n"
        "    except Exception as error: return type(error).__name__, str(error)"
    )

    def refuse() -> None:
        raise error

    outcome = run(sandbox, text, refuse=refuse)

    assert outcome.value == (type(error).__name__, str(error))


def test_a_failure_of_the_host_reaches_the_host(sandbox: LocalSandbox) -> None:
    def fail() -> None:
        raise LookupError("our bug")

    with pytest.raises(LookupError, match="our bug"):
        run(sandbox, "from host import ask\ndef f(): ask('fail')", fail=fail)


def test_a_program_cannot_read_the_home_folder(sandbox: LocalSandbox) -> None:
    outcome = run(sandbox, "import os\ndef f(): return os.listdir('/root')")

    assert outcome.status is Status.ERROR or outcome.value == [".pyenv"]
