"""What improvers propose when they improve themselves: strategies, from the syntax tree (6.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing

from selftaught.analysis.proportions import in_words, proportion
from selftaught.analysis.strategies import Strategy, strategies_of
from selftaught.analysis.summary import RunSummary
from selftaught.events import ReplyReceived
from selftaught.execution import store_of
from selftaught.experiment import Experiment
from selftaught.extraction import code_in
from selftaught.solution import Solution
from selftaught.store import Journal
from selftaught.studies.study import Report, Settings, Study, Table, Team


def conduct(settings: Settings, team: Team) -> Report:
    """Runs the recursion several times, and labels every improver that was proposed."""
    experiments = settings.experiments()
    runs = [team.run(experiment) for experiment in experiments]
    replies = [each for experiment in experiments for each in _proposed(experiment)]
    programs = list(dict.fromkeys(each for each in replies if each is not None))
    labels = {program: _labels(program) for program in programs}
    chosen = [program for run in runs for program in _chosen(run)]
    proposed = Counter(label for found in labels.values() for label in found)
    accepted = Counter(label for program in chosen for label in _labels(program))
    rows = tuple(
        (
            str(strategy),
            in_words(proportion(proposed[strategy], len(programs))),
            in_words(proportion(accepted[strategy], len(chosen))) if chosen else "-",
        )
        for strategy in sorted(Strategy, key=lambda each: (-proposed[each], each))
        if proposed[strategy] or accepted[strategy]
    )
    columns = ("strategy", "of distinct proposals", "of accepted improvers")
    return Report(
        study=STUDY.name,
        tables=(Table("Strategies of proposed improvers", columns, rows),),
        notes=(
            f"{len(replies)} replies; {sum(each is None for each in replies)} without a program; "
            f"{len(programs)} distinct programs, {len(chosen)} accepted.",
            "Labels follow from what reachable code does, not from names or comments. The paper "
            "names beam search the most common strategy, genetic algorithms very common, and gives "
            "no counts (section 6.1).",
        ),
        document={
            "replies": len(replies),
            "programs": len(programs),
            "accepted": len(chosen),
            "proposed": {str(each): count for each, count in proposed.most_common()},
            "accepted_strategies": {str(each): count for each, count in accepted.most_common()},
            "labels": {program.id: sorted(map(str, found)) for program, found in labels.items()},
        },
        runs=tuple(run.run for run in runs),
    )


def _proposed(experiment: Experiment) -> list[Solution | None]:
    """Returns the program in every reply of a run in which an improver was to be improved."""
    with closing(Journal(store_of(experiment))) as journal:
        events = journal.events(str(experiment.name), kinds=(ReplyReceived,))
        replies = [
            event.reply
            for event in events
            if isinstance(event, ReplyReceived) and event.place.path[-1:] == ("propose",)
        ]
    codes = [code_in(reply) for reply in replies]
    return [None if code is None else Solution(code) for code in codes]


def _chosen(run: RunSummary) -> Sequence[Solution]:
    return [row.improver for row in run.iterations if row.t and row.accepted]


def _labels(program: Solution) -> frozenset[Strategy]:
    return frozenset(finding.strategy for finding in strategies_of(program) or ())


STUDY = Study(
    name="strategies",
    summary="what do proposed improvers do? (section 6.1)",
    runs=5,
    conduct=conduct,
    defaults={"protocol": "paper", "iterations": 4},
)
