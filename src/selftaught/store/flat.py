"""Events as rows of one wide table, for analysis elsewhere: the same columns for every run.

Where an event has nothing to say, a text is empty, and a number, a time or a list is null.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, cast

from selftaught.acceptance import fate
from selftaught.events import Event, GenerationEnded, ReplyReceived
from selftaught.solution import Solution
from selftaught.store.chain import Row
from selftaught.store.programs import programs_of
from selftaught.store.source import Source

Value = str | int | float | datetime | list[float | None] | None


class Column(NamedTuple):
    """A column of the table."""

    type: str
    """``string``, ``int64``, ``double``, ``timestamp[us, UTC]`` or ``list<double>``."""
    meaning: str


COLUMNS: Mapping[str, Column] = {
    "run": Column("string", "name of the run"),
    "number": Column("int64", "number of the event, from 0"),
    "time": Column("timestamp[us, UTC]", "when it was written"),
    "kind": Column("string", "kind of event, such as ReplyReceived"),
    "place": Column("string", "where in the run it happened, from the outside in"),
    "t": Column("int64", "generation"),
    "phase": Column("string", "propose, search, gate or test of a generation; else how it began"),
    "split": Column("string", "which instances a session was measured on"),
    "task": Column("string", "the downstream task"),
    "repeat": Column("int64", "number of the session with this task, from 0"),
    "key": Column("string", "what names the event in its run"),
    "question": Column("string", "names utility, instances and program of a score"),
    "improver": Column("string", "digest of the improver"),
    "solution": Column("string", "digest of the program that was scored, returned or received"),
    "program": Column("string", "text of the solution; of the improver where there is none"),
    "score": Column("double", "utility of the program, or of what the improver returned"),
    "instances": Column("list<double>", "score of every instance"),
    "status": Column(
        "string", "how a session or a run ended; accepted, rejected or nothing returned"
    ),
    "message": Column("string", "what was said about it"),
    "model": Column("string", "the language model"),
    "expertise": Column("string", "what the model was told to be"),
    "prompt": Column("string", "what it was asked"),
    "reply": Column("string", "what it answered"),
    "temperature": Column("double", "of the reply"),
    "tokens": Column("int64", "of the reply, as the provider counts them"),
    "dollars": Column("double", "price of the reply, as the provider states it"),
    "finish": Column("string", "why the reply ends"),
    "cpu_seconds": Column("double", "CPU time of the program"),
    "body": Column("string", "the whole event as JSON; texts by their digests"),
    "hash": Column("string", "hash of the event and all before it"),
}
_PLACE = re.compile(
    r"t(?P<t>\d{1,18})/(?P<phase>[^/]+)"
    r"(?:/(?P<improver>[0-9a-f]{12})(?:/(?P<task>.+?)/(?P<repeat>\d{1,18})(?:/result)?)?)?"
)
_SAME_NAMES = (
    "t",
    "task",
    "split",
    "repeat",
    "score",
    "instances",
    "status",
    "message",
    "model",
    "expertise",
    "reply",
    "temperature",
    "tokens",
    "dollars",
    "finish",
    "cpu_seconds",
)
_SOLUTIONS = ("solution", "returned", "challenger", "champion")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def records(source: Source) -> Iterator[tuple[Row, dict[str, Value]]]:
    """Yields the events of a run with what the table says of them, one value for every column.

    Raises:
        StoreError: The journal cannot be read.
    """
    for row in source.rows():
        yield row, _record(source, row)


def as_line(record: Mapping[str, Value]) -> str:
    """Returns a record as a line of JSON; times in ISO 8601, what is no number as null."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=_iso)


def _iso(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat(timespec="microseconds")


def _record(source: Source, row: Row) -> dict[str, Value]:
    event = source.event(row)
    found: dict[str, object] = {
        "run": source.run,
        "number": row.number,
        "time": _time(row.time),
        "kind": row.kind,
        "place": row.place,
        **_from_place(row.place),
        "key": row.key,
        "question": row.question,
        **_from_event(event),
        "body": row.body,
        "hash": row.hash,
    }
    return {name: _CLEAN[column.type](found.get(name)) for name, column in COLUMNS.items()}


def _from_place(place: str) -> dict[str, object]:
    match = _PLACE.fullmatch(place)
    if match is None:
        outer, _, task = place.partition("/")
        return {"phase": outer, "task": task.partition("/")[0]}
    numbers = {name: match[name] and int(match[name]) for name in ("t", "repeat")}
    return {**numbers, "phase": match["phase"], "task": match["task"]}


def _from_event(event: Event) -> dict[str, object]:
    fields = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    found = {name: fields[name] for name in _SAME_NAMES if fields.get(name) is not None}
    if "reply" in fields:
        found.pop("message", None)
        found["prompt"] = fields["message"]
    if "phase" in fields:
        found["phase"] = fields["phase"]
    if isinstance(event, GenerationEnded):
        found["status"] = str(fate(event.challenger, accepted=event.accepted))
    for name in ("reason", "what"):
        if fields.get(name):
            found["message"] = fields[name]
    improver, solution = fields.get("improver"), _solution(event, fields)
    if isinstance(improver, Solution):
        found |= {"improver": improver.digest, "program": improver.text}
    if solution is not None:
        found |= {"solution": solution.digest, "program": solution.text}
    return found


def _solution(event: Event, fields: Mapping[str, object]) -> Solution | None:
    if isinstance(event, ReplyReceived):
        return next(iter(programs_of(event)), None)
    named = (fields.get(name) for name in _SOLUTIONS)
    return next((each for each in named if isinstance(each, Solution)), None)


def _time(seconds: float) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=round(seconds * 1e6))
    except (OverflowError, ValueError):
        return None  # no date has such a time


def _string(value: object) -> str:
    # Loaders of JSON take the type of a column from its first rows: null would have none.
    return "" if value is None else str(value)


def _whole(value: object) -> int | None:
    """Returns a whole number of 64 bits; a larger one is in the event's body only."""
    return value if isinstance(value, int) and -(2**63) <= value < 2**63 else None


def _double(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _doubles(value: object) -> list[float | None] | None:
    if not isinstance(value, list | tuple):
        return None
    return [_double(each) for each in cast("list[object]", value)]


def _as_time(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


_CLEAN: Mapping[str, Callable[[object], Value]] = {
    "string": _string,
    "int64": _whole,
    "double": _double,
    "list<double>": _doubles,
    "timestamp[us, UTC]": _as_time,
}
"""What makes a value of a column's type of whatever the event holds."""
