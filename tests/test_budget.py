"""What may be spent, and that never more is."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.budget import Amounts, Budget, Unit
from selftaught.errors import BudgetExceeded, RunCutShort


def spend(budget: Budget, unit: Unit = Unit.CALLS, amount: float = 1) -> None:
    with budget.reserve({unit: amount}):
        pass


def test_what_is_reserved_is_spent_afterwards() -> None:
    budget = Budget("run", {Unit.CALLS: 3})

    with budget.reserve({Unit.CALLS: 2}):
        during = budget.spent[Unit.CALLS], budget.remaining(Unit.CALLS)

    assert during == (0, 1)
    assert (budget.spent[Unit.CALLS], budget.remaining(Unit.CALLS)) == (2, 1)


def test_a_unit_without_a_limit_is_counted_and_never_refused() -> None:
    budget = Budget("run", {Unit.CALLS: 1})

    spend(budget, Unit.SAMPLES, 10**12)

    assert budget.spent[Unit.SAMPLES] == 10**12
    assert budget.remaining(Unit.SAMPLES) == float("inf")


def test_the_limit_itself_may_be_spent_and_nothing_beyond() -> None:
    budget = Budget("session", {Unit.CALLS: 2})
    spend(budget, amount=2)

    with pytest.raises(BudgetExceeded) as caught:
        spend(budget)

    assert (caught.value.scope, caught.value.unit) == ("session", "calls")
    assert str(caught.value) == "the session may spend 2 calls, has spent 2, asked for 1"


def test_what_an_inner_scope_spends_the_outer_ones_spend_too() -> None:
    run = Budget("run", {})
    generation = run.nested("generation 1", {})
    session = generation.nested("session", {})

    spend(session)
    spend(generation)

    assert [scope.spent[Unit.CALLS] for scope in (run, generation, session)] == [2, 2, 1]


def test_scopes_side_by_side_share_the_outer_limit() -> None:
    run = Budget("run", {Unit.CALLS: 1})
    first, second = (run.nested(name, {Unit.CALLS: 1}) for name in ("first", "second"))
    spend(first)

    with pytest.raises(BudgetExceeded) as caught:
        spend(second)

    assert caught.value.scope == "run"
    assert second.spent[Unit.CALLS] == 0
    assert second.remaining(Unit.CALLS) == 1


def test_the_error_names_the_outermost_scope_that_refuses() -> None:
    run = Budget("run", {Unit.CALLS: 0})
    session = run.nested("generation", {Unit.CALLS: 0}).nested("session", {Unit.CALLS: 0})

    with pytest.raises(BudgetExceeded) as caught:
        spend(session)

    assert caught.value.scope == "run"


def test_a_refused_reservation_reserves_nothing_anywhere() -> None:
    run = Budget("run", {Unit.CALLS: 5, Unit.SAMPLES: 5})
    session = run.nested("session", {Unit.SAMPLES: 1})

    with pytest.raises(BudgetExceeded), session.reserve({Unit.CALLS: 1, Unit.SAMPLES: 2}):
        pass

    assert run.remaining(Unit.CALLS) == 5
    assert session.remaining(Unit.SAMPLES) == 1


def test_a_bill_may_be_settled_for_less_than_was_reserved() -> None:
    budget = Budget("run", {Unit.SAMPLES: 6})

    with budget.reserve({Unit.SAMPLES: 6}) as bill:
        bill.settle({Unit.SAMPLES: 2})

    assert budget.spent[Unit.SAMPLES] == 2
    assert budget.remaining(Unit.SAMPLES) == 4


def test_a_provider_that_reports_more_is_paid() -> None:
    budget = Budget("run", {Unit.TOKENS: 10})

    with budget.reserve({Unit.TOKENS: 1}) as bill:
        bill.settle({Unit.TOKENS: 30, Unit.DOLLARS: 0.5})

    assert budget.spent[Unit.TOKENS] == 30
    assert budget.spent[Unit.DOLLARS] == 0.5
    with pytest.raises(BudgetExceeded):
        spend(budget, Unit.TOKENS)


def test_a_reservation_of_nothing_is_refused_where_nothing_is_left() -> None:
    budget = Budget("run", {Unit.DOLLARS: 0.5})
    spend(budget, Unit.DOLLARS, 0)
    spend(budget, Unit.DOLLARS, 0.5)

    with pytest.raises(BudgetExceeded, match=r"may spend 0\.5 dollars, has spent 0\.5"):
        spend(budget, Unit.DOLLARS, 0)


def test_work_that_fails_is_not_charged() -> None:
    budget = Budget("run", {Unit.CALLS: 1})

    with pytest.raises(ConnectionError), budget.reserve({Unit.CALLS: 1}):
        raise ConnectionError

    assert budget.spent[Unit.CALLS] == 0
    assert budget.remaining(Unit.CALLS) == 1


def test_work_that_fails_after_its_bill_was_settled_is_charged() -> None:
    budget = Budget("run", {})

    def pay_and_fail() -> None:
        with budget.reserve({Unit.CALLS: 1}) as bill:
            bill.settle({Unit.CALLS: 1, Unit.DOLLARS: 0.25})
            raise ConnectionError

    with pytest.raises(ConnectionError):
        pay_and_fail()

    assert budget.spent[Unit.CALLS] == 1
    assert budget.spent[Unit.DOLLARS] == 0.25


def test_a_scope_whose_time_is_over_refuses_everything() -> None:
    run = Budget("run", {Unit.SECONDS: 0.0})
    session = run.nested("session", {})

    with pytest.raises(BudgetExceeded, match="the run may take 0 seconds; they are over") as caught:
        spend(session)

    assert (caught.value.scope, caught.value.unit) == ("run", "seconds")


def test_time_passes_from_the_opening_of_a_scope() -> None:
    run = Budget("run", {Unit.SECONDS: 1000})
    session = run.nested("session", {})

    assert 0 <= session.spent[Unit.SECONDS] <= run.spent[Unit.SECONDS] < 100
    assert 900 < run.remaining(Unit.SECONDS) < 1000
    assert session.remaining(Unit.SECONDS) == float("inf")


def test_a_closed_scope_cuts_the_run_short_for_all_within() -> None:
    run = Budget("run", {Unit.CALLS: 0})
    session = run.nested("session", {})
    run.close("interrupted")

    with pytest.raises(RunCutShort, match="interrupted"):
        spend(session)


def test_a_closed_scope_leaves_the_outer_ones_open() -> None:
    run = Budget("run", {})
    run.nested("session", {}).close("over")

    spend(run)

    assert run.spent[Unit.CALLS] == 1


def test_work_under_way_is_charged_when_its_scope_is_closed() -> None:
    run = Budget("run", {Unit.CALLS: 1})

    with run.reserve({Unit.CALLS: 1}):
        run.close("interrupted")

    assert run.spent[Unit.CALLS] == 1


class Course(StrEnum):
    """What becomes of the work for which something was reserved."""

    WORK = "work"
    LESS = "settle less"
    FAIL = "fail"


def charged(budget: Budget, wanted: Amounts, course: Course) -> Amounts:
    """Returns what ought to have been charged."""
    less = {unit: amount // 2 for unit, amount in wanted.items()}
    with suppress(BudgetExceeded, ConnectionError), budget.reserve(wanted) as bill:
        match course:
            case Course.WORK:
                return wanted
            case Course.LESS:
                bill.settle(less)
                return less
            case Course.FAIL:
                raise ConnectionError
    return {}


amounts = st.dictionaries(st.sampled_from([Unit.CALLS, Unit.SAMPLES]), st.integers(0, 5))
steps = st.lists(st.tuples(st.integers(0, 2), amounts, st.sampled_from(Course)))


@given(limits=st.lists(amounts, min_size=3, max_size=3), steps=steps)
def test_never_is_more_spent_than_the_limit(
    limits: list[Amounts], steps: list[tuple[int, Amounts, Course]]
) -> None:
    run = Budget("run", limits[0])
    generation = run.nested("generation", limits[1])
    scopes = [run, generation, generation.nested("session", limits[2])]
    expected = [Counter[Unit]() for _ in scopes]

    for which, wanted, course in steps:
        cost = charged(scopes[which], wanted, course)
        for counter in expected[: which + 1]:
            counter.update(cost)

    for scope, limit, counter in zip(scopes, limits, expected, strict=True):
        for unit in (Unit.CALLS, Unit.SAMPLES):
            assert scope.spent[unit] == counter[unit] <= limit.get(unit, float("inf"))


def test_never_is_more_spent_than_the_limit_under_64_threads() -> None:
    run = Budget("run", {Unit.CALLS: 500, Unit.SAMPLES: 1200})
    sessions = [run.nested("session", {Unit.CALLS: 10}) for _ in range(64)]
    barrier = threading.Barrier(64)
    seen: list[tuple[float, float]] = []

    def work(session: Budget) -> int:
        barrier.wait()
        served = 0
        for number in range(20):
            try:
                with session.reserve({Unit.CALLS: 1, Unit.SAMPLES: 1 + number % 5}) as bill:
                    seen.append((run.spent[Unit.CALLS], run.remaining(Unit.CALLS)))
                    if number % 3 == 0:
                        bill.settle({Unit.CALLS: 1, Unit.SAMPLES: 1})
            except BudgetExceeded:
                continue
            served += 1
        return served

    with ThreadPoolExecutor(64) as pool:
        served = list(pool.map(work, sessions))

    assert all(0 <= spent <= 500 and remaining >= 0 for spent, remaining in seen)
    assert run.spent[Unit.CALLS] == sum(served) <= 500
    assert run.spent[Unit.SAMPLES] <= 1200
    assert [session.spent[Unit.CALLS] for session in sessions] == served
    assert max(served) <= 10
    assert run.spent[Unit.CALLS] + run.remaining(Unit.CALLS) == 500


def test_dollars_wait_for_work_that_may_cost_less_than_was_set_aside() -> None:
    budget = Budget("run", {Unit.DOLLARS: 1.0})
    first, second = threading.Event(), threading.Event()

    def dear() -> None:
        with budget.reserve({Unit.DOLLARS: 0.8}) as bill:
            first.set()
            second.wait(10)
            bill.settle({Unit.DOLLARS: 0.1})

    with ThreadPoolExecutor(2) as pool:
        working = pool.submit(dear)
        first.wait(10)
        waiting = pool.submit(spend, budget, Unit.DOLLARS, 0.8)
        second.set()

        assert (working.result(10), waiting.result(10)) == (None, None)
    assert budget.spent[Unit.DOLLARS] == pytest.approx(0.9)


def test_dollars_that_no_settling_frees_are_refused_at_once() -> None:
    budget = Budget("run", {Unit.DOLLARS: 1.0})

    with budget.reserve({Unit.DOLLARS: 0.5}), pytest.raises(BudgetExceeded, match=r"may need 1\.5"):
        spend(budget, Unit.DOLLARS, 1.5)


@pytest.mark.parametrize("unit", [Unit.CALLS, Unit.SAMPLES, Unit.EVALUATIONS])
def test_what_is_known_beforehand_is_refused_at_once(unit: Unit) -> None:
    budget = Budget("run", {unit: 1})

    with budget.reserve({unit: 1}), pytest.raises(BudgetExceeded, match="asked for 1"):
        spend(budget, unit)


def test_dollars_stay_within_the_limit_with_64_calls_in_flight() -> None:
    budget = Budget("run", {Unit.DOLLARS: 1.0, Unit.TOKENS: 10_000})
    costs = [0.005 + 0.0001 * (number % 50) for number in range(640)]

    def work(cost: float) -> bool:
        with (
            suppress(BudgetExceeded),
            budget.reserve({Unit.DOLLARS: 0.02, Unit.TOKENS: 100}) as bill,
        ):
            bill.settle({Unit.DOLLARS: cost, Unit.TOKENS: 50})
            return True
        return False

    with ThreadPoolExecutor(64) as pool:
        done = sum(pool.map(work, costs))

    assert 0.98 - 0.02 <= budget.spent[Unit.DOLLARS] <= 1.0
    assert budget.spent[Unit.TOKENS] == 50 * done <= 10_000


def test_closing_ends_those_who_wait_for_money() -> None:
    budget = Budget("run", {Unit.DOLLARS: 1.0})

    with ThreadPoolExecutor(1) as pool, budget.reserve({Unit.DOLLARS: 0.8}):
        waiting = pool.submit(spend, budget, Unit.DOLLARS, 0.8)
        budget.close("stopped")

        assert isinstance(waiting.exception(10), RunCutShort)


def test_a_wait_lasts_as_long_as_it_is_asked_to() -> None:
    started = time.monotonic()

    Budget("run", {}).nested("session", {}).wait(0.02)

    assert 0.02 <= time.monotonic() - started < 5


def test_closing_ends_every_wait() -> None:
    run = Budget("run", {})

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(run.nested("session", {}).wait, 60)
        run.close("stopped")

        assert isinstance(waiting.exception(10), RunCutShort)


def test_a_wait_ends_with_the_time_of_its_scope() -> None:
    run = Budget("run", {Unit.SECONDS: 0.05})

    with pytest.raises(BudgetExceeded, match=r"0\.05 seconds; they are over"):
        run.nested("session", {}).wait(60)


def test_a_limit_of_an_outer_scope_is_seen_from_within() -> None:
    session = Budget("run", {Unit.DOLLARS: 1}).nested("session", {Unit.CALLS: 1})

    assert [unit for unit in Unit if session.limits_anywhere(unit)] == [Unit.CALLS, Unit.DOLLARS]


def test_what_was_charged_before_an_interruption_makes_no_room() -> None:
    run = Budget("run", {Unit.TOKENS: 10})
    run.carry({Unit.TOKENS: 9})
    session = run.nested("session", {})

    with session.reserve({Unit.TOKENS: 0}, before={Unit.TOKENS: 5}) as bill:
        assert run.remaining(Unit.TOKENS) == 1
        bill.settle({Unit.TOKENS: 7})

    assert run.spent[Unit.TOKENS] == 11
    assert session.spent[Unit.TOKENS] == 7
