"""A run in a page, from its events."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from selftaught.analysis.comparison import compare
from selftaught.analysis.intervals import FRACTIONS, Measured, Method
from selftaught.analysis.summary import (
    SUMMARY_EVENTS,
    summarise,
    utility_estimate,
)
from selftaught.analysis.summary_json import as_json, comparison_json, interval_json
from selftaught.events import (
    Attempted,
    ChampionTested,
    Event,
    GenerationEnded,
    PhaseStarted,
    Refused,
    RunEnded,
    RunStarted,
)
from selftaught.place import Place
from selftaught.solution import Solution

SEED, BETTER, WORSE = (Solution(f"improver = {n}") for n in range(3))
STARTED = RunStarted(
    "r1",
    {"protocol": "gated", "model": "editor", "tasks": ["lpn"], "preset": "standard", "seed": 7},
    {"python": "3"},
    "full",
)
BASELINE = GenerationEnded(0, SEED, None, True, "seed", (0.5, 0.5), None, None, None)
ACCEPTED = GenerationEnded(
    1, BETTER, BETTER, True, "p = 0.01", (0.7, 0.7), (0.8, 0.8), (0.5, 0.5), None
)
REJECTED = GenerationEnded(
    2, BETTER, WORSE, False, "p = 0.9", (0.7, 0.7), (0.1, 0.1), (0.75, 0.75), None
)
TESTED = ChampionTested(BETTER, (0.9, 0.7, 0.8), (0.5, 0.5, 0.5))
ENDED = RunEnded("done", "", {"calls": 3.0}, "hash")
EVENTS: list[Event] = [STARTED, BASELINE, ACCEPTED, REJECTED, TESTED, ENDED]


def test_a_summary_has_a_row_for_every_generation() -> None:
    summary = summarise(EVENTS)

    assert [(row.t, row.improver, row.accepted) for row in summary.iterations] == [
        (0, SEED, True),
        (1, BETTER, True),
        (2, BETTER, False),
    ]
    assert summary.iterations[2].challenger == WORSE
    assert summary.iterations[1].reason == "p = 0.01"
    assert summary.champion == BETTER


def test_the_gate_of_a_row_is_that_of_the_improver_that_stays() -> None:
    summary = summarise(EVENTS)

    gates = [row.gate.mean if row.gate else None for row in summary.iterations]

    assert gates == [None, 0.8, 0.75]


def test_a_challenger_that_is_rejected_keeps_its_gate_beside_the_incumbents() -> None:
    first, _, rejected = summarise(EVENTS).iterations

    assert first.trial is None
    assert rejected.trial
    assert (rejected.trial.seed.mean, rejected.trial.champion.mean) == (0.75, 0.1)
    assert (rejected.trial.gain.mean, rejected.trial.gain.n) == (-0.65, 2)


def test_a_protocol_without_a_gate_tries_nobody() -> None:
    unconditional = replace(ACCEPTED, gate=None, incumbent_gate=None)

    row = as_json(summarise([STARTED, BASELINE, unconditional]))["iterations"][1]  # type: ignore[index]

    assert row["trial"] is None


def test_the_final_test_stands_with_the_seed_and_the_champion() -> None:
    summary = summarise(EVENTS)

    tests = [row.test.mean if row.test else None for row in summary.iterations]

    assert tests == [0.5, None, 0.8]
    assert summary.comparison
    assert summary.comparison.gain.mean == pytest.approx(0.3)
    assert summary.comparison.p == 1 / 8


def test_a_run_that_ends_with_its_seed_compares_nothing() -> None:
    kept = replace(REJECTED, t=1, improver=SEED)
    tested = ChampionTested(SEED, (0.5, 0.5), (0.5, 0.5))

    summary = summarise([STARTED, BASELINE, kept, tested])

    assert summary.comparison is None
    assert summary.iterations[0].test == summary.iterations[1].test


def test_a_run_of_no_iterations_tests_its_seed() -> None:
    summary = summarise([STARTED, BASELINE, ChampionTested(SEED, (0.5, 0.6), (0.5, 0.6))])

    assert len(summary.iterations) == 1
    assert summary.iterations[0].test
    assert summary.iterations[0].test.mean == pytest.approx(0.55)


def test_a_run_that_goes_on_is_summarised_as_far_as_it_is() -> None:
    assert summarise([STARTED]).status == "unfinished"
    assert summarise([STARTED]).champion is None
    assert summarise(EVENTS[:3]).champion == BETTER
    assert summarise(EVENTS[:3]).comparison is None


def test_how_a_run_ended_is_told() -> None:
    summary = summarise(EVENTS)

    assert (summary.run, summary.status, summary.reason) == ("r1", "done", "")
    assert (summary.spent, summary.result_hash) == ({"calls": 3.0}, "hash")


def test_attempts_and_refusals_are_counted_and_other_events_passed_over() -> None:
    place = Place(("t1",))
    others: list[Event] = [
        Attempted(place, SEED, "set Utility.budget"),
        Refused(place, "session", "calls", "no call left"),
        Refused(place, "session", "calls", "no call left"),
        PhaseStarted(place, "gate", 8),
    ]

    summary = summarise([*EVENTS[:2], *others, *EVENTS[2:]])

    assert (summary.attempts, summary.refusals) == (1, 2)
    assert replace(summary, attempts=0, refusals=0) == summarise(EVENTS)
    assert PhaseStarted not in SUMMARY_EVENTS


def test_events_without_a_beginning_are_no_run() -> None:
    with pytest.raises(ValueError, match="no RunStarted"):
        summarise([])
    with pytest.raises(ValueError, match="no RunStarted"):
        summarise([ENDED])


def test_a_comparison_is_made_pair_by_pair() -> None:
    comparison = compare([0.1, 0.5, 0.9], [0.2, 0.7, 1.0], of=Measured.SESSIONS)

    assert comparison.seed.mean == 0.5
    assert comparison.champion.mean == pytest.approx(0.633, abs=1e-3)
    assert comparison.gain.mean == pytest.approx(0.133, abs=1e-3)
    assert (comparison.p, comparison.p_of_loss) == (1 / 8, 1.0)


def test_the_interval_of_a_gain_keeps_to_what_can_be_gained() -> None:
    gain = compare([0.1, 0.1, 0.1], [1.0, 0.1, 0.9], of=Measured.SESSIONS, within=FRACTIONS).gain

    assert gain.mean == pytest.approx(0.5667, abs=1e-3)
    assert gain.low
    assert -1 < gain.low < 0
    assert gain.high == 1.0


def test_the_gain_of_a_single_session_has_no_interval() -> None:
    gain = compare([0.1], [0.4], of=Measured.SESSIONS).gain

    assert (gain.low, gain.high, gain.method) == (None, None, Method.SINGLE)


def test_what_does_not_pair_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="zip"):
        compare([0.1], [0.1, 0.2], of=Measured.SESSIONS)


def test_a_utility_that_one_failure_decides_has_no_interval() -> None:
    spoiled = utility_estimate(0.01, [0.9, 0.0, 0.8], within=FRACTIONS)

    assert (spoiled.mean, spoiled.low, spoiled.high) == (0.01, None, None)
    assert spoiled.method is Method.WHOLE


def in_ranges(*highest: float | None) -> RunStarted:
    tasks = [{"id": f"task{rank}", "highest": most} for rank, most in enumerate(highest)]
    return replace(STARTED, parts={"kind": "run", "tasks": tasks})


def test_meta_utilities_lie_where_the_tasks_of_the_run_say() -> None:
    fractions, unscaled = in_ranges(1.0), in_ranges(1.0, None)

    assert summarise([fractions]).within == (0.0, 1.0)
    assert summarise([in_ranges(1.0, 3.0)]).within == (0.0, 2.0)
    assert summarise([unscaled]).within == (0.0, math.inf)
    assert summarise([STARTED]).within == (0.0, math.inf)


def test_intervals_of_a_run_keep_to_its_range() -> None:
    spread = ChampionTested(BETTER, (1.0, 0.7, 0.2), (0.0, 0.5, 0.9))

    cut = summarise([in_ranges(1.0), BASELINE, ACCEPTED, spread])
    free = summarise([in_ranges(None), BASELINE, ACCEPTED, spread])

    for run, most in ((cut, 1.0), (free, 1.2)):
        test = run.iterations[-1].test
        assert test
        assert test.low == 0.0
        assert test.high
        assert (test.high == most) if run is cut else (test.high > most)
    assert cut.comparison
    assert cut.comparison.gain.low == -1.0


def test_the_document_has_the_fields_that_stay() -> None:
    document = as_json(summarise(EVENTS))

    assert {name: document[name] for name in ("run", "protocol", "model", "tasks", "seed")} == {
        "run": "r1",
        "protocol": "gated",
        "model": "editor",
        "tasks": ["lpn"],
        "seed": 7,
    }
    equal = {
        "low": None,
        "high": None,
        "n": 2,
        "of": "sessions",
        "interval": "none: all measurements are equal",
    }
    assert document["iterations"][1] == {  # type: ignore[index]
        "t": 1,
        "improver": BETTER.id,
        "challenger": BETTER.id,
        "accepted": True,
        "fate": "accepted",
        "reason": "p = 0.01",
        "meta_utility": {
            "search": {"mean": 0.7, **equal},
            "gate": {"mean": 0.8, **equal},
            "test": None,
        },
        "trial": {
            "incumbent": {"mean": 0.5, **equal},
            "challenger": {"mean": 0.8, **equal},
            "gain": {"mean": 0.3, **equal},
            "p": 0.25,
        },
    }
    assert document["spent"] == {"calls": 3.0}
    assert json.loads(json.dumps(document)) == document


def test_a_document_can_be_made_at_any_time() -> None:
    for count in range(1, len(EVENTS) + 1):
        document = as_json(summarise(EVENTS[:count]))

        assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_what_was_not_measured_is_null() -> None:
    assert interval_json(None) is None
    assert comparison_json(None) is None


def test_a_comparison_is_told_under_the_names_of_what_is_compared() -> None:
    document = comparison_json(
        compare([0.1, 0.2], [0.3, 0.4], of=Measured.SESSIONS), ("before", "after")
    )

    assert document
    assert set(document) == {"before", "after", "gain", "p"}
    assert document["p"] == 1 / 4
