"""The share of runs that gain, with the embedded model, in the real sandbox."""

from __future__ import annotations

from typing import Any

from tests.studies.conftest import numbers_without_interval

from selftaught import journals
from selftaught.events import Event, ReplyReceived, SessionScored
from selftaught.execution import no_listener
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
