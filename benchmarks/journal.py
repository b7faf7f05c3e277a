"""What the journal costs: time per event, from the first to the 100,000th, and size on disk.

Run it on a quiet machine: ``.venv/bin/python benchmarks/journal.py [--events N] [--store URL]``.
Without ``--store`` a file in a temporary folder is written; put the folder on the disk in question
with ``TMPDIR``. The disk's own part, one write that is flushed, is measured and shown beside it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from selftaught.events import (
    Event,
    GenerationEnded,
    ReplyReceived,
    RunEnded,
    RunStarted,
    SessionScored,
    SolutionScored,
)
from selftaught.place import Place, key_of
from selftaught.solution import Solution
from selftaught.store import Journal

RUN = "benchmark"
WINDOW = 500
"""Events behind one median."""


def main() -> None:
    """Writes a run and prints what it cost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--store")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(f"a flushed write of 4 kB takes {flushed_write(Path(folder)) * 1000:.2f} ms")
        store = options.store or str(Path(folder) / "journal.db")
        seconds = written(store, options.events)
        report(seconds)
        show(store)
        size = sum(path.stat().st_size for path in Path(folder).iterdir() if path.is_file())
        print(f"size on disk: {size / 1e6:.1f} MB, {size / options.events:.0f} bytes an event")


def flushed_write(folder: Path) -> float:
    """Returns the median time of a write that is on the disk when it returns."""
    taken: list[float] = []
    descriptor = os.open(folder / "probe", os.O_CREAT | os.O_WRONLY)
    for _ in range(50):
        start = time.perf_counter()
        os.write(descriptor, bytes(4096))
        os.fdatasync(descriptor)
        taken.append(time.perf_counter() - start)
    os.close(descriptor)
    (folder / "probe").unlink()
    return statistics.median(taken)


def written(store: str, count: int) -> list[float]:
    """Writes a run of that many events; returns the seconds that each took."""
    taken: list[float] = []
    with (
        closing(Journal(store)) as journal,
        closing(journal.begin(RunStarted(RUN, {"tasks": ["lpn"]}, {}, "full"))) as writer,
    ):
        for event in events(count):
            key = getattr(event, "key", None)
            start = time.perf_counter()
            writer.append(event, key=key)
            taken.append(time.perf_counter() - start)
        writer.append(RunEnded("done", "", {"calls": 1.0}, "hash"))
    return taken


def events(count: int) -> Iterator[Event]:
    """Yields events as a run has them: replies and scores above all, each program twice."""
    for number in range(count):
        place = Place((f"t{number // 10_000}", "search", "lpn", str(number // 50)))
        program = Solution(f"def algorithm(x):\n    return x + {number // 2}\n" + "# why\n" * 40)
        match number % 2, number % 50, number % 10_000:
            case _, _, 9_999:
                decided = (program, program, number > 0, "", (0.5,) * 5, None, None, None)
                yield GenerationEnded(number // 10_000, *decided)
            case _, 49, _:
                yield SessionScored(place, program, "search", "lpn", number, 0.5)
            case 0, _, _:
                call = key_of("call", number // 12)
                reply = f"An idea:\n```python\n{program.text}\n```"
                facts = ("an expert", "a prompt " * 200, 0.7, "stream", number)
                yield ReplyReceived(
                    place, "editor", *facts, reply, "stop", None, None, program.id, call
                )
            case _:
                question = key_of("question", number)
                scored = (0.5, (0.25, 0.75) * 4, {}, "", 0.01, 0, question)
                yield SolutionScored(place, program, *scored)


def report(seconds: list[float]) -> None:
    """Prints the median, overall and from window to window."""
    print(f"an event takes {statistics.median(seconds) * 1000:.3f} ms (wanted: < 1)")
    for end in (1_000, 10_000, 50_000, 100_000):
        if end <= len(seconds):
            window = sorted(seconds[end - WINDOW : end])
            median, high = window[WINDOW // 2] * 1000, window[WINDOW * 99 // 100] * 1000
            print(f"  up to event {end:>7,}: median {median:.3f} ms, 99 % below {high:.3f} ms")


def show(store: str) -> None:
    """Prints how long it takes to show the run, as a whole process."""
    command = [sys.executable, "-c", "from selftaught.cli.main import main; main()"]
    taken: list[float] = []
    for _ in range(3):
        start = time.perf_counter()
        arguments = ["show", RUN, "--store", store, "--json"]
        subprocess.run([*command, *arguments], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    print(f"show takes {min(taken):.2f} s (wanted: < 1)")


if __name__ == "__main__":
    main()
