"""The reader of events withstands whatever a database may hold."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from selftaught.events import RunEnded, RunStarted, SessionScored
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.store.codec import encode

SEEDS = (
    RunStarted(
        "r", {"$text": [1, {"a": None}]}, {"python": "3"}, "full", {"tasks": [Solution("x")]}
    ),
    SessionScored(Place(("t1", "é")), Solution("x" * 300), "search", "lpn", 0, 0.5),
    RunEnded("done", "long " * 100, {"calls": 3.0}, None),
)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_reader_of_events_withstands_a_minute_of_fuzzing(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="install the extra: uv pip install atheris")
    script = Path(__file__).parent / "fuzz_codec.py"
    words = sorted({word for seed in SEEDS for word in json.loads(encode(seed).body)})
    dictionary = tmp_path / "words"
    dictionary.write_text("".join(f'"\\"{word}\\":"\n' for word in [*words, "$text", "$program"]))
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS):
        (corpus / str(number)).write_text(encode(seed).body)

    finished = subprocess.run(
        [
            sys.executable,
            str(script),
            "-max_total_time=60",
            "-rss_limit_mb=2048",
            f"-dict={dictionary}",
            str(corpus),
        ],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        cwd=tmp_path,
    )

    assert finished.returncode == 0, finished.stderr[-3000:]
