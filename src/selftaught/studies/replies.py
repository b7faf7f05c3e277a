"""The programs in a run's replies, from its journal."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from selftaught.events import ReplyReceived
from selftaught.experiment import Experiment
from selftaught.extraction import code_in
from selftaught.running.execution import store_of
from selftaught.solution import Solution
from selftaught.store import Journal


def any_reply(event: ReplyReceived) -> bool:
    """Tells of every reply that it is meant."""
    del event
    return True


def programs_in(
    experiment: Experiment, is_meant: Callable[[ReplyReceived], bool] = any_reply
) -> list[Solution | None]:
    """Returns the program in every reply of a run; None for a reply without one.

    Args:
        experiment: Names the run and its journal.
        is_meant: Tells which replies.

    Raises:
        StoreError: The journal cannot be read.
    """
    with closing(Journal(store_of(experiment))) as journal:
        events = journal.events(str(experiment.name), kinds=(ReplyReceived,))
        replies = [
            event.reply for event in events if isinstance(event, ReplyReceived) and is_meant(event)
        ]
    codes = [code_in(reply) for reply in replies]
    return [None if code is None else Solution(code) for code in codes]
