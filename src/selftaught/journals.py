"""Library calls that read a journal: which runs there are, and what came of them."""

from __future__ import annotations

from contextlib import closing

from selftaught.analysis.summary import RunSummary, summary_of
from selftaught.errors import UsageError
from selftaught.lookup import unknown
from selftaught.store import (
    Journal,
    RunRecord,
    default_store,
    find_program,
    is_there,
    without_password,
)


def runs(store: str | None = None) -> list[RunRecord]:
    """Returns the runs of a journal, the newest first (``selftaught show``).

    Args:
        store: File or URL of the journal; None: the default one.

    Raises:
        UsageError: There is no journal; of the default one, that means no runs.
        StoreError: The journal cannot be read.
    """
    if store is None and not is_there(default_store()):
        return []
    with opened_journal(store) as journal:
        return journal.runs()


def show(run: str, *, store: str | None = None) -> RunSummary:
    """Returns what came of a run, from its journal (``selftaught show RUN``).

    Args:
        run: Name of the run.
        store: File or URL of the journal; None: the default one.

    Raises:
        UsageError: There is no such run.
        StoreError: The journal cannot be read.
    """
    with opened_journal(store) as journal:
        check_there(journal, run)
        return summary_of(journal, run)


def program(id: str, *, run: str, store: str | None = None) -> str:  # noqa: A002 - what everyone calls it
    """Returns the text of a program of a run (``selftaught show RUN --program ID``).

    Args:
        id: The first digits of its digest, as tables show them.
        run: Name of the run.
        store: File or URL of the journal; None: the default one.

    Raises:
        UsageError: There is no such program in the run, or there are several.
        StoreError: The journal cannot be read.
    """
    with opened_journal(store) as journal:
        return find_program(journal, id, run=run).text


def check_there(journal: Journal, run: str) -> None:
    """Makes sure that there is a run of that name.

    Raises:
        UsageError: There is none; the message names those that there are.
    """
    if not journal.has(run):
        names = [record.run for record in journal.runs()]
        raise unknown("run", run, names, other="a store that has it")


def opened_journal(store: str | None) -> closing[Journal]:
    """Opens a journal that is there; closes it at the end of the block.

    Args:
        store: Its file or URL; None: the default one.

    Raises:
        UsageError: There is none.
    """
    where = store or default_store()
    if not is_there(where):
        raise UsageError(
            f"no journal at {without_password(where)}: it begins with a run, as by: selftaught run"
        )
    return closing(Journal(where))
