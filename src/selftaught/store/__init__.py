"""The journal: what happened in runs, kept in a database.

Append-only events plus texts kept once by their content. Whoever reads results reads them from
here; the engine only writes.
"""

from __future__ import annotations

from selftaught.store.chain import Row, breaks
from selftaught.store.journal import Journal
from selftaught.store.programs import find_program
from selftaught.store.reader import RunReader
from selftaught.store.run_list import RunRecord
from selftaught.store.urls import default_store, is_there, stop_file, without_password
from selftaught.store.writer import RunWriter

__all__ = [
    "Journal",
    "Row",
    "RunReader",
    "RunRecord",
    "RunWriter",
    "breaks",
    "default_store",
    "find_program",
    "is_there",
    "stop_file",
    "without_password",
]
