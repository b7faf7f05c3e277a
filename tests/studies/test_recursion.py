"""The chain against its control, and elsewhere, in the real sandbox."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.studies.conftest import Files, numbers_without_interval

from selftaught import journals
from selftaught.acceptance import Rule
from selftaught.errors import UsageError
from selftaught.experiment import Experiment
from selftaught.running.execution import no_listener
from selftaught.studies import recursion
from selftaught.studies.study import Report, Settings, Team

PROPOSES_ANOTHER = '''def improve_algorithm(initial_solution, utility, language_model):
    """Of itself it makes one that answers; of anything else, what it was given."""
    if "improve_algorithm" not in initial_solution:
        return initial_solution
    return """def improve_algorithm(initial_solution, utility, language_model):
    if "improve_algorithm" in initial_solution:
        return initial_solution
    return "def algorithm(numbers):\\\\n    return max(numbers)"
"""
'''
"""An improver that a gate lets pass: what it makes of itself solves one of the tasks."""


@pytest.fixture
def asked(experiment: Experiment, files: Files) -> Settings:
    changes = {
        "tasks": (files.largest,),
        "protocol": Rule.GATED,
        "iterations": 2,
        "gate_repeats": 5,
    }
    return Settings(experiment.model_copy(update=changes), runs=2, unseen=(files.adding,))


@pytest.fixture
def improving(asked: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    path = tmp_path_factory.mktemp("improver") / "proposes_another.py"
    path.write_text(PROPOSES_ANOTHER)
    improver = asked.experiment.model_copy(update={"improver": str(path)})
    return replace(asked, experiment=improver)


def conducted(settings: Settings) -> Report:
    return recursion.conduct(settings, Team(no_listener))


def test_chain_and_control_differ_in_nothing_but_who_proposes(asked: Settings) -> None:
    document: Any = conducted(asked).document

    for run in document["runs"]:
        chain, control = (
            journals.show(run[name], store=asked.experiment.store).experiment
            for name in ("run", "control")
        )
        differ = {name for name in chain if chain[name] != control[name]}
        assert differ == (set() if run["run"] == run["control"] else {"name", "protocol"})
    assert numbers_without_interval(document) == []


def test_a_gain_that_needs_no_chain_is_not_put_down_to_recursion(improving: Settings) -> None:
    document: Any = conducted(improving).document

    assert document["gain"]["mean"] > 0.3
    assert document["up"]["count"] == 2
    assert document["control_gain"]["mean"] == document["gain"]["mean"]
    assert document["recursion_gain"]["mean"] == 0
    assert [run["accepted"] for run in document["runs"]] == [1, 1]
    for run in document["runs"]:
        fork = journals.show(run["control"], store=improving.experiment.store).fork
        assert fork
        assert (fork.origin, fork.t) == (run["run"], 1)


def test_what_is_done_is_not_repeated(improving: Settings, counted: list[object]) -> None:
    model = {"model": "counting:Counting"}
    settings = replace(improving, runs=1, experiment=improving.experiment.model_copy(update=model))
    first = conducted(settings)
    given = len(counted)

    assert conducted(settings).document == first.document
    assert len(counted) == given


def test_another_protocol_has_no_such_control(asked: Settings) -> None:
    changed = asked.experiment.model_copy(update={"protocol": Rule.PAPER})

    with pytest.raises(UsageError, match="expected the protocol gated"):
        recursion.cost(replace(asked, experiment=changed))


def test_the_last_improver_is_tried_on_tasks_that_it_never_saw(improving: Settings) -> None:
    document: Any = conducted(improving).document

    (name,) = improving.unseen
    # Largest numbers as sums: worse than the seed solution, or better; but measured.
    assert document["unseen"][name]["n"] == improving.runs
    assert document["unseen"][name]["mean"] != 0
    assert document["unseen_overall"]["mean"] == document["unseen"][name]["mean"]


def test_a_run_that_accepts_nothing_gains_nothing(asked: Settings) -> None:
    none = replace(
        asked,
        runs=1,
        experiment=asked.experiment.model_copy(update={"gate_repeats": 4}),
    )  # with four pairs no challenger can pass
    report = conducted(none)

    document: Any = report.document
    assert document["gain"]["mean"] == 0
    assert document["up"]["count"] == 0
    assert document["unseen_overall"]["mean"] == 0
    assert len(report.runs) == 1  # the control is the chain, and nothing was measured elsewhere


def test_a_task_that_was_trained_on_is_refused(asked: Settings) -> None:
    with pytest.raises(UsageError, match="was trained on"):
        recursion.cost(replace(asked, unseen=asked.experiment.tasks))
