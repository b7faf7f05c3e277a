"""What a run has spent, from its journal alone."""

from __future__ import annotations

import json
from collections.abc import Iterable

from selftaught.budget import Unit
from selftaught.store import Row

_BEGINNINGS = ("RunStarted", "RunResumed", "RunForked")


def ledger(rows: Iterable[Row]) -> dict[Unit, float]:
    """Returns what the events of a run cost.

    Seconds are those in which the run was under way, from each beginning to the last event before
    the next one.
    """
    calls: set[str] = set()
    spent = dict.fromkeys(Unit, 0.0)
    began = latest = None
    for row in rows:
        if row.kind == "ReplyReceived":
            reply = json.loads(row.body)
            calls.add(reply["call"])
            spent[Unit.SAMPLES] += 1
            spent[Unit.TOKENS] += reply["tokens"] or 0
            spent[Unit.DOLLARS] += reply["dollars"] or 0
        elif row.kind == "SolutionScored":
            spent[Unit.EVALUATIONS] += 1
        if row.kind in _BEGINNINGS:
            spent[Unit.SECONDS] += _between(began, latest)
            began = row.time
        latest = row.time
    spent[Unit.CALLS] = len(calls)
    spent[Unit.SECONDS] += _between(began, latest)
    return spent


def _between(began: float | None, latest: float | None) -> float:
    # The clock may have been set back in between.
    return max(0.0, latest - began) if began is not None and latest is not None else 0.0
