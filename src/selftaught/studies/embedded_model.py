"""Whether the embedded model drives self-improvement: headroom, recursion, and a weak setting.

The model ``editor`` is a program editor, not a neural network. This study says how far what is
learnt with it can be trusted to be about self-improvement; it says nothing about language models.
"""

from __future__ import annotations

from dataclasses import replace

from selftaught.errors import UsageError
from selftaught.studies import headroom, recursion, weak_models
from selftaught.studies.costs import Cost
from selftaught.studies.study import OF_RUNS, Choice, Report, Settings, Study, Table, Team

MODEL = "editor"
WEAK = "editor:skill=0.3"
"""Few ideas, many blind edits and broken replies."""


def _parts(settings: Settings) -> list[tuple[str, Study, Settings]]:
    """Returns the studies that it consists of, each with its own defaults.

    Raises:
        UsageError: It is asked about another model.
    """
    if settings.experiment.model != MODEL:
        raise UsageError(
            f"the study {STUDY.name} is about the model {MODEL}, not {settings.experiment.model}: "
            f"for others there are {headroom.STUDY.name}, {recursion.STUDY.name} and "
            f"{weak_models.STUDY.name}"
        )
    weak = settings.experiment.model_copy(update={"model": WEAK})
    of_part = [
        ("Headroom", headroom.STUDY, settings.experiment),
        ("Recursion", recursion.STUDY, settings.experiment),
        (f"Weak setting, {WEAK}", weak_models.STUDY, weak),
    ]
    return [
        (title, study, replace(settings, experiment=study.completed(experiment)))
        for title, study, experiment in of_part
    ]


def conduct(settings: Settings, team: Team) -> Report:
    """Conducts the three, one after the other."""
    reports = [(title, study.conduct(each, team)) for title, study, each in _parts(settings)]
    return Report(
        study=STUDY.name,
        tables=tuple(
            Table(f"{title}: {table.title}", table.columns, table.rows)
            for title, report in reports
            for table in report.tables
        ),
        notes=tuple(f"{title}: {note}" for title, report in reports for note in report.notes),
        document={report.study: report.document for _, report in reports},
        runs=tuple(run for _, report in reports for run in report.runs),
    )


def cost(settings: Settings) -> Cost:
    """Returns what the study takes at most.

    Raises:
        UsageError: It is asked about another model.
    """
    return sum((study.cost(each) for _, study, each in _parts(settings)), Cost())


def parts(settings: Settings) -> int:
    """Returns how many runs the study consists of."""
    return sum(study.parts(each) for _, study, each in _parts(settings))


STUDY = Study(
    name="embedded-model",
    summary="does the embedded model drive self-improvement? (headroom, recursion, weak setting)",
    runs=10,
    conduct=conduct,
    cost=cost,
    parts=parts,
    choices=OF_RUNS - {Choice.PROTOCOL, Choice.IMPROVER, Choice.TASKS} | {Choice.UNSEEN},
)
