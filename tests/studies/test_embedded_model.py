"""The study of the embedded model is three studies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.studies.conftest import Files

from selftaught import journals
from selftaught.errors import UsageError
from selftaught.experiment import Experiment
from selftaught.running.execution import no_listener
from selftaught.studies import embedded_model
from selftaught.studies.study import Report, Settings, Team


@pytest.fixture
def asked(experiment: Experiment, files: Files) -> Settings:
    plain = experiment.model_dump(exclude_unset=True, exclude={"protocol"})
    changed = {**plain, "tasks": (files.largest,), "gate_repeats": 4}
    return Settings(Experiment.model_validate(changed), runs=1, unseen=(files.adding,))


@pytest.fixture
def report(asked: Settings) -> Report:
    return embedded_model.conduct(asked, Team(no_listener))


def test_all_parts_are_reported_with_their_runs(report: Report, asked: Settings) -> None:
    assert list(report.document) == ["headroom", "recursion", "weak-models"]
    titles = [table.title.partition(":")[0] for table in report.tables]
    assert list(dict.fromkeys(titles)) == [
        "Headroom",
        "Recursion",
        "Weak setting, editor",
    ]
    assert len(report.runs) == 2 + 1 + 1  # the chain accepts nothing: it is its own control
    assert asked.experiment.model == "editor"


def test_the_weak_setting_runs_by_the_papers_protocol(report: Report, asked: Settings) -> None:
    parts: Any = report.document
    (weak,) = parts["weak-models"]["gains"]
    (strong,) = parts["recursion"]["runs"]
    experiments = [
        journals.show(run, store=asked.experiment.store).experiment for run in (weak, strong["run"])
    ]
    assert [(each["model"], each["protocol"]) for each in experiments] == [
        ("editor:skill=0.3", "paper"),
        ("editor", "gated"),
    ]


def test_it_is_about_the_embedded_model_alone(asked: Settings) -> None:
    other = asked.experiment.model_copy(update={"model": "planted"})

    with pytest.raises(UsageError, match="for others there are headroom, recursion"):
        embedded_model.cost(replace(asked, experiment=other))
