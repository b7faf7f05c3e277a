"""How many runs gain: most models that are too weak lose by self-improvement (section 5.1)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from selftaught.analysis import paper
from selftaught.analysis.intervals import Estimate, in_words, legend, number
from selftaught.analysis.proportions import in_words as share_in_words
from selftaught.analysis.proportions import proportion
from selftaught.analysis.summary import RunSummary
from selftaught.analysis.summary_json import interval_json
from selftaught.studies.cells import share_json
from selftaught.studies.meta_utility_curve import gain_of, is_papers_task, tested
from selftaught.studies.study import Report, Settings, Study, Table, Team

GAIN = paper.WEAK_MODEL_GAIN
"""A gain that counts: 3 % of the utility's scale; without a scale, of where the run began."""


@dataclass(frozen=True, slots=True)
class Change:
    """What self-improvement did in a run."""

    run: str
    seed: Estimate
    """Test meta-utility of the seed improver."""
    gain: Estimate
    threshold: float
    """How large a gain or a loss counts, in the unit of the utility."""

    @property
    def is_gain(self) -> bool:
        """Tells whether the run gained as much; to stay where it was is no gain."""
        return self.gain.mean >= self.threshold and self.gain.mean > 0

    @property
    def is_loss(self) -> bool:
        """Tells whether the run lost as much."""
        return self.gain.mean <= -self.threshold and self.gain.mean < 0


def change_in(run: RunSummary) -> Change:
    """Returns what self-improvement did in a run."""
    seed, (low, high) = tested(run)[0], run.within
    scale = high - low if math.isfinite(high) else seed.mean
    return Change(run.run, seed, gain_of(run), GAIN * scale)


def conduct(settings: Settings, team: Team) -> Report:
    """Runs the recursion many times, and counts the runs that end well above their start."""
    runs = [team.run(experiment) for experiment in settings.experiments()]
    changes = [change_in(run) for run in runs]
    has_scale = math.isfinite(runs[0].within[1])
    gained = proportion(sum(each.is_gain for each in changes), len(changes))
    lost = proportion(sum(each.is_loss for each in changes), len(changes))
    shares = {
        f"gained at least {100 * GAIN:g} %": (share_in_words(gained), share_in_words(_PAPER)),
        f"lost at least {100 * GAIN:g} %": (share_in_words(lost), "not stated"),
    }
    is_papers = is_papers_task(settings.experiment)
    rows = tuple((name, ours, *[papers] * is_papers) for name, (ours, papers) in shares.items())
    columns = ("share of runs", settings.experiment.model, *["paper, GPT-3.5"] * is_papers)
    title = "Runs that gained and lost, test split, 95 % intervals (Wilson's)"
    return Report(
        study=STUDY.name,
        tables=(Table(title, columns, rows), _every_run(changes)),
        notes=(
            f"{100 * GAIN:g} %: {_of_what(has_scale=has_scale)}.",
            legend([value for each in changes for value in (each.seed, each.gain)]),
        ),
        document={
            "gains": {each.run: interval_json(each.gain) for each in changes},
            "seed_improver": {each.run: interval_json(each.seed) for each in changes},
            "threshold": {"percent": 100 * GAIN, "of": _of_what(has_scale=has_scale)},
            "gained": share_json(gained),
            "lost": share_json(lost),
            "paper": {"model": "gpt-3.5", "gained": share_json(_PAPER), "source": "section 5.1"}
            if is_papers
            else None,
        },
        runs=tuple(each.run for each in changes),
    )


def _of_what(*, has_scale: bool) -> str:
    if has_scale:
        return "of the utility's scale, which the task declares"
    return (
        "of the seed improver's test meta-utility in the same run: the scores of the task have no "
        "highest value"
    )


def _every_run(changes: Sequence[Change]) -> Table:
    sessions = max(each.gain.n for each in changes)
    rows = tuple(
        (each.run, in_words(each.seed), in_words(each.gain, sign=True), number(each.threshold))
        for each in sorted(changes, key=lambda each: -each.gain.mean)
    )
    title = f"Every run, the largest gain first, n = {sessions} sessions, 95 % intervals"
    return Table(title, ("run", "seed improver", "gain", "counts from"), rows)


_PAPER = proportion(*paper.WEAK_MODEL_IMPROVED)
STUDY = Study(
    name="weak-models",
    summary="what share of runs gains at least 3 %? (section 5.1: 12 % with GPT-3.5)",
    runs=paper.WEAK_MODEL_IMPROVED[1],
    conduct=conduct,
    defaults={"protocol": "paper", "iterations": paper.CURVE_ITERATIONS},
)
