"""Replies that were on their way when a run ended: a server charges for them, and so do we."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from selftaught.analysis.summary import summary_of
from selftaught.store import Journal
from selftaught.testing.chat_server import Behaviour, ChatServer

EXPERIMENT = """
name = "it"
store = "{store}"

[session]
calls = 2
samples_per_call = 3

[limits]
samples = 4

[endpoint]
base_url = "{url}"
"""


@pytest.fixture
def started(tmp_path: Path) -> Callable[[str], subprocess.Popen[str]]:
    """Starts `selftaught improve` with a limit of four samples, three in a call."""

    def start(url: str) -> subprocess.Popen[str]:
        file = tmp_path / "it.toml"
        file.write_text(EXPERIMENT.format(store=tmp_path / "j.db", url=url))
        command = [sys.executable, "-m", "selftaught", "improve", "string_grid_distance"]
        command += ["--model", "openai/m", "--experiment", str(file), "--json"]
        env = {name: value for name, value in os.environ.items() if not name.endswith("_KEY")}
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env)

    return start


def spent(tmp_path: Path) -> dict[str, float]:
    journal = Journal(str(tmp_path / "j.db"))
    try:
        return dict(summary_of(journal, "it").spent)
    finally:
        journal.close()


def wait_for_requests(server: ChatServer, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(server.book.requests) < count:
        assert time.monotonic() < deadline, "nothing was asked"
        time.sleep(0.02)


def test_what_a_killed_process_asked_for_counts_against_the_limit(
    tmp_path: Path, started: Callable[[str], subprocess.Popen[str]]
) -> None:
    with ChatServer(lambda *_: Behaviour(delay_seconds=20)) as server:
        with started(server.base_url) as first:
            wait_for_requests(server, 1)
            first.kill()
        killed = spent(tmp_path)
        with started(server.base_url) as second:
            said = second.communicate(timeout=60)[1]

        assert len(server.book.requests) == 1
    assert killed["samples"] == 3
    assert killed["calls"] == 1
    assert "may spend 4 samples, has spent 3, asked for 3" in said
    assert spent(tmp_path)["samples"] == 3


def test_a_reply_is_waited_for_after_ctrl_c(
    tmp_path: Path, started: Callable[[str], subprocess.Popen[str]]
) -> None:
    with (
        ChatServer(lambda *_: Behaviour(delay_seconds=7)) as server,
        started(server.base_url) as process,
    ):
        wait_for_requests(server, 1)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]

        assert server.book.samples == 3
    assert "stopped by SIGINT" in said
    assert "the same command, or one with a higher limit, goes on" in " ".join(said.split())
    assert spent(tmp_path)["samples"] == 3
