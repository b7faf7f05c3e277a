"""A sample of replies in parts: a larger one takes over what a smaller one has paid for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass

from selftaught.events import ReplyReceived
from selftaught.experiment import Experiment
from selftaught.running.execution import store_of
from selftaught.running.sampling import Question, Sampling
from selftaught.solution import Solution
from selftaught.store import Journal, is_there
from selftaught.studies.replies import programs_in
from selftaught.studies.study import Team


@dataclass(frozen=True, slots=True)
class Part:
    """A run, and what it contributes."""

    asked: range
    """Numbers of the replies that the run asks for."""
    used: range
    """Those that count: of a run that is there already, its whole calls or what is wanted."""


def parts_for(wanted: int, *, size: int, done: Iterable[range]) -> list[Part]:
    """Returns the runs that make a sample, those that are done before new ones.

    A call of so many replies is repeated as a whole. So the replies of a run that stopped within
    one count up to there, and the sample is the same whether it was drawn at once or in parts.

    Args:
        wanted: How many replies.
        size: Replies of a call.
        done: What runs asked for that are done.

    Example:
        >>> [part.asked for part in parts_for(20, size=6, done=[range(0, 13)])]
        [range(0, 13), range(12, 20)]
    """
    known, parts, start = list(done), list[Part](), 0
    while start < wanted:
        longest = max((each.stop for each in known if each.start == start), default=start)
        stop = wanted if longest >= wanted else longest - longest % size
        if stop <= start:
            longest = stop = wanted
        parts.append(Part(range(start, longest), range(start, stop)))
        start = stop
    return parts


def drawn(
    question: Question, experiment: Experiment, *, wanted: int, team: Team
) -> tuple[list[Solution | None], tuple[str, ...]]:
    """Asks for what is missing of a sample; returns the program in every reply, and the runs.

    Args:
        question: What is asked.
        experiment: Who is asked; its name is that of the sample.
        wanted: How many replies.
        team: Carries it out.

    Raises:
        RunCutShort: It was stopped, or reached a limit; started again, it goes on.
    """
    programs: list[Solution | None] = []
    runs: list[str] = []
    for part in parts_of(experiment, wanted):
        name = f"{experiment.name}-replies{part.asked.start}-{part.asked.stop}"
        this = experiment.model_copy(update={"name": name})
        team.carry_out(Sampling(this, question, part.asked, team.watch))
        programs += programs_in(
            this, lambda event, used=part.used: _number(event, experiment) in used
        )
        runs.append(name)
    return programs, tuple(runs)


def parts_of(experiment: Experiment, wanted: int) -> list[Part]:
    """Returns the runs that make a sample, as `parts_for`, with those of its journal."""
    size = experiment.self_session.samples_per_call
    return parts_for(wanted, size=size, done=_done(experiment))


def _number(event: ReplyReceived, experiment: Experiment) -> int:
    size = experiment.self_session.samples_per_call
    return int(event.place.path[-1]) * size + event.index


def _done(experiment: Experiment) -> list[range]:
    store = store_of(experiment)
    if not is_there(store):
        return []
    with closing(Journal(store)) as journal:
        names = [record.run for record in journal.runs() if record.status == "done"]
    pattern = re.compile(rf"{re.escape(str(experiment.name))}-replies(\d+)-(\d+)")
    found = [match for name in names if (match := pattern.fullmatch(name))]
    return [range(int(match[1]), int(match[2])) for match in found]
