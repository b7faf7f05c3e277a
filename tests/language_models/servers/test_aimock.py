"""Against aimock, a server of others that stands in for providers and misbehaves at random.

Needs Node.js; `scripts/aimock` installs the server.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from selftaught.client import replies_of
from selftaught.language_models.servers.pricing import Price
from selftaught.language_models.servers.served import served
from selftaught.language_models.servers.settings import Settings
from selftaught.testing.chat_server import Behaviour, ChatServer

SCRIPT = Path(__file__).parents[3] / "scripts" / "aimock"
CHAOS = (
    *("--chaos-ratelimit", "0.15"),
    *("--chaos-drop", "0.1"),
    *("--chaos-malformed", "0.1"),
    *("--chaos-disconnect", "0.1"),
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("npm") is None, reason="aimock needs Node.js and npm"),
]


@pytest.fixture
def aimock(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts aimock and returns its base URL."""
    installed = subprocess.run([SCRIPT], capture_output=True, text=True, check=True)
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        fixture = {"match": {"userMessage": "hello"}, "response": {"content": "hi there"}}
        file = tmp_path / "fixtures.json"
        file.write_text(json.dumps({"fixtures": [fixture]}))
        command = [installed.stdout.strip(), "-p", str(port), "-f", str(file), *arguments]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        wait_for(port)
        return f"http://127.0.0.1:{port}/v1"

    yield start
    for process in started:
        process.terminate()
        process.wait(20)


def wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("aimock did not start")


def journal(base_url: str) -> Counter[tuple[int, str]]:
    """How many requests aimock answered, by status and what it did to them."""
    url = base_url.removesuffix("/v1") + "/__aimock/journal"
    with urllib.request.urlopen(url) as answer:
        responses = [entry["response"] for entry in json.load(answer)]
    return Counter((each["status"], each.get("chaosAction", "")) for each in responses)


def ask_for_many(base_url: str, asked: Any, message: str) -> list[Any]:
    settings = Settings(base_url=base_url, price=Price(1.0, 1.0), patience_seconds=100)
    client = served("openai/some-model", settings, environment={})

    def ask(number: int) -> list[Any]:
        requests = [asked(message, 3 * number + i) for i in range(3)]
        return replies_of(client, requests)

    with ThreadPoolExecutor(8) as pool:
        return [reply for replies in pool.map(ask, range(20)) for reply in replies]


def test_all_replies_come_through_aimocks_chaos(aimock: Callable[..., str], asked: Any) -> None:
    url = aimock(*CHAOS)

    replies = ask_for_many(url, asked, "hello")

    served_well = journal(url)
    assert {reply.text for reply in replies} == {"hi there"}
    # It gives one sample, however many are asked for.
    assert len(replies) == served_well[200, ""] == 60
    assert served_well[429, "rateLimit"] + served_well[500, "drop"] > 0


def test_books_agree_with_a_server_behind_a_chaotic_proxy(
    aimock: Callable[..., str], asked: Any
) -> None:
    with ChatServer(lambda *_: Behaviour(), lambda _, number: f"reply {number}") as server:
        upstream = server.base_url.removesuffix("/v1")
        url = aimock("--proxy-only", "--provider-openai", upstream, *CHAOS[:4])

        replies = ask_for_many(url, asked, "something else")

    assert len(replies) == len({reply.text for reply in replies}) == server.book.samples == 60
    assert sum(reply.tokens for reply in replies) == server.book.tokens
