"""One application of an improver program, in the real sandbox."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

import pytest

from selftaught.budget import Budget, Unit
from selftaught.client import Request
from selftaught.errors import ProviderError, RunCutShort, SandboxLost
from selftaught.events import Attempted, Event, Refused, ReplyReceived, SessionEnded, SolutionScored
from selftaught.host import Host
from selftaught.improver import LIMITS, Improvement, improve
from selftaught.language_models.scripted import Scripted
from selftaught.meta_utility import SessionBudget, open_session
from selftaught.place import Place
from selftaught.sandbox import Limits, Status
from selftaught.sandboxes.local import LocalSandbox
from selftaught.solution import Solution
from selftaught.utility import Score

SESSION = SessionBudget(calls=4, samples_per_call=6, evaluations=5)
PLACE = Place(("t1", "search", "own", "0"))
INITIAL = Solution("def algorithm(x):\n    return 'initial'")
QUICK = Limits(
    cpu_seconds=0.2,
    wall_seconds=0.3,
    memory_bytes=LIMITS.memory_bytes,
    threads=16,
    writable_bytes=4 << 20,
)


class ByLength:
    """Programs are the better the longer they are, up to 1."""

    description = "def utility(solution):\n    return min(1.0, len(solution) / 100)"

    def __init__(self) -> None:
        self.gathering: threading.Barrier | None = None

    def score(self, solution: Solution, place: Place) -> Score:
        assert place == PLACE
        if self.gathering:
            self.gathering.wait(10)
        return Score(min(1.0, len(solution.text) / 100))


@dataclass
class Applied:
    """What an improver made of the initial solution, and all that was recorded of it."""

    improvement: Improvement
    budget: Budget
    events: list[Event] = field(default_factory=list)

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def text(self) -> str | None:
        solution = self.improvement.solution
        return solution.text if solution else None

    @property
    def status(self) -> Status:
        return self.improvement.outcome.status

    @property
    def message(self) -> str:
        return self.improvement.outcome.message

    @property
    def attempts(self) -> list[str]:
        return [event.what for event in self.events if isinstance(event, Attempted)]


Apply = Callable[..., Applied]


def echo(request: Request) -> str:
    return f"{request.expertise}: {request.message} ({request.index})"


@pytest.fixture
def apply(real_sandbox: LocalSandbox, executor: Executor) -> Apply:
    def run(
        program: str,
        *,
        replies: Callable[[Request], str] = echo,
        limits: Limits = LIMITS,
        run_limits: Mapping[Unit, float] | None = None,
        utility: ByLength | None = None,
    ) -> Applied:
        events: list[Event] = []
        budget = Budget("run", run_limits or {})
        host = Host(Scripted(replies), real_sandbox, executor, events.append, budget)
        opened = open_session(INITIAL, utility or ByLength(), SESSION, host, PLACE, "stream")
        improvement = improve(Solution(program), replace(opened, limits=limits), host=host)
        return Applied(improvement, budget, events)

    return run


def body(*lines: str, before: str = "") -> str:
    """Returns an improver with these lines in its function."""
    indented = "".join(f"    {line}\n" for line in lines)
    return (
        f"{before}\ndef improve_algorithm(initial_solution, utility, language_model):\n{indented}"
    )


def test_what_an_improver_returns_is_the_improved_solution(apply: Apply) -> None:
    applied = apply(body("return initial_solution.replace('initial', 'better')"))

    assert applied.text == "def algorithm(x):\n    return 'better'"
    assert applied.status is Status.OK


def test_the_end_of_a_session_is_recorded(apply: Apply) -> None:
    program = body("print('hello')", "return 'x = 1'")

    applied = apply(program)

    [ended] = applied.of(SessionEnded)
    assert isinstance(ended, SessionEnded)
    assert (ended.place, ended.improver, ended.returned) == (
        PLACE,
        Solution(program),
        Solution("x = 1"),
    )
    assert (ended.status, ended.message, ended.printed) == ("ok", "", "hello\n")
    assert 0 < ended.cpu_seconds < 1


def test_an_improver_asks_scores_and_picks_the_best(apply: Apply) -> None:
    program = body(
        "replies = language_model.prompt('expert', 'Improve: ' + initial_solution, 3, 0.5)",
        "return max(extract_code(replies), key=utility)",
        before="from helpers import extract_code\n",
    )

    applied = apply(
        program, replies=lambda request: f"```\nx = {'1' * (request.index % 3 + 1)}\n```"
    )

    assert applied.text == "x = 111"
    assert len(applied.of(ReplyReceived)) == len(applied.of(SolutionScored)) == 3
    assert applied.budget.spent[Unit.CALLS] == 1


def test_an_improver_holds_the_papers_interface(apply: Apply) -> None:
    program = body(
        "facts = [utility.str, utility.budget, language_model.budget,",
        "         language_model.max_responses_per_call, utility.__name__,",
        "         language_model.batch_prompt('e', ('a', 'b')),",
        "         language_model.prompt(expertise='e', message='a', n_responses=2,",
        "                               temperature=0.1)]",
        "utility.increment_uses()",
        "return repr(facts)",
    )

    applied = apply(program)

    assert applied.text == repr(
        [
            ByLength.description,
            5,
            4,
            6,
            "utility",
            ["e: a (0)", "e: b (0)"],
            ["e: a (0)", "e: a (1)"],
        ]
    )
    assert applied.attempts == []


def test_the_modules_of_the_paper_can_be_imported(apply: Apply) -> None:
    program = body(
        "assert type(language_model) is LanguageModel",
        "return extract_code('```\\nx = 1\\n```')",
        before="from helpers import extract_code\nfrom language_model import LanguageModel\n",
    )

    applied = apply(program)

    assert applied.text == "x = 1"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("None", "None"),
        ("7", "7"),
        ("''", "''"),
        ("' \\n\\t'", "' \\n\\t'"),
        ("b'x = 1'", "b'x = 1'"),
        ("['x = 1']", "['x = 1']"),
        ("0.5, 'x = 1'", "(0.5, 'x = 1')"),
        ("10 ** 5000", "<a very large int>"),
        ("float('nan')", "nan"),
    ],
)
def test_what_is_no_text_is_a_bad_answer(apply: Apply, value: str, shown: str) -> None:
    applied = apply(body(f"return {value}"))

    assert applied.text is None
    assert applied.status is Status.BAD_ANSWER
    assert applied.message == f"improve_algorithm must return the text of a program, not {shown}"


@pytest.mark.parametrize("value", ["utility", "print", "lambda: 1", "object()", "'x' * (20 << 20)"])
def test_what_cannot_be_sent_is_a_bad_answer(apply: Apply, value: str) -> None:
    applied = apply(body(f"return {value}"))

    assert applied.text is None
    assert applied.status is Status.BAD_ANSWER


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("not python (", "not python ("),
        ("é☃\\u202e", "é☃\u202e"),
        ("x = '\\ud800'", "x = '?'"),
        ("x = '\\0'", "x = '\ufffd'"),
    ],
)
def test_any_text_is_a_solution(apply: Apply, text: str, stored: str) -> None:
    applied = apply(body(f'return "{text}"'))

    assert applied.text == stored


def test_a_subclass_of_str_is_no_trick(apply: Apply) -> None:
    program = body("return Text('x = 1')", before="class Text(str):\n    def strip(self): 1 / 0\n")

    applied = apply(program)

    assert applied.status in (Status.OK, Status.BAD_ANSWER)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("def improve_algorithm(", "SyntaxError"),
        ("", "the program defines no function 'improve_algorithm'"),
        ("def improve(s, u, l): return s", "the program defines no function 'improve_algorithm'"),
        ("improve_algorithm = 7", "the program defines no function 'improve_algorithm'"),
        ("def improve_algorithm(): return 'x'", "takes 0 positional arguments but 3 were given"),
        ("1 / 0", "ZeroDivisionError: division by zero (line 1: `1 / 0`)"),
        ("import no_such_module", "ModuleNotFoundError"),
        (body("return initial_solution / 2"), "TypeError"),
        (body("raise ValueError('\\ud800')"), "ValueError"),
        (body("raise SystemExit"), "SystemExit"),
        (body("raise KeyboardInterrupt"), "KeyboardInterrupt"),
        (body("improve_algorithm(1, 2, 3)"), "RecursionError"),
    ],
)
def test_an_improver_that_raises_returns_nothing_and_says_where(
    apply: Apply, program: str, words: str
) -> None:
    applied = apply(program)

    assert applied.text is None
    assert applied.status is Status.ERROR
    assert words in applied.message


@pytest.mark.parametrize("loop", ["pass", "time.sleep(60)", "threading.Event().wait()"])
def test_an_improver_that_goes_on_for_ever_is_ended(apply: Apply, loop: str) -> None:
    start = time.monotonic()

    applied = apply(body(f"while True: {loop}", before="import threading, time\n"), limits=QUICK)

    assert applied.status is Status.TIMED_OUT
    assert applied.text is None
    assert time.monotonic() - start < 5


def test_time_in_which_the_host_works_is_not_the_improvers(apply: Apply) -> None:
    def slow(request: Request) -> str:
        threading.Event().wait(0.11)
        return echo(request)

    program = body("for n in range(3): language_model.prompt('e', 'm')", "return 'x = 1'")

    applied = apply(program, replies=slow, limits=QUICK)

    assert applied.text == "x = 1"


def test_an_improver_that_eats_memory_is_ended(apply: Apply) -> None:
    applied = apply(body("return len(bytearray(1 << 33))"))

    assert applied.status is Status.OUT_OF_MEMORY


@pytest.mark.parametrize("how", ["os._exit(0)", "os.kill(os.getpid(), 9)", "os.abort()"])
def test_an_improver_that_dies_costs_only_itself(apply: Apply, how: str) -> None:
    applied = apply(body(how, before="import os\n"))

    assert applied.status is Status.DIED
    assert apply(body("return 'x = 1'")).text == "x = 1"


def test_a_flood_of_output_is_cut(apply: Apply) -> None:
    program = body("for n in range(20000): print('x' * 100)", "return 'x = 1'")

    applied = apply(program)

    assert applied.text == "x = 1"
    assert applied.improvement.outcome.printed == (("x" * 100 + "\n") * 41)[: LIMITS.printed_bytes]


def test_a_flood_of_attempts_is_recorded_a_hundred_times(apply: Apply) -> None:
    program = body("for n in range(300): utility.budget = n", "return 'x = 1'")

    applied = apply(program)

    assert applied.text == "x = 1"
    assert len(applied.attempts) == 100


def test_a_flood_of_calls_ends_with_the_budget(apply: Apply) -> None:
    program = body("scores = [utility('x' * 9) for n in range(500)]", "return repr(sum(scores))")

    applied = apply(program)

    assert float(applied.text or "") == pytest.approx(0.45)
    assert len(applied.of(Refused)) == 495
    assert applied.budget.spent[Unit.EVALUATIONS] == 5


def test_a_prompt_larger_than_a_message_may_be_fails_in_the_program(apply: Apply) -> None:
    applied = apply(body("return language_model.prompt('e', 'x' * (20 << 20))[0]"))

    assert applied.text is None
    assert applied.of(ReplyReceived) == []


TRICKS = {
    "set the budget of the utility": "utility.budget = 1000",
    "set the budget of the model": "language_model.budget = 1000",
    "set the number of samples": "language_model.max_responses_per_call = 1000",
    "set the uses": "utility.uses = -1000",
    "set the times used": "language_model.times_used = -1000",
    "set the description": "utility.str = 'return 1'",
    "use setattr": "setattr(utility, 'budget', 10 ** 9)",
    "build a model": "language_model = LanguageModel(budget=1000)",
    "build a model by position": "language_model = LanguageModel(1000, 1000)",
    "build a model without arguments": "language_model = LanguageModel()",
    "build a model by its type": "language_model = type(language_model)(budget=1000)",
    "ask for the test split": "utility(initial_solution, mode='test')",
    "ask for the test split by position": "utility(initial_solution, 'test')",
    "ask for seeds": "utility(initial_solution, seed=5678)",
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS)
def test_an_attempt_to_get_more_gains_nothing_and_is_recorded(apply: Apply, trick: str) -> None:
    program = body(
        trick,
        "replies = []",
        "scores = [utility('x' * 10) for n in range(20)]",
        "try:",
        "    for n in range(20): replies += language_model.prompt('e', 'm', 6)",
        "except Exception as error: replies.append(type(error).__name__)",
        "return repr((sum(score > 0 for score in scores), len(replies), replies[-1]))",
        before="from language_model import LanguageModel\n",
    )

    applied = apply(program)

    scored, replies, last = eval(applied.text or "")
    assert scored <= 5
    assert (replies, last) == (25, "BudgetExceeded")
    assert applied.budget.spent[Unit.CALLS] == 4
    assert applied.budget.spent[Unit.SAMPLES] == 24
    assert applied.budget.spent[Unit.EVALUATIONS] == 5
    assert len(applied.attempts) == 1
    assert all(
        isinstance(event, Attempted) and (event.place, event.solution) == (PLACE, Solution(program))
        for event in applied.of(Attempted)
    )


@pytest.mark.parametrize(
    "trick",
    [
        "vars(utility)['budget'] = vars(language_model)['budget'] = 1000",
        "utility._allowance = language_model._allowance = 1000",
        "sys.modules['language_model']._allowance.update(calls=10 ** 4, evaluations=10 ** 4)",
        "utility.__class__.__call__ = lambda *_: 1.0",
    ],
)
def test_a_trick_within_the_program_gains_nothing_in_the_host(apply: Apply, trick: str) -> None:
    program = body(
        trick,
        "for n in range(20): utility('x' * 10)",
        "for n in range(20): language_model.prompt('e', 'm', 6)",
        before="import sys\n",
    )

    applied = apply(program)

    assert "BudgetExceeded: the session may spend 4 calls" in applied.message
    assert applied.budget.spent[Unit.CALLS] == 4
    assert applied.budget.spent[Unit.EVALUATIONS] <= 5


HOSTILE_CALLS = [
    "call('utility', 10 ** 5000)",
    "call('utility')",
    "call('utility', 1, 2, 3)",
    "call('utility_map', {'a': 1})",
    "call('utility_map', 'abc')",
    "call('utility_map', 5)",
    "call('utility_map', numpy.zeros(3))",
    "call('prompt', 'e', 'm', 10 ** 5000)",
    "call('prompt', 'e', 'm', 10 ** 30)",
    "call('prompt', 'e', 'm', [10 ** 5000])",
    "call('prompt', 'e', 'm', 1, 10 ** 5000)",
    "call('prompt', 'e', 'm', 1, numpy.zeros(3))",
    "call('prompt', 'e', 'm', numpy.zeros(3))",
    "call('prompt', None, None)",
    "call('prompt')",
    "call('batch_prompt', 'e', numpy.zeros(0))",
    "call('batch_prompt', 'e', numpy.zeros(3))",
    "call('batch_prompt', 'e', {'a': 1})",
    "call('batch_prompt', 'e', {1: {}})",
    "call('batch_prompt', ['e'], [['m']])",
    "call('batch_prompt', 'e', 'abc')",
    "call('attempt')",
    "call('attempt', 10 ** 5000)",
    "call('attempt', [[10 ** 5000], 'x' * 1000])",
    "call('attempt', '\\ud800\\0')",
    "call('no such function')",
    "call('', *range(1000))",
]


@pytest.mark.parametrize("hostile", HOSTILE_CALLS)
def test_a_hostile_call_of_the_host_is_the_programs_own_failure(apply: Apply, hostile: str) -> None:
    program = body(
        f"try: {hostile}",
        "except (ProgramError, BudgetExceeded) as error: pass",
        "return 'x = 1'",
        before="import numpy\n"
        "from language_model import call_host as call, ProgramError, BudgetExceeded\n",
    )

    applied = apply(program)

    assert applied.text == "x = 1"
    assert applied.budget.spent[Unit.CALLS] == 0


def test_more_samples_than_allowed_are_refused_and_recorded(apply: Apply) -> None:
    program = body(
        "try: language_model.prompt('e', 'm', 7)",
        "except Exception as error: return f'{type(error).__name__}: {error}'",
    )

    applied = apply(program)

    assert applied.text == "ProgramError: one call gives at most 6 samples; 7 were asked"
    assert len(applied.of(Refused)) == 1
    assert applied.budget.spent[Unit.SAMPLES] == 0


def test_a_refusal_that_is_not_caught_ends_the_improver(apply: Apply) -> None:
    program = body("for n in range(9):", "    language_model.prompt('e', 'm')", "return 'x = 1'")

    applied = apply(program)

    assert applied.status is Status.ERROR
    assert applied.message.startswith(
        "BudgetExceeded: the session may spend 4 calls, has spent 4, asked for 1 (line 3: `lang"
    )


def test_map_scores_many_programs_in_their_order(apply: Apply) -> None:
    program = body("return repr(utility.map(['x' * n for n in (30, 10, 20)] + [None, 7]))")

    applied = apply(program)

    assert applied.text == "[0.3, 0.1, 0.2, 0.0, 0.0]"
    assert applied.budget.spent[Unit.EVALUATIONS] == 5


def test_map_scores_its_programs_at_the_same_time(apply: Apply) -> None:
    utility = ByLength()
    utility.gathering = threading.Barrier(5)

    applied = apply(body("return repr(utility.map(['x' * 10] * 5))"), utility=utility)

    assert applied.text == repr([0.1] * 5)


def test_map_takes_what_can_be_iterated(apply: Apply) -> None:
    applied = apply(body("return repr(utility.map('x' * n for n in (10, 20)))"))

    assert applied.text == "[0.1, 0.2]"


def test_threads_of_an_improver_are_served_at_the_same_time(apply: Apply) -> None:
    utility = ByLength()
    utility.gathering = threading.Barrier(5)
    program = body(
        "with ThreadPoolExecutor(10) as pool:",
        "    replies = list(pool.map(lambda n: language_model.prompt('e', str(n), 2), range(4)))",
        "    scores = list(pool.map(utility, ['x' * n for n in range(10, 60, 10)]))",
        "return repr((replies, scores))",
        before="from concurrent.futures import ThreadPoolExecutor\n",
    )

    applied = apply(program, utility=utility)

    assert applied.text == repr(
        ([[f"e: {n} (0)", f"e: {n} (1)"] for n in range(4)], [0.1, 0.2, 0.3, 0.4, 0.5])
    )


def test_threads_of_an_improver_share_one_budget(apply: Apply) -> None:
    program = body(
        "def ask(n):",
        "    try: return language_model.prompt('e', 'm')[0]",
        "    except Exception as error: return type(error).__name__",
        "with ThreadPoolExecutor(12) as pool:",
        "    said = list(pool.map(ask, range(60)))",
        "return repr((said.count('BudgetExceeded'), len(set(said))))",
        before="from concurrent.futures import ThreadPoolExecutor\n",
    )

    applied = apply(program)

    assert applied.text == "(56, 5)"
    assert applied.budget.spent[Unit.CALLS] == 4


def test_an_improver_sees_nothing_of_the_host(apply: Apply) -> None:
    program = body(
        "import os, sys",
        "parts = ('task', 'host', 'budget')",
        "found = [name for name in sys.modules if name.split('.')[-1] in parts]",
        "return repr((found, sorted(os.environ), os.path.exists('/etc/shadow')))",
    )

    applied = apply(program)

    found, environment, shadow = eval(applied.text or "")
    assert found == []
    assert not any("SELFTAUGHT" in name or "KEY" in name for name in environment)
    assert not shadow


def test_an_improver_can_try_programs_of_its_own_and_write_temporary_files(apply: Apply) -> None:
    program = body(
        "with tempfile.TemporaryFile('w+') as file:",
        "    file.write('x = 1'); file.seek(0); text = file.read()",
        "namespace = {}; exec(text, namespace)",
        "return text + str(namespace['x'])",
        before="import tempfile\n",
    )

    applied = apply(program)

    assert applied.text == "x = 11"


def test_a_limit_of_the_run_ends_the_run_and_blames_no_program(apply: Apply) -> None:
    program = body(
        "try: language_model.prompt('e', 'm', 5)", "except BaseException: return 'x = 1'"
    )

    with pytest.raises(RunCutShort, match="the run may spend 4 samples"):
        apply(program, run_limits={Unit.SAMPLES: 4})


def test_a_limit_of_the_run_on_evaluations_ends_a_map(apply: Apply) -> None:
    with pytest.raises(RunCutShort, match="the run may spend 2 evaluations"):
        apply(body("return repr(utility.map(['x'] * 4))"), run_limits={Unit.EVALUATIONS: 2})


def test_a_model_that_cannot_be_reached_is_not_the_improvers_fault(apply: Apply) -> None:
    def fail(request: Request) -> str:
        raise ProviderError(f"no answer to {request.message}")

    program = body("try: language_model.prompt('e', 'm')", "except BaseException: return 'x = 1'")

    with pytest.raises(ProviderError, match="no answer to m"):
        apply(program, replies=fail)


def test_a_sandbox_that_breaks_is_not_the_improvers_fault(apply: Apply) -> None:
    class Broken(ByLength):
        def score(self, solution: Solution, place: Place) -> Score:
            raise SandboxLost(f"{solution.id} at {place}")

    with pytest.raises(SandboxLost):
        apply(body("return repr(utility('x'))"), utility=Broken())


def test_the_sandbox_serves_on_after_a_failure_of_the_host(apply: Apply) -> None:
    with pytest.raises(RunCutShort):
        apply(body("utility('x')"), run_limits={Unit.EVALUATIONS: 0})

    assert apply(body("return 'x = 1'")).text == "x = 1"


def test_where_no_reply_held_a_program_the_failure_says_so(apply: Apply) -> None:
    asking = body(
        "replies = language_model.prompt('expert', 'Improve', 2)",
        "return next(code for code in extract_code(replies) if code)",
        before="from helpers import extract_code",
    )

    applied = apply(asking, replies=lambda _: "I would rather not.")

    assert applied.status is Status.ERROR
    assert applied.message.endswith("none of the 2 replies held a program")
