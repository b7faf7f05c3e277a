"""The journal: what happened in runs, kept in a database.

Append-only events plus texts kept once by their content. Whoever reads results reads them from
here; the engine only writes.
"""

from __future__ import annotations

from selftaught.store.journal import Journal, RunRecord
from selftaught.store.urls import default_store, is_there, without_password

__all__ = ["Journal", "RunRecord", "default_store", "is_there", "without_password"]
