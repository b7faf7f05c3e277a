"""Names of stores."""

from __future__ import annotations

import pytest

from selftaught.store import default_store, without_password


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:PASS@host/db",
        "postgresql://me:PA/SS@host/db",
        "postgresql://me:PA@SS@host/db",
        "postgresql://host/db?user=me&password=PASS",
        "postgresql://host/db?sslpassword=PASS&x=1",
    ],
)
def test_passwords_are_hidden(url: str) -> None:
    hidden = without_password(url)

    assert "PA" not in hidden
    assert "SS" not in hidden
    assert "***" in hidden


@pytest.mark.parametrize("store", ["a:b@c.db", "sqlite:///a:b@c.db", "postgresql://host:5432/db"])
def test_what_is_no_password_is_shown(store: str) -> None:
    assert without_password(store) == store


def test_the_environment_names_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SELFTAUGHT_STORE", "/somewhere/else.db")
    assert default_store() == "/somewhere/else.db"

    monkeypatch.delenv("SELFTAUGHT_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", "/home/data")
    assert default_store() == "/home/data/selftaught/journal.db"
