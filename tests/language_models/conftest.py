"""What tests of models on servers share."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from selftaught.client import Request
from selftaught.testing.chat_server import ChatServer


class VirtualTime:
    """A clock that moves when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []
        self._lock = threading.Lock()

    def clock(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        with self._lock:
            self.seconds += seconds
            self.waits += [seconds] if seconds else []


class Asked:
    """Makes requests."""

    def __call__(self, message: str = "hello", index: int = 0, *, stream: str = "s") -> Request:
        return Request("expert", message, temperature=0.7, stream=stream, index=index)

    def several(self, count: int, message: str = "hello") -> list[Request]:
        return [self(message, index) for index in range(count)]


@pytest.fixture
def virtual() -> VirtualTime:
    return VirtualTime()


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer() as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in ("OPENAI_API_KEY", "SELFTAUGHT_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SELFTAUGHT_CACHE", f"{tmp_path}/replies.db")
