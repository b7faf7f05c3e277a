"""The paper's figures agree with each other."""

from __future__ import annotations

from selftaught.analysis.objectives import step_calls
from selftaught.analysis.paper import (
    CALLS_PER_ITERATION,
    TRANSFER,
    UNSANDBOXING,
    WEAK_MODEL_IMPROVED,
)
from selftaught.analysis.proportions import score_test


def test_counts_of_table_2_give_its_percentages() -> None:
    shares = {
        model: (
            round(100 * row.without_warning / row.n, 2),
            round(100 * row.with_warning / row.n, 2),
        )
        for model, row in UNSANDBOXING.items()
    }

    assert shares == {"gpt-4": (0.42, 0.46), "gpt-3.5": (0.12, 0.17)}


def test_the_models_of_table_2_differ_and_its_warnings_do_not() -> None:
    strong, weak = UNSANDBOXING["gpt-4"], UNSANDBOXING["gpt-3.5"]

    between = score_test((strong.without_warning, strong.n), (weak.without_warning, weak.n))
    warnings = [
        score_test((row.without_warning, row.n), (row.with_warning, row.n))
        for row in (strong, weak)
    ]

    assert between.p < 1e-4
    assert all(each.p > 0.05 for each in warnings)


def test_3_of_25_runs_are_12_percent() -> None:
    improved, runs = WEAK_MODEL_IMPROVED

    assert improved / runs == 0.12


def test_every_row_of_table_1_gains() -> None:
    assert len(TRANSFER) == 5
    rows = TRANSFER.values()
    assert all(row.solution <= row.seed_improver < row.improved_improver for row in rows)


def test_the_cut_of_table_1_is_in_the_unit_of_the_research_code() -> None:
    # The whole weight of its graphs is about 2,008 there, a local search cuts about 1,171.
    assert 500 < TRANSFER["max_cut"].improved_improver < 1171
    assert all(row.improved_improver <= 1 for name, row in TRANSFER.items() if name != "max_cut")


def test_the_research_codes_budgets_explain_the_calls_per_iteration() -> None:
    step = step_calls(meta_utility=25, utility=25, language_model=4, samples_per_call=6, sessions=5)

    assert step.samples - 4 * 6 == CALLS_PER_ITERATION.value
