"""Figure 4 with the embedded model, in the real sandbox."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean
from typing import Any

import pytest
from tests.studies.conftest import numbers_without_interval

from selftaught import journals
from selftaught.acceptance import Rule
from selftaught.errors import UsageError
from selftaught.experiment import Experiment
from selftaught.running.execution import no_listener
from selftaught.studies import meta_utility_curve
from selftaught.studies.study import Settings, Team


def conducted(settings: Settings) -> Any:
    return meta_utility_curve.conduct(settings, Team(no_listener))


def test_the_mean_is_that_of_every_run_at_the_same_t(settings: Settings) -> None:
    report = conducted(settings)

    runs = [journals.show(run, store=settings.experiment.store) for run in report.runs]
    assert len(set(report.runs)) == 2
    for point in report.document["mean"]:
        tests = [run.iterations[point["t"]].test for run in runs]
        assert point["mean"] == pytest.approx(fmean(each.mean for each in tests if each), abs=1e-6)
        assert point["n"] == 2
    assert [point["t"] for point in report.document["mean"]] == [0, 1]
    assert report.document["gain"]["n"] == 2


def test_every_number_has_its_interval_and_n(settings: Settings) -> None:
    assert numbers_without_interval(dict(conducted(settings).document)) == []


def test_the_figure_shows_the_mean_and_every_run(settings: Settings) -> None:
    figure = conducted(settings).figure

    assert [curve.label.split(",")[0] for curve in figure.curves] == [
        "mean of 2 runs",
        "run 1",
        "run 2",
    ]
    assert all(curve.x == (0, 1) for curve in figure.curves)
    assert all(value.n == 2 for value in figure.curves[0].y)
    assert "adding.py (standard), model editor" in figure.title
    assert "2 runs, each point of a run: 2 sessions" in figure.title


def test_the_papers_figures_stand_beside_its_own_task_alone(settings: Settings) -> None:
    elsewhere = conducted(settings)

    assert elsewhere.document["paper"] is None
    assert not [table for table in elsewhere.tables if "paper" in table.title.lower()]
    assert "of noisy parity of 10 bits alone" in elsewhere.notes[-1]


@pytest.mark.parametrize(
    ("tasks", "preset", "is_papers"),
    [
        (("lpn",), "paper", True),
        (("lpn",), "standard", True),
        (("lpn",), "hard", False),
        (("parity",), "paper", False),
        (("lpn", "parity"), "paper", False),
        (("lpn",), "paper-without:floor", False),
    ],
)
def test_only_noisy_parity_of_the_papers_size_is_its_task(
    tasks: tuple[str, ...], preset: str, is_papers: bool
) -> None:
    experiment = Experiment(tasks=tasks, preset=preset)

    assert meta_utility_curve.is_papers_task(experiment) is is_papers


@pytest.mark.slow
def test_the_papers_baselines_stand_beside_its_curve(settings: Settings) -> None:
    lpn = settings.experiment.model_copy(update={"tasks": ("lpn",)})

    report = conducted(replace(settings, experiment=lpn, runs=1))

    papers = {row[0]: row[1:3] for row in report.tables[-1].rows}
    assert papers["t = 0, GPT-3.5"] == ("0.650", "not stated")
    assert papers["baseline: greedy iterative improver"] == ("0.642", "0.009")
    chain = next(value for name, value in papers.items() if "chain of thought" in name)
    assert chain == ("0.577", "0.030")
    assert report.document["paper"]["t = 0, GPT-4"]["value"] == 0.61


def test_the_gated_protocol_has_a_point_at_the_start_and_one_at_the_end(
    settings: Settings,
) -> None:
    changes = {"protocol": Rule.GATED, "iterations": 2, "gate_repeats": 1}
    gated = settings.experiment.model_copy(update=changes)

    report = conducted(replace(settings, experiment=gated, runs=1))

    assert [point["t"] for point in report.document["mean"]] == [0, 2]
    assert report.figure.curves[0].x == (0, 2)


def test_a_curve_of_one_point_is_refused(settings: Settings) -> None:
    flat = settings.experiment.model_copy(update={"iterations": 0})

    with pytest.raises(UsageError, match="expected --iterations 1 or more"):
        conducted(replace(settings, experiment=flat))
