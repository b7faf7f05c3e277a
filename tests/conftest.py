"""What tests share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A journal of the test's own, so that no test writes to the user's."""
    store = str(tmp_path / "journal.db")
    monkeypatch.setenv("SELFTAUGHT_STORE", store)
    return store
