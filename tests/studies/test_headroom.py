"""An improver against as many independent samples, in the real sandbox."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.studies.conftest import Files, numbers_without_interval

from selftaught.errors import UsageError
from selftaught.experiment import Experiment, SessionLimits
from selftaught.running.execution import no_listener
from selftaught.studies import headroom
from selftaught.studies.study import Report, Settings, Team

WHO = ("control", "improver")


@pytest.fixture
def asked(experiment: Experiment, files: Files) -> Settings:
    changes = {"tasks": (files.adding, files.largest), "improver": "greedy_iterative"}
    return Settings(experiment.model_copy(update=changes), runs=2)


def conducted(settings: Settings) -> Report:
    return headroom.conduct(settings, Team(no_listener))


def test_both_ask_for_equally_many_samples_in_the_same_sessions(asked: Settings) -> None:
    document: Any = conducted(asked).document

    assert [(each["task"], each["calls"]) for each in document["trials"]] == [
        (asked.experiment.tasks[0], 2),
        (asked.experiment.tasks[1], 2),
        (asked.experiment.tasks[0], 6),
        (asked.experiment.tasks[1], 6),
    ]
    for trial in document["trials"]:
        assert trial["test"]["control"]["n"] == trial["test"]["improver"]["n"] == 4
        assert trial["samples"]["control"] == trial["samples"]["improver"] == 2 * trial["calls"]
    samples = {f"/trials/{number}/samples/{who}" for number in range(4) for who in WHO}
    assert set(numbers_without_interval(document)) == samples  # they are counts


def test_every_run_is_shown_and_the_gain_is_their_mean(asked: Settings) -> None:
    report = conducted(asked)

    document: Any = report.document
    for trial in document["trials"]:
        gains = [gain["mean"] for gain in trial["gain_by_run"].values()]
        assert len(gains) == asked.runs
        assert trial["gain"]["mean"] == pytest.approx(sum(gains) / len(gains), abs=1e-5)
    assert report.tables[1].columns == ("task", "calls x samples", "run 1", "run 2")
    assert len(report.runs) == 2 * 2 * asked.runs


def test_what_is_done_is_not_repeated(asked: Settings, counted: list[object]) -> None:
    model = {"model": "counting:Counting", "tasks": asked.experiment.tasks[:1]}
    settings = replace(asked, experiment=asked.experiment.model_copy(update=model), runs=1)
    first = conducted(settings)
    given = len(counted)

    assert conducted(settings).document == first.document
    assert given > 0
    assert len(counted) == given


def test_the_control_is_not_compared_with_itself(asked: Settings) -> None:
    same = asked.experiment.model_copy(update={"improver": headroom.CONTROL})

    with pytest.raises(UsageError, match="another improver than the control"):
        headroom.cost(replace(asked, experiment=same))


def test_a_budget_lets_all_samples_be_scored() -> None:
    few, many = headroom.budgets(SessionLimits(calls=2, samples_per_call=3, evaluations=1))

    assert (few.calls, few.evaluations) == (2, 7)
    assert (many.calls, many.evaluations) == (6, 19)


def test_the_cost_covers_what_is_spent(asked: Settings) -> None:
    cost, document = headroom.cost(asked), conducted(asked).document

    trials: Any = document["trials"]
    asked_for = sum(
        trial["samples"][who] * trial["samples"]["n"] for trial in trials for who in WHO
    )
    assert asked_for == cost.samples


def test_a_task_that_lacks_the_preset_is_named_before_anything_runs(asked: Settings) -> None:
    tasks = {"tasks": ("lpn", "max_cut"), "preset": "hard"}
    settings = replace(asked, experiment=asked.experiment.model_copy(update=tasks))

    with pytest.raises(UsageError, match="unknown preset of max_cut 'hard'"):
        headroom.cost(settings)
