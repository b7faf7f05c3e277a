"""What a run will cost."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from selftaught.errors import UsageError
from selftaught.experiment import Experiment, RunLimits
from selftaught.running.forecast import expected_sessions, forecast

ELSEWHERE = {"base_url": "https://proxy.example/v1"}
PRICED = ELSEWHERE | {"price": {"input": 1.0, "output": 2.0}}


def experiment(**fields: Any) -> Experiment:
    return Experiment.model_validate({"model": "openai/some-model"} | fields)


def test_sessions_are_counted() -> None:
    small = experiment(repeats=2, iterations=3, gate_repeats=4, test_repeats=5)

    # u-hat of I_0 and of six candidates a generation; the gates; the final comparison.
    assert expected_sessions(small) == 2 * (1 + 3 * 6) + 2 * 4 * 3 + 2 * 5


def test_one_application_is_one_session() -> None:
    costs = forecast(experiment(endpoint=PRICED), applies_once=True)

    assert asdict(costs.likely) | {"tokens": 0, "dollars": 0} == {
        "sessions": 1, "calls": 1, "samples": 6, "tokens": 0, "dollars": 0,
    }  # fmt: skip
    assert (costs.most.calls, costs.most.samples) == (4, 24)


def test_what_is_likely_is_below_the_most() -> None:
    costs = forecast(experiment(endpoint=PRICED))

    likely, most = asdict(costs.likely), asdict(costs.most)
    assert all(0 < likely[name] < most[name] for name in likely)


def test_what_is_scored_ahead_costs_more_at_most_and_no_more_likely() -> None:
    plain, ahead = (
        forecast(experiment(iterations=1, endpoint=PRICED | {"ahead": ahead}))
        for ahead in (False, True)
    )

    assert ahead.likely == plain.likely
    # Five sessions of each of eight further improvers, which may not be those that are asked for.
    assert ahead.most.sessions == plain.most.sessions + 5 * 8


def test_dollars_follow_from_tokens_and_price() -> None:
    cheap = forecast(experiment(endpoint=PRICED)).likely.dollars
    dear = forecast(
        experiment(endpoint=ELSEWHERE | {"price": {"input": 10.0, "output": 20.0}})
    ).likely.dollars

    assert cheap is not None
    assert dear == pytest.approx(10 * cheap)


def test_limits_bound_the_forecast() -> None:
    limits = RunLimits(samples=10, tokens=500, dollars=0.001, calls=3)

    most = forecast(experiment(endpoint=PRICED, limits=limits)).most

    assert (most.samples, most.tokens, most.dollars, most.calls) == (10, 500, 0.001, 3)


def test_an_unknown_price_is_not_nothing() -> None:
    costs = forecast(experiment(endpoint=ELSEWHERE))

    assert costs.spends_money
    assert costs.likely.dollars is None


def test_a_limit_in_dollars_needs_a_price() -> None:
    limited = experiment(endpoint=ELSEWHERE, limits=RunLimits(dollars=1))

    with pytest.raises(UsageError, match="the price of openai/some-model is not known; state it"):
        forecast(limited)


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "editor"},
        {"model": "ollama/llama3"},
        {"model": "ensemble:editor,ollama/llama3"},
        {"endpoint": {"base_url": "http://127.0.0.1:8000/v1"}},
        {"endpoint": ELSEWHERE | {"price": {"input": 0, "output": 0}}},
        {"endpoint": PRICED | {"cache": "replay"}},
    ],
    ids=str,
)
def test_what_is_free_spends_no_money(fields: dict[str, Any]) -> None:
    assert not forecast(experiment(**fields)).spends_money


def test_one_dear_member_makes_an_ensemble_dear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-4711")

    costs = forecast(experiment(model="bandit:editor,openai/gpt-4o"))

    assert costs.spends_money
    assert costs.likely.dollars


def test_what_a_limit_ends_early_is_foreseen_in_all_units() -> None:
    free = forecast(experiment(endpoint=PRICED)).likely
    half = forecast(
        experiment(endpoint=PRICED, limits=RunLimits(dollars=(free.dollars or 0) / 2))
    ).likely

    assert half.dollars == pytest.approx((free.dollars or 0) / 2)
    assert half.samples == free.samples // 2
    assert abs(half.tokens - free.tokens / 2) <= 1


def test_a_proxy_on_this_machine_that_gets_a_providers_key_costs_what_the_provider_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxied = experiment(model="openai/gpt-4o", endpoint={"base_url": "http://127.0.0.1:9/v1"})

    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert not forecast(proxied).spends_money
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-4711")
    costs = forecast(proxied)
    assert costs.spends_money
    assert (costs.likely.dollars or 0) > 0
