"""How close each generation of a run came to its critical path, from its journal alone.

The *critical path* is the longest chain of calls of the language model that depend on each other:
no number of sessions in flight makes a generation faster than that. Calls of one session follow
each other. What an improver has scored between two of its calls can be scored at the same time, so
that the longest of these sessions counts. The phases of a generation follow each other.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from selftaught.budget import Unit
from selftaught.errors import StoreError, attributed_to
from selftaught.store import Row

_INTERRUPTIONS = ("RunResumed", "RunForked")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a generation took, and how long it had to."""

    t: int
    seconds: float
    """From its first phase to its decision."""
    critical_seconds: float
    """The longest chain of dependent calls; 0 where no call was made."""

    @property
    def ratio(self) -> float:
        """Achieved / critical path: 1 at best."""
        return self.seconds / self.critical_seconds if self.critical_seconds else float("inf")


@dataclass(frozen=True, slots=True)
class Course:
    """How a run went."""

    paces: tuple[Pace, ...] = ()
    """Of the generations that were not interrupted, and called the model."""
    unasked: Mapping[Unit, float] = field(default_factory=dict[Unit, float])
    """What scoring improvers cost that nobody asked for; see `selftaught.ahead`."""


@dataclass(slots=True)
class _Node:
    """A place: the calls that were made there, and the places within it."""

    calls: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])
    """When each call began and ended, by key."""
    within: dict[str, _Node] = field(default_factory=dict[str, "_Node"])

    def at(self, path: Sequence[str]) -> _Node:
        """Returns the node of a place within this one."""
        node = self
        for part in path:
            node = node.within.setdefault(part, _Node())
        return node

    def began(self) -> float:
        """Returns when the first call at this place, or within it, began."""
        starts = [start for start, _ in self.calls.values()]
        return min(starts + [node.began() for node in self.within.values()], default=float("inf"))

    def chain(self) -> float:
        """Returns the seconds of the longest chain of calls that depend on each other."""
        own = _joined(self.calls.values())
        # What is within depends on the last call that began before it.
        longest: defaultdict[int, float] = defaultdict(float)
        for node in self.within.values():
            began = node.began()
            after = sum(start <= began for start, _ in own)
            longest[after] = max(longest[after], node.chain())
        return sum(end - start for start, end in own) + sum(longest.values())


def course(rows: Iterable[Row]) -> Course:
    """Returns how a run went.

    Args:
        rows: Its events, in order.

    Raises:
        StoreError: One of them cannot be read.
    """
    reader = _Reader()
    for row in rows:
        with attributed_to(StoreError, f"{row} cannot be read"):
            reader.add(row)
    return Course(tuple(reader.paces), reader.unasked())


class _Reader:
    """Adds one event after the other."""

    def __init__(self) -> None:
        self.paces: list[Pace] = []
        self._began: dict[int, float] = {}
        self._root = _Node()
        self._asked: set[tuple[str, str]] = set()
        """Places and ids of the programs that were scored there."""
        self._costs: defaultdict[tuple[str, str], list[dict[str, float | str | None]]] = (
            defaultdict(list)
        )
        """Replies on the way to the score of an improver, by who proposed it and its id."""

    def add(self, row: Row) -> None:
        match row.kind:
            case "PhaseStarted" | "GenerationEnded":
                self._mark(row, json.loads(row.body)["t"])
            case "ReplyReceived":
                self._add_reply(row, json.loads(row.body))
            case "SolutionScored" if row.place.endswith("/propose"):
                digest = str(json.loads(row.body)["solution"]["$program"])
                self._asked.add((row.place, digest[:12]))
            case kind if kind in _INTERRUPTIONS:
                self._began.clear()
            case _:
                pass

    def _mark(self, row: Row, t: int | None) -> None:
        if t is None:
            return
        if row.kind == "PhaseStarted":
            self._began.setdefault(t, row.time)
            return
        began = self._began.pop(t, None)
        phases = self._root.at((f"t{t}",)).within.values()
        critical = sum(phase.chain() for phase in phases)
        if began is not None and critical:
            self.paces.append(Pace(t, row.time - began, critical))

    def _add_reply(self, row: Row, reply: dict[str, float | str | None]) -> None:
        start = row.time - float(reply.get("seconds") or 0)
        path = row.place.split("/")
        calls, key = self._root.at(path).calls, str(reply.get("call"))
        first, _ = calls.get(key, (start, 0.0))
        calls[key] = (min(first, start), row.time)
        if len(path) > 2 and path[1] == "propose":
            self._costs["/".join(path[:2]), path[2]].append(reply)

    def unasked(self) -> dict[Unit, float]:
        replies = [
            reply
            for improver, paid in self._costs.items()
            if improver not in self._asked
            for reply in paid
        ]
        if not replies:
            return {}
        return {
            Unit.CALLS: len({str(reply.get("call")) for reply in replies}),
            Unit.SAMPLES: len(replies),
            Unit.TOKENS: sum(float(reply.get("tokens") or 0) for reply in replies),
            Unit.DOLLARS: sum(float(reply.get("dollars") or 0) for reply in replies),
        }


def _joined(intervals: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Returns intervals in order, with those that overlap made one."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(intervals):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
