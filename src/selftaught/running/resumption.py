"""Which run is taken up again: the one that does the same, and did not come to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from selftaught.errors import StoreError, UsageError, shown
from selftaught.events import RunForked, RunStarted
from selftaught.experiment import Experiment
from selftaught.experiment_tables import stated_urls
from selftaught.solution import Solution
from selftaught.store import Journal, RunWriter

CHANGEABLE = frozenset({"name", "store", "executor", "workers", "isolation", "limits", "endpoint"})
"""Fields of an experiment that decide no result: they may differ when a run is taken up again."""
_LATEST = 50
"""How many unfinished runs are looked at."""


def begun_as(journal: Journal, run: str) -> RunStarted:
    """Returns how a run began; of a fork, with the experiment from where it forked.

    Raises:
        StoreError: The run has no beginning.
    """
    started = journal.first(run)
    for fork in forks_of(journal, run):
        started = replace(started, run=run, experiment=fork.experiment)
    return started


def forks_of(journal: Journal, run: str) -> list[RunForked]:
    """Returns where a run parted from others, from the first parting on."""
    events = journal.events(run, kinds=(RunForked,))
    return [event for event in events if isinstance(event, RunForked)]


def difference(
    begun: RunStarted, experiment: Experiment, parts: Mapping[str, object]
) -> str | None:
    """Returns in what a run differs from another experiment, in words; None: in nothing."""
    for name, value in experiment.plain().items():
        before = begun.experiment.get(name, value)
        if name not in CHANGEABLE and before != value:
            return f"its {name} is {shown(before)}, not {shown(value)}"
    if _names(begun.parts) != _names(parts):
        return "it began with another task or improver: a file was changed since"
    return None


def _names(parts: Mapping[str, object]) -> tuple[object, ...]:
    """Returns what tells parts apart."""
    improver, tasks = parts.get("improver"), parts.get("tasks", ())
    digests = [task.get("digest") for task in cast("list[dict[str, object]]", tasks)]
    return (parts.get("kind"), improver.id if isinstance(improver, Solution) else None, digests)


def _asks_as(begun: RunStarted, experiment: Experiment) -> bool:
    """Tells whether a run asks the same server: at another one, a name is another model."""
    before = cast("Mapping[str, object]", begun.experiment.get("endpoint", {}))
    return stated_urls(before) == stated_urls(experiment.endpoint.model_dump())


def newest_unfinished(
    journal: Journal, experiment: Experiment, parts: Mapping[str, object]
) -> RunWriter | None:
    """Takes up the newest run that does the same, is not done and is nobody's; None: there is none.

    Raises:
        StoreError: The store cannot be read.
    """
    unfinished = [record.run for record in journal.runs() if record.status != "done"]
    for run in unfinished[:_LATEST]:
        try:
            if forks_of(journal, run):
                continue  # it draws proposals of its own: it does not do the same
            begun = begun_as(journal, run)
            if difference(begun, experiment, parts) is None and _asks_as(begun, experiment):
                return journal.resume(run)
        except (UsageError, StoreError):
            continue  # it is under way in another process, or an older version wrote it
    return None
