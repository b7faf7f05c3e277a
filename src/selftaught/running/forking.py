"""A new run that shares the past of another one, up to a generation, and goes its own way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from selftaught.errors import UsageError
from selftaught.events import GenerationEnded, RunForked
from selftaught.experiment import Experiment, changed
from selftaught.running.execution import new_name
from selftaught.running.resumption import begun_as
from selftaught.store import Journal, Row
from selftaught.store.codec import encode


def fork(
    journal: Journal,
    run: str,
    *,
    at: int,
    name: str | None,
    changes: Mapping[str, object],
    check: Callable[[Experiment], None],
) -> str:
    """Writes the beginning of a new run: all events of another one up to the end of a generation.

    It then goes on, like any run that was interrupted, with that generation's improver, and with
    proposals of its own.

    Args:
        journal: Where both are.
        run: Name of the other run.
        at: t of the last generation that both share.
        name: Of the new run; None: made from the time.
        changes: Fields of the experiment from there on: ``iterations``, ``model``, ``limits``.
        check: Raises where the new experiment cannot be carried out; nothing is written then.

    Returns:
        The name of the new run.

    Raises:
        UsageError: There is no such generation, or nothing would be left to do.
    """
    if not journal.is_chained(run):
        raise UsageError(f"the run {run} cannot be forked: an older version of selftaught wrote it")
    begun = begun_as(journal, run)
    new = name or new_name()
    past = _up_to(journal, run, at)
    before = Experiment.model_validate({**begun.experiment, "name": new})
    experiment = changed(before, changes)
    if at >= experiment.iterations:
        raise UsageError(
            f"generation {at} would be the last, with {experiment.iterations} iterations in all: "
            "say how far the new run is to go, with --iterations"
        )
    check(experiment)
    forked = RunForked(new, run, at, past[-1].hash, experiment.plain())
    encoded = encode(forked)
    row = Row(len(past), time.time(), encoded.kind, "", None, None, encoded.body)
    journal.add(new, [*past, row.linked(past[-1].hash)], encoded.blobs, started=row.time)
    return new


def _up_to(journal: Journal, run: str, t: int) -> list[Row]:
    """Returns the rows of a run up to the end of a generation."""
    past: list[Row] = []
    found: list[int] = []
    for row in journal.rows(run):
        past.append(row)
        if row.kind == GenerationEnded.__name__:
            ended = journal.event(row)
            assert isinstance(ended, GenerationEnded)
            found.append(ended.t)
            if ended.t == t:
                return past
    there = f"it has generations {found[0]} to {found[-1]}" if found else "it has none yet"
    raise UsageError(f"the run {run} has no generation {t}: {there}")
