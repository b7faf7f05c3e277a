"""How many runs gain: most models that are too weak lose by self-improvement (section 5.1)."""

from __future__ import annotations

from selftaught.analysis.proportions import in_words, proportion
from selftaught.studies.meta_utility_curve import test_curve
from selftaught.studies.study import Report, Settings, Study, Table, Team

GAIN = 0.03
"""A gain that counts: 3 % of the utility's scale."""


def conduct(settings: Settings, team: Team) -> Report:
    """Runs the recursion many times, and counts the runs that end well above their start."""
    runs = [team.run(experiment) for experiment in settings.experiments()]
    gains = [(curve := test_curve(run))[-1] - curve[0] for run in runs]
    gained = proportion(sum(gain >= GAIN for gain in gains), len(gains))
    lost = proportion(sum(gain <= -GAIN for gain in gains), len(gains))
    rows = (
        (f"gained at least {GAIN:.0%}", in_words(gained), "12 % (3 of 25)"),
        (f"lost at least {GAIN:.0%}", in_words(lost), "-"),
    )
    columns = ("share of runs", settings.experiment.model, "paper, GPT-3.5")
    return Report(
        study=STUDY.name,
        tables=(Table("Runs that gained and lost, test split", columns, rows),),
        notes=(
            "Every run, from the largest gain to the largest loss: "
            + ", ".join(f"{gain:+.3f}" for gain in sorted(gains, reverse=True)),
        ),
        document={
            "gains": dict(zip((run.run for run in runs), gains, strict=True)),
            "gained": {
                "count": gained.successes,
                "n": gained.n,
                "low": gained.low,
                "high": gained.high,
            },
            "lost": {"count": lost.successes, "n": lost.n, "low": lost.low, "high": lost.high},
            "paper": {"model": "gpt-3.5", "gained": 3, "n": 25, "source": "section 5.1"},
        },
        runs=tuple(run.run for run in runs),
    )


STUDY = Study(
    name="weak-models",
    summary="what share of runs gains at least 3 %? (section 5.1: 12 % with GPT-3.5)",
    runs=25,
    conduct=conduct,
    defaults={"protocol": "paper", "iterations": 4},
)
