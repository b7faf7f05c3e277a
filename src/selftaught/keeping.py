"""Library calls on recorded runs: whether they hold, how they go on, and where they go."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from selftaught.errors import UsageError
from selftaught.experiment import Experiment, changed
from selftaught.journals import check_there, opened_journal
from selftaught.parts import find_model
from selftaught.running import exchange, forking, replaying, verification
from selftaught.running.exchange import Exported, Format, Imported, format_of
from selftaught.running.replaying import Replay
from selftaught.running.resumption import CHANGEABLE, begun_as, difference
from selftaught.running.runner import Parts
from selftaught.running.verification import Verification
from selftaught.store import (
    Journal,
    default_store,
    is_there,
)

_LOOK_SECONDS = 0.2
"""How often it is looked whether a run has stopped."""


def verify(run: str, *, store: str | None = None, head: str | None = None) -> Verification:
    """Checks that a run is what it says (``selftaught verify RUN``).

    Args:
        run: Name of the run.
        store: File or URL of the journal; None: the default one.
        head: The hash that its author gives; None: nothing is known of it.

    Raises:
        UsageError: There is no such run.
        StoreError: The journal cannot be read.
    """
    with opened_journal(store) as journal:
        check_there(journal, run)
        return verification.verify(journal, run, head=head)


def replay(run: str, *, store: str | None = None, programs: bool = False) -> Replay:
    """Executes a run again from its journal alone (``selftaught replay RUN``).

    Args:
        run: Name of the run.
        store: File or URL of the journal; None: the default one.
        programs: Runs its improver programs again, too, on the replies of the journal.

    Raises:
        UsageError: There is no such run, or an older version wrote it.
        StoreError: The journal cannot be read.
    """
    with opened_journal(store) as journal:
        check_there(journal, run)
        return replaying.replay(journal, run, programs=programs)


def fork(
    run: str,
    *,
    at: int,
    name: str | None = None,
    store: str | None = None,
    agree: Callable[[Experiment], None] = lambda _: None,
    **changes: object,
) -> Experiment:
    """Makes a new run that shares the past of another one (``selftaught fork RUN``).

    Args:
        run: Name of the other run.
        at: t of the last generation that both share.
        name: Of the new run; None: made from the time.
        store: File or URL of the journal; None: the default one.
        agree: Told what is left to do before anything is written; raises where it is not wanted.
        **changes: Fields of the experiment from there on, such as ``iterations``; of the tables
            ``limits`` and ``endpoint``, some of their fields.

    Returns:
        What goes on with the new run, when it is run.

    Raises:
        UsageError: There is no such run or generation, or nothing would be left to do.
        StoreError: The journal cannot be read or written.
    """
    with opened_journal(store) as journal:
        check_there(journal, run)
        begun = begun_as(journal, run)

        def check(experiment: Experiment) -> None:
            find_model(experiment.model, experiment.seed, experiment.endpoint.settings())
            same = replace(begun, experiment=experiment.plain())
            if differs := difference(same, experiment, Parts.found(experiment).recorded()):
                raise UsageError(f"the run {run} cannot be forked here: {differs}")
            agree(experiment.model_copy(update={"iterations": experiment.iterations - at}))

        new = forking.fork(journal, run, at=at, name=name, changes=changes, check=check)
        return _of(journal, new, store)


def stop(run: str, *, store: str | None = None, wait_seconds: float = 60.0) -> str:
    """Stops a run that another process carries out (``selftaught stop RUN``).

    Args:
        run: Name of the run.
        store: File or URL of the journal; None: the default one.
        wait_seconds: How long to wait for its end.

    Returns:
        Its status then; ``under way`` where it has not ended yet.

    Raises:
        UsageError: There is no such run, or nobody carries it out.
        StoreError: The journal cannot be read or written.
    """
    with opened_journal(store) as journal:
        check_there(journal, run)
        if not journal.is_claimed(run):
            status = journal.status(run)
            raise UsageError(f"the run {run} is not under way: it is {status}")
        journal.ask_to_stop(run, "stopped by selftaught stop")
        deadline = time.monotonic() + wait_seconds
        while journal.is_claimed(run) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        return "under way" if journal.is_claimed(run) else journal.status(run)


def export_run(
    run: str,
    file: str | Path,
    *,
    format: Format | str | None = None,  # noqa: A002 - what everyone calls it
    replace: bool = False,
    store: str | None = None,
) -> Exported:
    """Writes a run to a file (``selftaught export RUN FILE``).

    Args:
        run: Name of the run.
        file: Path of the file, which is there as a whole or not at all; ``-``: standard output.
        format: ``bundle``, ``jsonl`` or ``parquet``; None: by the suffix ``.zip``, ``.jsonl`` or
            ``.parquet``.
        replace: Whether the file may take the place of another one.
        store: File or URL of the journal; None: the default one.

    Raises:
        UsageError: There is no such run or format, or there is such a file.
        HostError: The journal cannot be read or was damaged, or the file cannot be written.
    """
    chosen = format_of(str(file), format)
    with opened_journal(store) as journal:
        check_there(journal, run)
        return exchange.export_run(journal, run, str(file), chosen=chosen, replace=replace)


def import_run(file: str | Path, *, name: str | None = None, store: str | None = None) -> Imported:
    """Takes the run of a bundle into a journal, after checking all of it (``selftaught import``).

    Args:
        file: Path of the bundle.
        name: Name of the run in the journal; None: the one that it has.
        store: File or URL of the journal; None: the default one. It is made where there is none.

    Raises:
        UsageError: The file is no bundle, or there is another run of that name.
        StoreError: The bundle was changed or is damaged, or the journal cannot be written.
    """
    return exchange.import_run(store or default_store(), str(file), name=name)


def recorded(options: Mapping[str, object]) -> Experiment | None:
    """Returns the experiment of a run that is named and not described otherwise; None: no such run.

    Args:
        options: Fields of an experiment that are given.
    """
    name, store = options.get("name"), options.get("store")
    where = str(store) if store else default_store()
    if not isinstance(name, str) or not options.keys() <= CHANGEABLE or not is_there(where):
        return None
    with closing(Journal(where)) as journal:
        if not journal.has(name):
            return None
        return changed(_of(journal, name, where), options)


def _of(journal: Journal, run: str, store: str | None) -> Experiment:
    """Returns the experiment of a run, for this store."""
    described = dict(begun_as(journal, run).experiment) | {"name": run, "store": store}
    return Experiment.model_validate(described)
