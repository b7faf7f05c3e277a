"""Against llama.cpp's llama-server: a real sampler, a real tokenizer, a model of no sense.

`scripts/llama-server` builds the server, which takes a quarter of an hour once.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from selftaught.cli.main import exit_code
from selftaught.client import Request, replies_of
from selftaught.errors import ProgramError
from selftaught.language_models.servers.served import served
from selftaught.language_models.servers.settings import Settings
from selftaught.templates.task import write_task
from tiny_model import write_model

SCRIPT = Path(__file__).parents[3] / "scripts" / "llama-server"
SLOTS, CONTEXT = 4, 8192
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(shutil.which("cmake") is None, reason="llama-server is built by cmake"),
]


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    built = subprocess.run([SCRIPT], stdout=subprocess.PIPE, text=True, check=True)
    model = write_model(tmp_path_factory.mktemp("model") / "tiny.gguf", context=CONTEXT)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    sizes = ["--parallel", str(SLOTS), "--ctx-size", str(SLOTS * CONTEXT), "--threads", "1"]
    command = [built.stdout.strip(), "-m", str(model), "--port", port, "--metrics", *sizes]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        wait_for(f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}/v1"
        server.terminate()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert time.monotonic() < deadline, "llama-server does not start"
            time.sleep(0.05)


def written_tokens(base_url: str) -> int:
    """How many tokens the server says it has written."""
    with urllib.request.urlopen(base_url.removesuffix("/v1") + "/metrics") as answer:
        told = answer.read().decode()
    found = re.search(r"^llamacpp:tokens_predicted_total (\d+)", told, re.MULTILINE)
    assert found
    return int(found[1])


def settings(base_url: str) -> Settings:
    return Settings(base_url=base_url, max_tokens=24, patience_seconds=30)


@pytest.mark.parametrize("samples", [1, 3, SLOTS, 3 * SLOTS])
def test_all_samples_arrive_and_their_tokens_are_the_servers(base_url: str, samples: int) -> None:
    client = served("llamacpp/tiny", settings(base_url))
    before = written_tokens(base_url)

    replies = replies_of(
        client, [Request("", "hello", 1.0, "s", index) for index in range(samples)]
    )

    assert len(replies) == samples
    assert len({reply.text for reply in replies}) > 1 or samples == 1
    written = written_tokens(base_url) - before
    counted = [reply.tokens or 0 for reply in replies]
    # The prompt has as many tokens in each exchange; what is left was written.
    prompt = (sum(counted) - written) / samples
    assert written >= samples
    assert prompt == int(prompt) > 0
    assert min(counted) > prompt


def test_a_prompt_that_is_too_long_is_its_programs_failure(base_url: str) -> None:
    client = served("llamacpp/tiny", settings(base_url))

    with pytest.raises(ProgramError, match="context"):
        replies_of(client, [Request("", "x" * (CONTEXT + 10), 1.0, "s", 0)])


def test_doctor_finds_it_well(base_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = exit_code(["doctor", "--model", "llamacpp/tiny", "--base-url", base_url, "--json"])

    check = json.loads(capsys.readouterr().out)[-1]
    assert (code, check["holds"]) == (0, True), check


def test_a_users_task_is_tried_to_be_improved_and_every_sample_is_in_the_books(
    base_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = write_task("own", tmp_path)
    experiment = tmp_path / "short.toml"
    experiment.write_text(
        f'tasks = ["{task}"]\nmodel = "llamacpp/tiny"\niterations = 0\n'
        "repeats = 2\ntest_repeats = 2\n[session]\ncalls = 1\nsamples_per_call = 3\n"
        f'[endpoint]\nbase_url = "{base_url}"\nmax_tokens = 40\n'
    )
    before = written_tokens(base_url)

    applied = exit_code(["improve", str(task), "--model", "llamacpp/tiny", "--base-url", base_url])
    said = " ".join(capsys.readouterr().err.split())
    applied_tokens = written_tokens(base_url) - before
    ran = exit_code(["run", str(experiment), "--json"])

    result = json.loads(capsys.readouterr().out)
    assert applied == 1
    assert "none of the 6 replies held a program" in said
    assert "6 samples" in said
    assert applied_tokens > 0
    assert (ran, result["status"]) == (0, "done")
    assert result["spent"]["samples"] == 3 * 2 * 2
    assert result["spent"]["tokens"] > written_tokens(base_url) - before - applied_tokens > 0
