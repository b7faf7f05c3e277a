"""Names of runs, what studies take, and which studies there are."""

from __future__ import annotations

import pytest

from selftaught.acceptance import Rule
from selftaught.errors import UsageError
from selftaught.experiment import Experiment, RunLimits
from selftaught.studies import KNOWN
from selftaught.studies.costs import Cost, of_recursion, of_replies
from selftaught.studies.registry import all_studies, find_study
from selftaught.studies.study import Choice, Settings, named

PAPERS = {"meta-utility-curve", "strategies", "transfer", "unsandboxing", "weak-models"}


def test_every_study_of_the_paper_is_there() -> None:
    assert set(KNOWN) >= PAPERS
    assert {study.name for study in all_studies()} == set(KNOWN)


def test_a_study_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UsageError, match="unknown study 'tranfer': did you mean 'transfer'"):
        find_study("tranfer")


def test_what_is_no_study_is_refused() -> None:
    with pytest.raises(UsageError, match="expected a Study"):
        find_study("selftaught.studies:KNOWN")


def test_every_study_can_be_begun_as_it_is() -> None:
    for study in all_studies():
        settings = Settings(study.completed(Experiment()), study.runs)

        assert study.cost(settings).samples > 0
        assert study.parts(settings) > 0


OF_IMPROVERS = set(KNOWN) - {"unsandboxing"}


@pytest.mark.parametrize(
    ("choice", "takers"),
    [
        (Choice.RUNS, set(KNOWN)),
        *((each, OF_IMPROVERS) for each in (Choice.DETAIL, Choice.WORKERS)),
        *((each, OF_IMPROVERS - {"embedded-model"}) for each in (Choice.TASKS, Choice.IMPROVER)),
        (Choice.ITERATIONS, OF_IMPROVERS - {"headroom"}),
        (Choice.PROTOCOL, OF_IMPROVERS - {"embedded-model", "headroom", "recursion"}),
        (Choice.FIGURE, {"meta-utility-curve", "transfer"}),
        (Choice.UNSEEN, {"embedded-model", "recursion", "transfer"}),
        (Choice.ORIGIN, {"transfer"}),
    ],
)
def test_only_some_studies_take_a_choice(choice: Choice, takers: set[str]) -> None:
    for study in all_studies():
        if study.name in takers:
            study.check_takes([choice])
        else:
            with pytest.raises(UsageError, match=f"the study {study.name} takes no {choice}"):
                study.check_takes([choice])


@pytest.mark.parametrize("choice", [Choice.TASKS, Choice.PROTOCOL, Choice.ITERATIONS])
def test_with_the_improver_of_a_run_what_would_make_runs_is_refused(choice: Choice) -> None:
    study = find_study("transfer")
    study.check_takes([Choice.ORIGIN, Choice.UNSEEN, Choice.DETAIL])

    with pytest.raises(UsageError, match=f"takes no {choice} with --from"):
        study.check_takes([Choice.ORIGIN, choice])


def test_defaults_of_a_study_hold_where_an_experiment_says_nothing() -> None:
    study = find_study("transfer")

    plain = study.completed(Experiment(seed=3))
    told = study.completed(Experiment(iterations=1, preset="paper"))

    assert (plain.protocol, plain.iterations, plain.seed) == (Rule.PAPER, 4, 3)
    assert (told.protocol, told.iterations, told.self_session.evaluations) == (Rule.PAPER, 1, 25)


def test_each_run_of_a_study_has_a_seed_and_a_name_of_its_own() -> None:
    runs = Settings(Experiment(seed=5), runs=3).experiments()

    assert [run.seed for run in runs] == [5, 6, 7]
    assert len({run.name for run in runs}) == 3


@pytest.mark.parametrize("changes", [{"workers": 2}, {"store": "x.db"}, {"isolation": "inner"}])
def test_what_decides_no_result_leaves_the_name(changes: dict[str, object]) -> None:
    assert named(Experiment(**changes), 0).name == named(Experiment(), 0).name


@pytest.mark.parametrize("changes", [{"repeats": 2}, {"model": "x"}, {"protocol": "paper"}])
def test_what_decides_results_changes_the_name(changes: dict[str, object]) -> None:
    assert named(Experiment(**changes), 0).name != named(Experiment(), 0).name


def test_other_programs_change_the_name() -> None:
    first, second = (named(Experiment(), 0, also=(also,)) for also in ("a", "b"))

    assert first.name != second.name


def test_the_research_codes_settings_take_what_appendix_k_counts() -> None:
    """About 3,000 samples an iteration: 25 improvers, 5 sessions, 4 calls of 6 samples."""
    settings = {"preset": "paper", "protocol": "official", "test_repeats": 1}
    costs = [of_recursion(Experiment(iterations=t, **settings)) for t in (1, 2)]

    iteration = costs[1].samples - costs[0].samples
    # Besides: what came back is measured once more, on search and on test, and one call proposes.
    assert iteration == 25 * 5 * 4 * 6 + (5 + 1) * 4 * 6 + 4 * 6


def test_costs_keep_to_the_limits_of_runs() -> None:
    limited = Experiment(limits=RunLimits(samples=100, evaluations=50))

    cost = of_recursion(limited)

    assert (cost.samples, cost.evaluations) == (100, 50)
    assert cost.calls == of_recursion(Experiment()).calls


def test_the_gated_protocol_tests_the_first_and_the_last_only() -> None:
    few = Experiment(protocol=Rule.GATED, iterations=3, gate_repeats=1, test_repeats=10)
    paper = few.model_copy(update={"protocol": Rule.PAPER})

    # Gate: two improvers in each of three generations.
    assert of_recursion(few).sessions - 6 + 20 == of_recursion(paper).sessions


def test_replies_are_asked_for_in_whole_calls() -> None:
    assert of_replies(Experiment(), 13) == Cost(calls=3, samples=13)
