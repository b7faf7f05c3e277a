"""The programs of a run, found by the digits that tables show."""

from __future__ import annotations

from selftaught.errors import UsageError, shown
from selftaught.events import (
    ApplicationEnded,
    ChampionTested,
    Event,
    GenerationEnded,
    ReplyReceived,
    SessionEnded,
    SolutionScored,
)
from selftaught.extraction import code_in
from selftaught.solution import Solution
from selftaught.store.journal import Journal

_WITH_PROGRAMS = (
    SolutionScored,
    SessionEnded,
    GenerationEnded,
    ReplyReceived,
    ChampionTested,
    ApplicationEnded,
)


def find_program(journal: Journal, id: str, *, run: str) -> Solution:  # noqa: A002 - what everyone calls it
    """Returns the program of a run whose digest begins with an id.

    Raises:
        UsageError: There is none, or there are several.
    """
    events = journal.events(run, kinds=_WITH_PROGRAMS)
    programs = {solution for event in events for solution in programs_of(event)}
    found = [each for each in programs if id and each.digest.startswith(id.lower())]
    if not found:
        raise UsageError(
            f"no program {shown(id)} in run {run}: expected the digits that its tables show"
        )
    if len(found) > 1:
        names = ", ".join(sorted(each.id for each in found)[:5])
        raise UsageError(f"{len(found)} programs begin with {id!r}, such as {names}")
    return found[0]


def programs_of(event: Event) -> list[Solution]:
    """Returns the programs that an event tells of."""
    match event:
        case SolutionScored(solution=solution):
            found = [solution]
        case SessionEnded(improver=improver, returned=returned):
            found = [improver, returned]
        case GenerationEnded(improver=improver, challenger=challenger):
            found = [improver, challenger]
        case ChampionTested(champion=champion):
            found = [champion]
        case ApplicationEnded(improver=improver, solution=applied):
            found = [improver, applied]
        case ReplyReceived(reply=reply, solution=str()):
            found = [Solution(code_in(reply) or "")]
        case _:
            found = []
    return [solution for solution in found if solution is not None]
