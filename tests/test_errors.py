"""Failures are laid at one party's door."""

from __future__ import annotations

import pytest

from selftaught.errors import (
    BudgetExceeded,
    HostError,
    ProgramError,
    ProviderError,
    RunCutShort,
    SandboxLost,
    SandboxUnavailable,
    SelftaughtError,
    StoreError,
    UsageError,
    attributed_to,
    shown,
)


@pytest.mark.parametrize(
    "kind", [UsageError, BudgetExceeded, RunCutShort, ProgramError, ProviderError, HostError]
)
def test_every_error_is_meant_for_a_person(kind: type[Exception]) -> None:
    assert issubclass(kind, SelftaughtError)


@pytest.mark.parametrize("kind", [SandboxUnavailable, SandboxLost, StoreError])
def test_failures_of_the_machine_are_ours(kind: type[Exception]) -> None:
    assert issubclass(kind, HostError)


def test_an_exceeded_budget_names_scope_and_unit() -> None:
    error = BudgetExceeded("run", "calls", "no call is left")

    assert (error.scope, error.unit, str(error)) == ("run", "calls", "no call is left")


def test_a_foreign_error_is_attributed_and_kept_as_the_cause() -> None:
    with (
        pytest.raises(ProviderError, match=r"^asking: ConnectionError: refused$") as caught,
        attributed_to(ProviderError, "asking"),
    ):
        raise ConnectionError("refused")

    assert isinstance(caught.value.__cause__, ConnectionError)


def test_an_error_without_words_is_named_by_its_type() -> None:
    with (
        pytest.raises(StoreError, match=r"^writing: KeyError$"),
        attributed_to(StoreError, "writing"),
    ):
        raise KeyError


def test_an_error_of_ours_passes_unchanged() -> None:
    error = BudgetExceeded("run", "calls", "no call is left")

    with pytest.raises(BudgetExceeded) as caught, attributed_to(StoreError, "writing"):
        raise error

    assert caught.value is error


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interruption_passes_unchanged(kind: type[BaseException]) -> None:
    with pytest.raises(kind), attributed_to(StoreError, "writing"):
        raise kind


def test_a_block_that_succeeds_is_left_alone() -> None:
    with attributed_to(StoreError, "writing"):
        written = True

    assert written


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a" * 100, "'" + "a" * 79),
        ([1, None], "[1, None]"),
        pytest.param(10**5000, "<a very large int>", id="huge"),
        pytest.param([10**5000], "<a very large list>", id="huge within"),
    ],
)
def test_any_value_can_be_shown_in_a_message(value: object, text: str) -> None:
    assert shown(value) == text
