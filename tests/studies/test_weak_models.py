"""The share of runs that gain, with the embedded model, in the real sandbox."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from tests.studies.conftest import numbers_without_interval

from selftaught import journals
from selftaught.analysis.intervals import Estimate, Measured, Range
from selftaught.analysis.summary import Iteration, RunSummary
from selftaught.events import Event, ReplyReceived, SessionScored
from selftaught.running.execution import no_listener
from selftaught.solution import Solution
from selftaught.studies import meta_utility_curve, weak_models
from selftaught.studies.study import Settings, Team


def test_gains_are_counted_by_the_threshold(settings: Settings) -> None:
    document: Any = weak_models.conduct(settings, Team(no_listener)).document

    gains, gained, lost = document["gains"], document["gained"], document["lost"]
    for run, gain in gains.items():
        comparison = journals.show(run, store=settings.experiment.store).comparison
        assert gain["mean"] == (comparison.gain.mean if comparison else 0.0)
    means = [gain["mean"] for gain in gains.values()]
    assert (gained["count"], gained["n"]) == (sum(mean >= 0.03 for mean in means), 2)
    assert (lost["count"], lost["n"]) == (sum(mean <= -0.03 for mean in means), 2)
    assert numbers_without_interval({"gains": gains, "gained": gained, "lost": lost}) == []


def test_runs_are_shared_with_other_studies(settings: Settings) -> None:
    curve = meta_utility_curve.conduct(settings, Team(no_listener))
    heard: list[Event] = []

    report = weak_models.conduct(settings, Team(heard.append))

    assert report.runs == curve.runs
    assert not [event for event in heard if isinstance(event, ReplyReceived | SessionScored)]


def run_from(seed: float, within: Range) -> RunSummary:
    test = Estimate(seed, None, None, 1, Measured.SESSIONS)
    row = Iteration(0, Solution("x = 1"), None, True, "seed", None, None, test)
    return RunSummary("run", {"tasks": ["t"]}, {}, "full", ranges={"t": within}, iterations=(row,))


@pytest.mark.parametrize(
    ("seed", "within", "threshold"),
    [(0.6, (0.0, 1.0), 0.03), (1171.0, (0.0, math.inf), 35.13), (0.2, (0.0, 2.0), 0.06)],
)
def test_3_percent_are_of_the_scale_or_else_of_the_start(
    seed: float, within: Range, threshold: float
) -> None:
    assert weak_models.change_in(run_from(seed, within)).threshold == pytest.approx(threshold)


def test_to_stay_at_0_is_no_gain_of_a_task_without_scale() -> None:
    change = weak_models.change_in(run_from(0.0, (0.0, math.inf)))

    assert change.threshold == 0
    assert not change.is_gain
    assert not change.is_loss


def test_it_is_said_what_the_percentage_is_of(settings: Settings) -> None:
    report = weak_models.conduct(settings, Team(no_listener))

    assert "3 %: of the utility's scale, which the task declares." in report.notes
    # The task is not the paper's.
    assert report.document["paper"] is None
    assert report.tables[0].columns == ("share of runs", "editor")
    assert [len(table.rows) for table in report.tables] == [2, 2]


def test_more_runs_take_over_those_that_are_done(settings: Settings, counted: list[object]) -> None:
    mine = settings.experiment.model_copy(update={"model": "counting:Counting", "seed": 80})
    one = Settings(mine, runs=1)
    weak_models.conduct(one, Team(no_listener))
    heard: list[Event] = []

    report = weak_models.conduct(replace(one, runs=2), Team(heard.append))

    replies = [event for event in heard if isinstance(event, ReplyReceived)]
    spent = journals.show(report.runs[1], store=mine.store).spent["samples"]
    assert 0 < len(replies) == spent < len(counted)
