"""What improvers propose when they improve themselves: strategies, from the syntax tree (6.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from selftaught.analysis.proportions import Proportion, proportion
from selftaught.analysis.strategies import Strategy, strategies_of
from selftaught.analysis.summary import RunSummary
from selftaught.events import ReplyReceived
from selftaught.solution import Solution
from selftaught.studies.cells import share_cell, share_json
from selftaught.studies.replies import programs_in
from selftaught.studies.study import Report, Settings, Study, Table, Team


def conduct(settings: Settings, team: Team) -> Report:
    """Runs the recursion several times, and labels every improver that was proposed."""
    experiments = settings.experiments()
    runs = [team.run(experiment) for experiment in experiments]
    replies = [each for experiment in experiments for each in programs_in(experiment, _proposes)]
    programs = list(dict.fromkeys(each for each in replies if each is not None))
    labels = {program: _labels(program) for program in programs}
    chosen = [program for run in runs for program in _chosen(run)]
    proposed = Counter(label for found in labels.values() for label in found)
    accepted = Counter(label for program in chosen for label in _labels(program))
    rows = tuple(
        (
            str(strategy),
            share_cell(_share(proposed[strategy], len(programs))),
            share_cell(_share(accepted[strategy], len(chosen))),
        )
        for strategy in sorted(Strategy, key=lambda each: (-proposed[each], each))
        if proposed[strategy] or accepted[strategy]
    )
    columns = ("strategy", "of distinct proposals", "of accepted improvers")
    return Report(
        study=STUDY.name,
        tables=(
            Table(_TITLE, columns, rows, otherwise="no proposal has a strategy that is known"),
        ),
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
            "proposed": _shares(proposed, len(programs)),
            "accepted_strategies": _shares(accepted, len(chosen)),
            "labels": {program.id: sorted(map(str, found)) for program, found in labels.items()},
        },
        runs=tuple(run.run for run in runs),
    )


_TITLE = (
    "Strategies of proposed improvers: share, 95 % interval (Wilson's; of none the upper bound), "
    "count of n"
)


def _proposes(event: ReplyReceived) -> bool:
    return event.place.path[-1:] == ("propose",)


def _chosen(run: RunSummary) -> Sequence[Solution]:
    return [row.improver for row in run.iterations if row.t and row.accepted]


def _shares(counts: Counter[Strategy], n: int) -> dict[str, object]:
    return {str(each): share_json(_share(count, n)) for each, count in counts.most_common()}


def _share(count: int, n: int) -> Proportion | None:
    return proportion(count, n) if n else None


def _labels(program: Solution) -> frozenset[Strategy]:
    return frozenset(finding.strategy for finding in strategies_of(program) or ())


STUDY = Study(
    name="strategies",
    summary="what do proposed improvers do? (section 6.1)",
    runs=5,
    conduct=conduct,
    defaults={"protocol": "paper", "iterations": 4},
)
