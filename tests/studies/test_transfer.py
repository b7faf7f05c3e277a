"""Table 1 with the embedded model, in the real sandbox."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, cast

import pytest
from tests.studies.conftest import Files, numbers_without_interval

from selftaught import journals, keeping
from selftaught.analysis import paper
from selftaught.analysis.intervals import Estimate, Measured, Method
from selftaught.errors import RunCutShort, UsageError
from selftaught.events import Event, ReplyReceived
from selftaught.experiment import Experiment, SessionLimits
from selftaught.parts import known_improver
from selftaught.running.execution import no_listener
from selftaught.running.measuring import Sessions
from selftaught.running.runner import Run
from selftaught.solution import Solution
from selftaught.studies import transfer
from selftaught.studies.figure import Chart
from selftaught.studies.frozen import Column, Pair, Trial, limits_for, tried
from selftaught.studies.meta_utility_curve import conduct as draw_curve
from selftaught.studies.study import Report, Settings, Team
from selftaught.studies.transfer_report import Found, on_scale, paper_table, papers_rows

SEED = known_improver("seed")
WASTEFUL = Solution("""
def improve_algorithm(initial_solution, utility, language_model):
    language_model.prompt("expert", "Say something.", n_responses=1)
    language_model.prompt("expert", "Say something else.", n_responses=2)
    return "def algorithm(numbers):\\n    return max(numbers)"
