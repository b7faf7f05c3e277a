"""How many runs gain: most models that are too weak lose by self-improvement (section 5.1)."""

from __future__ import annotations

from selftaught.analysis import paper
from selftaught.analysis.proportions import in_words, proportion
from selftaught.analysis.summary_json import interval_json
from selftaught.studies.cells import share_json
from selftaught.studies.meta_utility_curve import gain_of
from selftaught.studies.study import Report, Settings, Study, Table, Team

GAIN = paper.WEAK_MODEL_GAIN
"""A gain that counts: 3 % of the utility's scale."""


def conduct(settings: Settings, team: Team) -> Report:
    """Runs the recursion many times, and counts the runs that end well above their start."""
    runs = [team.run(experiment) for experiment in settings.experiments()]
    gains = {run.run: gain_of(run) for run in runs}
    means = [gain.mean for gain in gains.values()]
    gained = proportion(sum(mean >= GAIN for mean in means), len(means))
    lost = proportion(sum(mean <= -GAIN for mean in means), len(means))
    rows = (
        (f"gained at least {100 * GAIN:g} %", in_words(gained), in_words(_PAPER)),
        (f"lost at least {100 * GAIN:g} %", in_words(lost), "not stated"),
    )
    columns = ("share of runs", settings.experiment.model, "paper, GPT-3.5")
    return Report(
        study=STUDY.name,
        tables=(Table("Runs that gained and lost, test split", columns, rows),),
        notes=(
            "Every run, from the largest gain to the largest loss: "
            + ", ".join(f"{mean:+.3f}" for mean in sorted(means, reverse=True)),
        ),
        document={
            "gains": {run: interval_json(gain) for run, gain in gains.items()},
            "threshold": GAIN,
            "gained": share_json(gained),
            "lost": share_json(lost),
            "paper": {"model": "gpt-3.5", "gained": share_json(_PAPER), "source": "section 5.1"},
        },
        runs=tuple(gains),
    )


_PAPER = proportion(*paper.WEAK_MODEL_IMPROVED)
STUDY = Study(
    name="weak-models",
    summary="what share of runs gains at least 3 %? (section 5.1: 12 % with GPT-3.5)",
    runs=paper.WEAK_MODEL_IMPROVED[1],
    conduct=conduct,
    defaults={"protocol": "paper", "iterations": paper.CURVE_ITERATIONS},
)
