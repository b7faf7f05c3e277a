"""Strategies of what the embedded model proposes, in the real sandbox."""

from __future__ import annotations

from typing import Any

from tests.studies.conftest import numbers_without_interval

from selftaught.running.execution import no_listener
from selftaught.studies import proposals
from selftaught.studies.study import Settings, Team


def test_every_distinct_proposal_is_labelled_once(settings: Settings) -> None:
    document: Any = proposals.conduct(settings, Team(no_listener)).document

    labels, proposed = document["labels"], document["proposed"]
    assert document["replies"] == 4  # two runs, one generation, one call, two samples
    assert document["programs"] == len(labels)
    assert 0 < len(labels) <= 4
    for strategy, share in proposed.items():
        assert share["count"] == sum(strategy in found for found in labels.values())
        assert share["n"] == len(labels)
    assert numbers_without_interval(dict(document)) == []


def test_what_became_an_improver_is_counted_apart(settings: Settings) -> None:
    document: Any = proposals.conduct(settings, Team(no_listener)).document

    accepted = document["accepted"]
    assert 0 <= accepted <= 2
    assert all(share["n"] == accepted for share in document["accepted_strategies"].values())