""")
"""Uses 3 samples in 2 calls, scores nothing, and knows the answer."""


@pytest.fixture
def asked(settings: Settings, files: Files) -> Settings:
    return replace(settings, runs=1, unseen=(files.largest,))


def conducted(settings: Settings) -> Report:
    return transfer.conduct(settings, Team(no_listener))


def test_every_column_is_measured_in_as_many_sessions(asked: Settings) -> None:
    document: Any = conducted(asked).document

    (found,) = document["improvers"]
    (trial,) = found["tasks"].values()
    assert trial["test"].keys() == set(Column)
    assert all(value["n"] == 2 for value in trial["test"].values())
    assert trial["gain_over"].keys() == set(Column) - {Column.SOLUTION, Column.IMPROVED}
    assert numbers_without_interval(document) == []
    final = journals.show(found["run"], store=asked.experiment.store).champion
    assert final
    assert found["improver"] == final.id


def test_the_recursion_is_that_of_other_studies(asked: Settings) -> None:
    curve = draw_curve(asked, Team(no_listener))

    assert conducted(asked).runs[0] == curve.runs[0]


def test_rivals_get_as_many_samples_as_the_improver_used(
    experiment: Experiment, files: Files
) -> None:
    trial = tried(Pair(SEED, WASTEFUL), experiment, files.largest, Team(no_listener))

    improved, best_of_n = trial.sessions[Column.IMPROVED], trial.sessions[Column.BEST_OF_N]
    assert (improved.calls, improved.samples, improved.evaluations) == ((2, 2), (3, 3), (0, 0))
    assert improved.scores == (1.0, 1.0)
    assert (trial.matched.calls, trial.matched.samples_per_call) == (2, 2)
    assert best_of_n.samples == (4, 4)
    assert set(trial.sessions[Column.SEED].samples) == {2}
    assert set(trial.sessions[Column.SOLUTION].samples) == {0}


def test_the_seed_solution_stands_for_itself(experiment: Experiment, files: Files) -> None:
    trial = tried(Pair(SEED, WASTEFUL), experiment, files.largest, Team(no_listener))

    wins = trial.gain_over(Column.SEED)
    # How often the first of three numbers is the largest, on 40 instances of two sessions.
    assert 0.1 < trial.mean(Column.SOLUTION).mean < 0.6
    assert wins.gain.mean == pytest.approx(1.0 - trial.mean(Column.SEED).mean)


def test_what_is_no_improver_scores_nothing(experiment: Experiment, files: Files) -> None:
    trial = tried(Pair(SEED, Solution("x = 1")), experiment, files.largest, Team(no_listener))

    assert trial.sessions[Column.IMPROVED].scores == (0.0, 0.0)
    assert trial.sessions[Column.IMPROVED].samples == (0, 0)


@pytest.mark.parametrize(
    ("samples", "calls", "per_call"),
    [(0, 1, 1), (1, 1, 1), (6, 1, 6), (6.5, 2, 4), (18, 3, 6), (24, 4, 6), (99, 4, 6)],
)
def test_matched_limits_hold_the_samples_and_hardly_more(
    samples: float, calls: int, per_call: int
) -> None:
    limits = limits_for(samples, SessionLimits(evaluations=3))

    assert (limits.calls, limits.samples_per_call) == (calls, per_call)
    assert limits.evaluations == max(3, calls * per_call + 1)


def test_the_improver_of_a_recorded_run_can_be_used(asked: Settings) -> None:
    first = conducted(asked)

    again = conducted(replace(asked, origin=first.runs[0]))

    assert again.document["improvers"] == first.document["improvers"]
    assert again.runs == first.runs


def test_a_run_that_changed_nothing_is_compared_with_its_own_seed_improver(
    asked: Settings,
) -> None:
    changes = {"improver": "chain_of_thought", "iterations": 0, "name": "unchanged"}
    Run(asked.experiment.model_copy(update=changes))()

    report = conducted(replace(asked, origin="unchanged"))

    assert "unchanged ends with the seed improver: it is compared with itself." in report.notes
    document: Any = report.document
    (trial,) = document["improvers"][0]["tasks"].values()
    assert trial["used"]["seed_improver"]["samples"]["mean"] == 1
    assert trial["gain_over"]["seed_improver"]["mean"] == 0


def test_several_runs_are_shown_and_summed_up(settings: Settings, files: Files) -> None:
    report = conducted(replace(settings, unseen=(files.largest,)))

    document: Any = report.document
    assert len(document["improvers"]) == 2
    (gains,) = document["gain_over_runs"].values()
    means = [
        next(iter(each["tasks"].values()))["gain_over"]["seed_improver"]["mean"]
        for each in document["improvers"]
    ]
    assert gains["seed_improver"]["n"] == 2
    assert gains["seed_improver"]["mean"] == pytest.approx(sum(means) / 2, abs=1e-6)
    assert report.tables[-2].title.endswith("n = 2 runs, 95 % intervals")


def test_the_chart_has_a_group_for_each_task(asked: Settings, files: Files) -> None:
    chart: Any = conducted(asked).figure

    (panel,) = chart.panels
    assert panel.title == "largest.py"
    assert files.largest.endswith(panel.title)
    assert [spot.label for spot in panel.spots] == [each.heading for each in Column]
    # Of one run, its sessions.
    assert all(len(spot.points) == 2 for spot in panel.spots)
    assert "1 run: a small mark is one of 2 sessions" in chart.title


def test_the_chart_shows_every_run_and_the_mean_over_runs(settings: Settings, files: Files) -> None:
    report = conducted(replace(settings, unseen=(files.largest,)))

    chart, document = report.figure, cast("Any", report.document)
    assert isinstance(chart, Chart)
    trials = [each["tasks"][files.largest]["test"] for each in document["improvers"]]
    for spot, column in zip(chart.panels[0].spots, Column, strict=True):
        assert spot.points == tuple(trial[column]["mean"] for trial in trials)
        assert (spot.mean.of, spot.mean.n) == (Measured.RUNS, 2)


def test_tasks_with_anchors_stand_side_by_side_on_one_scale() -> None:
    parity = 0.75

    value = Estimate(parity, 0.5, 1.0, 4, Measured.SESSIONS)

    scaled = on_scale(value, 0.5, 1.0)
    assert (scaled.mean, scaled.low, scaled.high, scaled.n) == (0.5, 0.0, 1.0, 4)
    single = on_scale(Estimate(1.0, None, None, 1, Measured.SESSIONS, Method.SINGLE), 0.5, 1.0)
    assert (single.mean, single.low, single.high) == (1.0, None, None)


def test_without_anchors_it_is_said_that_there_is_no_scale(asked: Settings) -> None:
    scaled = conducted(asked).tables[1]

    assert scaled.rows == ()
    assert scaled.otherwise == "none of these tasks has a scale in the preset standard"


@pytest.mark.parametrize(
    ("preset", "rows"),
    [("paper", {"max_cut": 742.7}), ("standard", {}), ("paper-without:floor", {})],
)
def test_the_papers_table_stands_beside_its_own_units_alone(
    experiment: Experiment, preset: str, rows: dict[str, float]
) -> None:
    nothing = Sessions((0.0,), (0.0,), (0.0,), (0.0,))
    trial = Trial(
        "max_cut",
        SessionLimits(),
        dict.fromkeys(Column, nothing),
        (),
        within=(0.0, math.inf),
        anchors=None,
    )
    of_preset = experiment.model_copy(update={"preset": preset})

    found = Found(Pair(SEED, SEED), "run", of_preset, (trial,))

    papers = papers_rows(found)
    assert {name: row.improved_improver for name, row in papers.items()} == rows
    assert bool(paper_table(found).rows) is bool(rows)
    assert "--preset paper has its own" in paper_table(found).otherwise


def test_more_runs_take_over_those_that_are_done(
    settings: Settings, files: Files, counted: list[object]
) -> None:
    mine = settings.experiment.model_copy(update={"model": "counting:Counting", "seed": 70})
    one = Settings(mine, runs=1, unseen=(files.largest,))
    first = conducted(one)
    paid = len(counted)
    both = conducted(replace(one, runs=2))

    before, after = (cast("Any", each.document)["improvers"] for each in (first, both))
    assert after[0] == before[0]
    assert paid < len(counted) <= 3 * paid
    assert set(first.runs) < set(both.runs)


@pytest.mark.slow
def test_a_transfer_that_is_stopped_goes_on_where_it_stood(
    asked: Settings, counted: list[object]
) -> None:
    mine = asked.experiment.model_copy(update={"model": "counting:Counting"})
    stopped = replace(asked, experiment=mine)
    replies: list[Event] = []

    def stop_at_the_ninth(event: Event) -> None:
        replies.extend([event] if isinstance(event, ReplyReceived) else [])
        if len(replies) == 9:
            team.stop("enough")

    team = Team(stop_at_the_ninth)
    with pytest.raises(RunCutShort, match="enough; repeat the command to go on"):
        transfer.conduct(stopped, team)
    before = len(counted)
    report = conducted(stopped)

    store = stopped.experiment.store
    spent = [journals.show(run, store=store).spent["samples"] for run in report.runs]
    assert 9 <= before < len(counted)
    assert sum(spent) == len(counted)
    assert all(keeping.verify(run, store=store).holds for run in report.runs)


def test_unseen_tasks_are_all_but_those_of_the_training(settings: Settings) -> None:
    on_lpn = settings.experiment.model_copy(update={"tasks": ("lpn",)})

    assert set(transfer.unseen(replace(settings, experiment=on_lpn))) == set(paper.TRANSFER)


def test_a_preset_leaves_out_tasks_that_lack_it(settings: Settings) -> None:
    hard = settings.experiment.model_copy(update={"tasks": ("lpn",), "preset": "hard"})

    assert transfer.unseen(replace(settings, experiment=hard)) == ("parity",)


def test_a_task_of_the_training_is_refused(asked: Settings, files: Files) -> None:
    with pytest.raises(UsageError, match="was trained on"):
        transfer.cost(replace(asked, unseen=(files.largest, files.adding)))


def test_a_task_that_is_named_twice_is_refused(asked: Settings, files: Files) -> None:
    with pytest.raises(UsageError, match="each once"):
        transfer.cost(replace(asked, unseen=(files.largest, files.largest)))


def test_a_run_without_final_improver_is_refused(asked: Settings) -> None:
    measured = conducted(asked).runs[-1]

    with pytest.raises(UsageError, match=f"the run {measured} has no final improver"):
        transfer.cost(replace(asked, origin=measured))


def test_a_recorded_run_is_one_run(asked: Settings) -> None:
    run = conducted(asked).runs[0]

    with pytest.raises(UsageError, match="expected --runs 1"):
        transfer.cost(replace(asked, origin=run, runs=2))


def test_it_takes_no_more_than_its_cost_says(asked: Settings) -> None:
    cost = transfer.cost(asked)

    report = conducted(asked)

    spent = [journals.show(run, store=asked.experiment.store).spent for run in report.runs]
    for unit, most in (
        ("calls", cost.calls),
        ("samples", cost.samples),
        ("evaluations", cost.evaluations),
    ):
        assert 0 < sum(each[unit] for each in spent) <= most


LACKING_HARD = ("max_cut", "quadratic_assignment", "string_grid_distance", "three_sat")


def test_tasks_that_lack_the_preset_are_named_and_not_tried(settings: Settings) -> None:
    hard = settings.experiment.model_copy(update={"preset": "hard", "tasks": ("lpn",)})
    asked = replace(settings, experiment=hard)

    assert transfer.unseen(asked) == ("parity",)
    assert transfer.without_preset(asked) == LACKING_HARD
    assert transfer.without_preset(replace(asked, unseen=("parity",))) == ()


def test_tasks_without_the_defect_that_is_left_out_are_not_tried(settings: Settings) -> None:
    changes = {"preset": "paper-without:one_failure", "tasks": ("lpn",)}
    asked = replace(settings, experiment=settings.experiment.model_copy(update=changes))

    assert transfer.unseen(asked) == ("max_cut", "three_sat")
    assert "parity" in transfer.without_preset(asked)


@pytest.mark.slow
def test_the_report_says_which_tasks_lack_the_preset(settings: Settings) -> None:
    hard = settings.experiment.model_copy(update={"preset": "hard"})

    report = conducted(replace(settings, experiment=hard, runs=1))

    assert report.document["without_preset"] == [*LACKING_HARD]
    assert f"Not tried, as they have no preset 'hard': {', '.join(LACKING_HARD)}." in report.notes
