"""The conformance suite for improvers tells faulty ones from a sound one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from selftaught.sandbox import Sandbox
from selftaught.sandboxes.local import LocalSandbox
from selftaught.solution import Solution
from selftaught.testing.applications import USUAL, fenced
from selftaught.testing.improvers import BUDGETS, ImproverConformance

SOUND = '''
from contextlib import suppress
from helpers import extract_code

def improve_algorithm(initial_solution, utility, language_model):
    """Ask again and again for something better."""
    message = f"Write a better one:\\n```python\\n{initial_solution}\\n```"
    scores = {initial_solution: 0.0}
    with suppress(RuntimeError):
        for _ in range(min(language_model.budget, 9)):
            count = language_model.max_responses_per_call
            replies = language_model.prompt("You write programs.", message, count)
            codes = [code for code in dict.fromkeys(extract_code(replies)) if code]
            new = [code for code in codes if code not in scores]
            left = max(2, utility.budget) - len(scores)
            new = new[:left]
            scores.update(zip(new, utility.map(new)))
    return max(scores, key=scores.get)
'''
SUITE = ImproverConformance()
Check = Callable[[Solution, Sandbox], None]


def within(number: int) -> Check:
    session = BUDGETS[number]
    return lambda *given: SUITE.test_it_stays_within_any_budget(*given, session)


def without_code(*given: object) -> None:
    SUITE.test_without_code_in_the_replies_the_solution_stays(*given, USUAL)  # type: ignore[arg-type]


def broken(*given: object) -> None:
    reply = fenced("def algorithm(")
    SUITE.test_it_survives_useless_replies_within_its_cpu_time(*given, reply)  # type: ignore[arg-type]


BEST = "max(scores, key=scores.get)"
FAULTS: dict[str, tuple[str, str, Check]] = {
    "asks once too often": ("budget, 9)):", "budget, 9) + 1):", within(-1)),
    "asks for too many": ("per_call", "per_call + 1", within(-1)),
    "scores too many": ("new[:left]", "new", within(5)),
    "sets its budget": ("scores = {", "utility.budget = 99\n    scores = {", within(-1)),
    "returns the worst": (BEST, "min(scores, key=scores.get)", within(-1)),
    "returns the last": (
        BEST,
        "list(scores)[-1]",
        SUITE.test_it_finds_the_good_reply_among_bad_ones,
    ),
    "returns anything": (BEST, "list(scores)[-1]", broken),
    "takes all for programs": ("if code]", "if code.strip()]", without_code),
    "loses all at a limit": (
        "RuntimeError",
        "KeyError",
        SUITE.test_a_limit_that_was_not_announced_costs_nothing_that_was_found,
    ),
    "trusts the utility": (
        "RuntimeError",
        "KeyError",
        SUITE.test_a_utility_that_fails_leaves_the_solution_as_it_is,
    ),
    "draws from the system": (
        "new[:left]",
        "__import__('random').SystemRandom().sample(new, min(left, len(new) // 2))",
        SUITE.test_the_same_seed_gives_the_same_result_whatever_is_done_first,
    ),
    "expects functions only": (
        BEST,
        "'def algorithm():\\n    return 0.9'",
        SUITE.test_it_improves_an_improver,
    ),
    "returns nothing": (BEST, "None", SUITE.test_it_improves_a_function),
}


@pytest.fixture
def sandbox(real_sandbox: LocalSandbox) -> Sandbox:
    return real_sandbox


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(sandbox: Sandbox, fault: str) -> None:
    sound, faulty, check = FAULTS[fault]
    assert sound in SOUND
    check(Solution(SOUND), sandbox)

    with pytest.raises(AssertionError):
        check(Solution(SOUND.replace(sound, faulty)), sandbox)
