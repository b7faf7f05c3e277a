"""Instances, answers and scores of a task; programs run in the real sandbox."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.budget import Budget
from selftaught.description import ENDLESS
from selftaught.errors import UsageError
from selftaught.faults import in_words
from selftaught.host import Host
from selftaught.language_models.scripted import Scripted
from selftaught.place import Place
from selftaught.sandbox import Limits, Outcome, Status
from selftaught.sandboxes.local import LocalSandbox
from selftaught.solution import Solution
from selftaught.task import Split, Task, Verdict, independent_seeds
from selftaught.task_utility import NOT_TRIED, OUT_OF_RANGE, TaskUtility, judge
from selftaught.utility import Score

SEED = "def algorithm(numbers):\n    return numbers"
HUGE = 10**5000


def instance(seed: int) -> tuple[tuple[object, ...], object]:
    """Draw numbers."""
    return ([seed % 7, 3, 1],), sorted([seed % 7, 3, 1])


def score(answer: object, expected: object) -> float:
    """Return the share of places that are right."""
    return float(np.mean(np.asarray(answer) == np.asarray(expected)))


TASK = Task.from_functions(instance, score, seed=SEED, id="sorting", title="Sort numbers.")


def judged(value: object, score: Callable[[object, object], float] = score) -> float:
    return judge(replace(TASK, score=score), Outcome(Status.OK, value), [1, 2, 3]).score


Scorer = Callable[..., Score]


@pytest.fixture
def scored(real_sandbox: LocalSandbox, executor: Executor) -> Scorer:
    def run(text: str, task: Task = TASK, *, split: Split = Split.SEARCH, seed: int = 0) -> Score:
        host = Host(Scripted([]), real_sandbox, executor, [].append, Budget("run", {}), seed)
        utility = TaskUtility(task, host, split=split, stream="test")
        return utility.score(Solution(text), Place())

    return run


def test_a_right_answer_scores_its_share() -> None:
    assert judged([1, 2, 3]) == 1.0
    assert judged([1, 2, 0]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "value",
    [None, "abc", b"ab", [], [1, 2], [[1, 2], [3]], {}, {1}, [None] * 3, "\ud800", {"a": 1}],
)
def test_an_answer_of_a_wrong_shape_scores_no_more_than_the_floor(value: object) -> None:
    assert judged(value) == TASK.floor


@pytest.mark.parametrize(
    ("value", "failure"),
    [
        (float("nan"), Status.BAD_ANSWER),
        (float("inf"), Status.BAD_ANSWER),
        (-float("inf"), Status.BAD_ANSWER),
        (-0.1, OUT_OF_RANGE),
        (9.9, OUT_OF_RANGE),
    ],
)
def test_a_score_outside_its_range_never_pays(value: float, failure: str) -> None:
    verdict = judge(replace(TASK, score=lambda *_: value), Outcome(Status.OK, 1), 1)

    assert (verdict.score, verdict.failure) == (0.0, failure)
    assert verdict.message == f"score() gave {value:g}; scores lie between 0 and 1"


@pytest.mark.parametrize(
    "error", [KeyError("k"), ZeroDivisionError(), RecursionError(), MemoryError(), SystemExit(3)]
)
def test_a_scorer_that_raises_makes_a_bad_answer_of_it(error: BaseException) -> None:
    def fail(*_: object) -> float:
        raise error

    verdict = judge(replace(TASK, score=fail), Outcome(Status.OK, [7]), [1])

    assert (verdict.score, verdict.failure) == (0.0, Status.BAD_ANSWER)
    assert verdict.message == (
        f"the answer [7] cannot be scored: {in_words(error)} "
        f"({__file__}, line {fail.__code__.co_firstlineno + 1}, in fail: `raise error`)"
    )


@pytest.mark.parametrize("value", ["half", None, [0.5, 0.5], 1j])
def test_a_score_that_is_no_number_makes_a_bad_answer_of_it(value: object) -> None:
    verdict = judge(replace(TASK, score=lambda *_: value), Outcome(Status.OK, [7]), [1])  # type: ignore[arg-type, return-value]

    assert (verdict.score, verdict.failure) == (0.0, Status.BAD_ANSWER)
    assert verdict.message == f"score() gave {value!r}, no number; scores lie between 0 and 1"


def test_an_answer_that_python_cannot_print_is_a_bad_answer() -> None:
    def fail(answer: object, _: object) -> float:
        raise KeyError(answer)

    verdict = judge(replace(TASK, score=fail), Outcome(Status.OK, [HUGE]), [1])

    assert (verdict.score, verdict.failure) == (0.0, Status.BAD_ANSWER)


def test_a_failed_call_has_the_floor_and_its_own_kind_of_failure() -> None:
    task = replace(TASK, floor=-1.0)

    verdict = judge(task, Outcome(Status.TIMED_OUT, message="too slow"), [1])

    assert verdict == Verdict(-1.0, "timed out", "too slow")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
    max_leaves=4,
)


@given(plain)
@pytest.mark.filterwarnings("ignore")
def test_any_plain_answer_gets_a_finite_score(value: object) -> None:
    assert math.isfinite(judged(value))


@given(run_seed=st.integers(0, 2**63), stream=st.text(max_size=20), count=st.integers(0, 50))
def test_the_seeds_of_different_splits_are_disjoint(run_seed: int, stream: str, count: int) -> None:
    drawn = [independent_seeds(run_seed, split, stream, count) for split in Split]

    assert len({seed for seeds in drawn for seed in seeds}) == 3 * count
    assert all(0 <= seed < 2**48 for seeds in drawn for seed in seeds)


def test_seeds_depend_on_the_run_and_on_the_stream_and_can_be_repeated() -> None:
    def drawn(run_seed: int = 1, stream: str = "a") -> list[int]:
        return independent_seeds(run_seed, Split.SEARCH, stream, 20)

    assert drawn() == drawn()
    assert set(drawn()).isdisjoint(drawn(run_seed=2))
    assert set(drawn()).isdisjoint(drawn(stream="b"))


def test_a_program_is_scored_on_every_instance(scored: Scorer) -> None:
    result = scored("def algorithm(numbers):\n    return sorted(numbers)")

    assert result.value == 1.0
    assert result.instances == (1.0,) * 20
    assert result.failures == {}
    assert result.message == ""


def test_the_utility_is_the_mean_over_the_instances(scored: Scorer) -> None:
    result = scored(SEED)

    assert 0 < result.value < 1
    assert result.value == pytest.approx(math.fsum(result.instances) / 20)


def test_counts_decide_how_many_instances_a_split_has(scored: Scorer) -> None:
    task = replace(TASK, counts={Split.SEARCH: 3, Split.GATE: 4, Split.TEST: 5})

    counts = [len(scored(SEED, task, split=split).instances) for split in Split]

    assert counts == [3, 4, 5]


def test_splits_and_runs_have_instances_of_their_own(scored: Scorer) -> None:
    shown = "def algorithm(seed):\n    return seed"
    task = replace(
        TASK,
        instance=lambda seed: ((seed,), None),
        score=lambda answer, _: answer,  # type: ignore[arg-type, return-value]
        highest=float(2**48),
    )

    drawn = {
        scored(shown, task, split=split, seed=seed).instances for split in Split for seed in (1, 2)
    }

    assert len({instance for instances in drawn for instance in instances}) == 6 * 20


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("def algorithm(", Status.ERROR, "SyntaxError"),
        ("", Status.ERROR, "defines no function 'algorithm'"),
        ("algorithm = 3", Status.ERROR, "defines no function 'algorithm'"),
        ("def algorithm(): pass", Status.ERROR, "takes 0 positional arguments"),
        ("def algorithm(x): raise KeyError('\\ud800')", Status.ERROR, "KeyError"),
        ("def algorithm(x): return print", Status.BAD_ANSWER, "cannot be returned"),
        ("def algorithm(x): return float('nan') * 10 ** 5000", Status.ERROR, "OverflowError"),
        ("import os\ndef algorithm(x): os._exit(0)", Status.DIED, ""),
        ("raise SystemExit", Status.ERROR, "SystemExit"),
    ],
)
def test_a_program_that_fails_scores_the_floor_and_says_why(
    scored: Scorer, text: str, kind: Status, words: str
) -> None:
    result = scored(text, replace(TASK, floor=-0.5))

    assert result.value == -0.5
    assert result.failures == {kind: 20}
    assert words in result.message


def test_a_program_that_fails_once_loses_one_instance(scored: Scorer) -> None:
    text = "def algorithm(numbers):\n    1 / (numbers[0] - 3)\n    return sorted(numbers)"

    result = scored(text)

    lost = result.failures[Status.ERROR]
    assert 0 < lost < 20
    assert result.value == pytest.approx((20 - lost) / 20)


def test_after_two_time_outs_in_a_row_the_rest_is_not_tried(scored: Scorer) -> None:
    task = replace(TASK, limits=Limits(cpu_seconds=0.02))

    result = scored("def algorithm(numbers):\n    while True: pass", task)

    assert result.failures == {Status.TIMED_OUT: 2, NOT_TRIED: 18}
    assert result.instances == (0.0,) * 20


def test_a_task_of_ones_own_says_when_no_further_call_is_made() -> None:
    told = " ".join(TASK.describe().split())
    endless = " ".join(replace(TASK, patience=ENDLESS).describe().split())

    assert "After 2 calls in a row that used up their time no further one is made" in told
    assert "in a row" not in endless


def test_a_time_out_now_and_then_ends_nothing(scored: Scorer) -> None:
    text = "def algorithm(n):\n    while n % 2: pass\n    return 1"
    counts = dict.fromkeys(Split, 6)
    task = replace(
        TASK,
        limits=Limits(cpu_seconds=0.02),
        counts=counts,
        draw_seeds=lambda *_: list(range(6)),
        instance=lambda seed: ((seed,), None),
        score=lambda *_: 1.0,
    )

    result = scored(text, task)

    assert result.instances == (1.0, 0.0, 1.0, 0.0, 1.0, 0.0)
    assert result.failures == {Status.TIMED_OUT: 3}


def test_the_same_program_on_the_same_instances_is_run_once(
    real_sandbox: LocalSandbox, executor: Executor
) -> None:
    drawn: list[int] = []

    def counted(seed: int) -> tuple[tuple[object, ...], object]:
        drawn.append(seed)
        return instance(seed)

    host = Host(Scripted([]), real_sandbox, executor, [].append, Budget("run", {}))
    task = replace(TASK, instance=counted)
    for _ in range(2):
        TaskUtility(task, host, split=Split.SEARCH, stream="a").score(Solution(SEED), Place())
    TaskUtility(task, host, split=Split.SEARCH, stream="b").score(Solution(SEED), Place())

    assert len(drawn) == len(set(drawn)) == 40


def test_a_program_draws_the_same_random_numbers_every_time(scored: Scorer) -> None:
    text = "import random\ndef algorithm(x): return random.random()"
    task = replace(TASK, score=lambda answer, _: answer)  # type: ignore[arg-type, return-value]

    assert scored(text, task).instances == scored(text, task).instances
    assert len(set(scored(text, task).instances)) == 20


def test_a_task_can_aggregate_in_its_own_way(scored: Scorer) -> None:
    task = replace(TASK, aggregate=lambda verdicts: min(verdict.score for verdict in verdicts))

    result = scored(SEED, task)

    assert result.value == min(result.instances)


def test_a_task_of_two_functions_has_their_text_as_its_source() -> None:
    assert TASK.source.startswith("def instance(seed: int)")
    assert "def score(answer" in TASK.source
    assert (TASK.id, TASK.title, TASK.seed) == ("sorting", "Sort numbers.", Solution(SEED))


@pytest.mark.parametrize("seed", ["", "def other(x): pass", "def algorithm(", "algorithm = 1"])
def test_a_seed_that_defines_no_algorithm_is_the_users_error(seed: str) -> None:
    with pytest.raises(UsageError, match="task 'own': the seed must define a function 'algorithm'"):
        Task.from_functions(instance, score, seed=seed)


def test_a_function_without_a_source_is_the_users_error() -> None:
    namespace: dict[str, Callable[[int], tuple[tuple[object, ...], object]]] = {}
    exec("def drawn(seed): return (seed,), seed", namespace)

    with pytest.raises(UsageError, match="task 'own': no source of instance and score"):
        Task.from_functions(namespace["drawn"], score, seed=SEED)


def test_a_function_of_the_interpreter_is_the_users_error() -> None:
    with pytest.raises(UsageError, match="no source of instance and score"):
        Task.from_functions(instance, math.dist, seed=SEED)  # type: ignore[arg-type]


def test_the_description_parses_and_holds_title_rules_and_source() -> None:
    description = TASK.describe()

    docstring = ast.get_docstring(ast.parse(description)) or ""
    assert docstring.startswith("Sort numbers.\n\nA solution is a Python program")
    assert "20 instances" in docstring
    assert "2 s of CPU time" in docstring
    assert TASK.source in description


def test_the_description_of_functions_within_a_function_parses() -> None:
    def inner_instance(seed: int) -> tuple[tuple[object, ...], object]:
        return (seed,), seed

    def inner_score(answer: object, expected: object) -> float:
        return float(answer == expected)

    task = Task.from_functions(inner_instance, inner_score, seed=SEED)

    ast.parse(task.describe())
    assert task.source.startswith("def inner_instance(seed: int)")


@pytest.mark.parametrize(
    "title",
    [
        'Sort """quickly""".',
        "Sort by \\u-hat.",
        "C:\\new\\x",
        'It ends in "',
        "It ends in \\",
        "é☃",
    ],
)
def test_the_description_parses_whatever_the_title(title: str) -> None:
    description = replace(TASK, title=title).describe()

    assert (ast.get_docstring(ast.parse(description)) or "").startswith(f"{title}\n\nA solution")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60))
def test_the_description_parses_for_any_title(title: str) -> None:
    ast.parse(replace(TASK, title=title).describe())


@pytest.mark.parametrize(
    "generator", ["random.getstate()[1]", "numpy.random.get_state()[1].tolist()"]
)
def test_what_seeds_a_program_does_not_lead_to_the_seed_of_its_instance(
    scored: Scorer, generator: str
) -> None:
    # 1.0 where the state of a generator holds the seed of the instance, or its lower half.
    spy = f"import numpy, random\ndef algorithm():\n    return list({generator})[:4]"
    task = replace(
        TASK,
        instance=lambda seed: ((), seed),
        score=lambda answer, seed: float(
            any(word in (seed, seed % 2**32) for word in answer)  # type: ignore[attr-defined]
        ),
    )

    assert scored(spy, task).value == 0


def test_tasks_of_one_name_are_told_apart_by_what_scores() -> None:
    other = replace(TASK, source=TASK.source + "\n# another")

    assert TASK.digest == replace(TASK).digest
    assert other.digest != TASK.digest
