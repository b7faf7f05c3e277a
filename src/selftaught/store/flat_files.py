"""Tables of events as files: lines of JSON, or Parquet."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from selftaught.errors import StoreError, UsageError
from selftaught.events import RunEnded, RunForked, RunResumed
from selftaught.store.flat import COLUMNS, Value, as_line, records
from selftaught.store.source import Source

_ROWS_AT_ONCE = 2_000
_CHARACTERS_AT_ONCE = 16 * 2**20
"""A group of rows is kept in memory until it has so many of either."""


class Written(NamedTuple):
    """What a table holds."""

    events: int
    head: str
    """The hash of the last event."""
    status: str


def write_jsonl(source: Source, file: BinaryIO) -> Written:
    """Writes a run as lines of JSON, with all columns in every line.

    Raises:
        StoreError: The journal cannot be read, or the run has no events.
    """
    counted = _Counted(source)
    file.writelines(f"{as_line(record)}\n".encode() for record in counted)
    return counted.written


def write_parquet(source: Source, file: BinaryIO) -> Written:
    """Writes a run as Parquet.

    Raises:
        UsageError: The package pyarrow is missing.
        StoreError: The journal cannot be read, or the run has no events.
    """
    try:
        pa, pq = _imported("pyarrow"), _imported("pyarrow.parquet")
    except ImportError as error:
        raise UsageError(
            "Parquet needs the package pyarrow; install: pip install 'selftaught[parquet]'"
        ) from error
    counted, schema = _Counted(source), arrow_schema()
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _groups(counted):
            writer.write_batch(pa.RecordBatch.from_pylist(group, schema=schema))
    return counted.written


def arrow_schema() -> Any:  # noqa: ANN401 - pyarrow has no types
    """Returns the columns as pyarrow knows them.

    Raises:
        ImportError: The package pyarrow is missing.
    """
    pa = _imported("pyarrow")
    types = {
        "string": pa.string(),
        "int64": pa.int64(),
        "double": pa.float64(),
        "list<double>": pa.list_(pa.float64()),
        "timestamp[us, UTC]": pa.timestamp("us", "UTC"),
    }
    return pa.schema([(name, types[column.type]) for name, column in COLUMNS.items()])


def _imported(module: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    return importlib.import_module(module)


class _Counted:
    """The records of a run, which knows at the end what they were."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._events = 0
        self._head = ""
        self._status = "unfinished"

    def __iter__(self) -> Iterator[dict[str, Value]]:
        for row, record in records(self._source):
            self._events += 1
            self._head = row.hash
            if row.kind == RunEnded.__name__:
                self._status = str(record["status"])
            elif row.kind in (RunResumed.__name__, RunForked.__name__):
                self._status = "unfinished"
            yield record

    @property
    def written(self) -> Written:
        if not self._events:
            raise StoreError(f"the run {self._source.run} has no events")
        return Written(self._events, self._head, self._status)


def _groups(records: _Counted) -> Iterator[list[dict[str, Value]]]:
    group: list[dict[str, Value]] = []
    characters = 0
    for record in records:
        group.append(record)
        characters += sum(len(value) for value in record.values() if isinstance(value, str))
        if len(group) >= _ROWS_AT_ONCE or characters >= _CHARACTERS_AT_ONCE:
            yield group
            group, characters = [], 0
    if group:
        yield group
