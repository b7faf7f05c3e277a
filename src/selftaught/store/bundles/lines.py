"""Rows of a journal as lines of JSON: the columns that the chain covers, and the hash."""

from __future__ import annotations

import json
from typing import Any

from selftaught.store.chain import Row
from selftaught.text import storable

_NAMES = tuple(Row.__dataclass_fields__)
_TYPES: dict[str, tuple[type, ...]] = {
    "number": (int,),
    "time": (float,),
    "kind": (str,),
    "place": (str,),
    "key": (str, type(None)),
    "question": (str, type(None)),
    "body": (str,),
    "hash": (str,),
}


def line_of(row: Row) -> str:
    """Returns a row as one line, without its end.

    Example:
        >>> line_of(Row(0, 1.5, "PhaseStarted", "t1", None, None, "{}"))[:45]
        '{"number":0,"time":1.5,"kind":"PhaseStarted",'
    """
    columns = {name: getattr(row, name) for name in _NAMES}
    return json.dumps(columns, separators=(",", ":"), ensure_ascii=False)


def row_of(line: str) -> Row:
    """Returns the row of a line.

    Raises:
        ValueError: `line_of` writes no such line.
    """
    try:
        columns: Any = json.loads(line)
        row = Row(**columns)
    except (TypeError, RecursionError) as error:
        raise ValueError(f"expected the columns {', '.join(_NAMES)}") from error
    for name, types in _TYPES.items():
        value = getattr(row, name)
        if type(value) not in types:
            raise ValueError(f"{name} is a {type(value).__name__}")
        if isinstance(value, str) and storable(value) != value:
            raise ValueError(f"{name} holds characters that no journal can hold")
    if line_of(row) != line:
        raise ValueError("it is not written as a journal writes it")
    return row
