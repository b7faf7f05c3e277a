"""When two runs agree."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.analysis.test_summary import (
    ACCEPTED,
    BASELINE,
    ENDED,
    EVENTS,
    REJECTED,
    STARTED,
    TESTED,
    WORSE,
)

from selftaught.analysis.result_hash import result_hash
from selftaught.events import Event


def test_the_hash_depends_on_decisions_and_scores_alone() -> None:
    same = [
        replace(STARTED, run="r2", versions={}),
        BASELINE,
        replace(ACCEPTED, reason="other words"),
        REJECTED,
        TESTED,
    ]

    assert result_hash(same) == result_hash(EVENTS)


@pytest.mark.parametrize(
    "change",
    [
        replace(ACCEPTED, accepted=False),
        replace(ACCEPTED, improver=WORSE),
        replace(ACCEPTED, search=(0.7, 0.70001)),
        replace(ACCEPTED, gate=(0.8, 0.70001)),
        replace(ACCEPTED, gate=None),
        replace(ACCEPTED, t=3),
        replace(TESTED, scores=(0.9, 0.7, 0.7)),
        replace(TESTED, champion=WORSE),
    ],
    ids=range(8),
)
def test_the_hash_changes_with_every_decision_and_score(change: Event) -> None:
    events: list[Event] = [STARTED, ACCEPTED, TESTED, ENDED]

    changed = [change if type(event) is type(change) else event for event in events]

    assert result_hash(changed) != result_hash(events)
