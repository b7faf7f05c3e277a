"""What waiting for a language model costs: calls a second, memory, a generation's critical path.

Run it on a quiet machine: ``uv run python benchmarks/latency.py``. The server is a process of its
own on this machine that answers after a second; what is measured is the client and the engine.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from selftaught.client import Request, replies_of
from selftaught.events import Event, PhaseStarted, ReplyReceived
from selftaught.experiment import Experiment
from selftaught.language_models.servers.served import served
from selftaught.language_models.servers.settings import Settings
from selftaught.parts import known_improver
from selftaught.running.runner import Run

LATENCY_SECONDS = 1.0
IN_FLIGHT = 16
CALLS = 160
ROUNDS = 3
SERVER = f"""
import sys
from selftaught.testing.chat_server import Behaviour, ChatServer
slow = Behaviour(delay_seconds={LATENCY_SECONDS})
improver = '''from helpers import extract_code

def improve_algorithm(initial_solution, utility, language_model):
    messages = ["version %d of " % i + initial_solution for i in range(3)]
    replies = language_model.batch_prompt("", messages)
    candidates = [code for code in extract_code(replies) if code]
    return max(candidates, key=utility)
'''
def reply(body, number):
    asks_for_improver = "improve_algorithm" in body["messages"][-1]["content"]
    text = improver if asks_for_improver else "def algorithm(samples):\\n    return [0]"
    return f"```python\\n{{text}}\\n# {{number}}\\n```"
with ChatServer(lambda *_: slow, reply) as server:
    print(server.base_url, flush=True)
    sys.stdin.read()
"""


def main() -> None:
    """Prints every figure, its bound and whether it holds."""
    with served_elsewhere() as url:
        throughput(url)
        generations(url)


@contextmanager
def served_elsewhere() -> Iterator[str]:
    """Yields the URL of a server in a process of its own."""
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        yield server.stdout.readline().strip()
        server.stdin.close()


def throughput(url: str) -> None:
    """Calls a second of one client with 16 in flight, and the memory of this process."""
    client = served("openai/model", Settings(base_url=url, concurrency=IN_FLIGHT), environment={})
    replies_of(client, [request(0, "first")])  # the package is imported, the form is known
    began = time.perf_counter()
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        list(pool.map(lambda n: replies_of(client, [request(n)]), range(CALLS)))
    seconds = time.perf_counter() - began
    show("calls a second, 16 in flight, 1 s each", CALLS / seconds, ">= 15", -15)
    show("memory of the process", resident_megabytes(), "< 150 MB", 150)


def generations(url: str) -> None:
    """A generation by an improver that scores candidates one by one, and by one that maps.

    The critical path is a call of the improver and one of the sessions of all candidates, which
    could run together; scored one by one, the sessions of each candidate follow those before.
    """
    one_by_one = known_improver("seed").text
    at_once = one_by_one.replace(
        "return max(candidates, key=utility)",
        "return max(zip(utility.map(candidates), candidates))[1]",
    )
    assert at_once != one_by_one
    contenders = {
        "one by one": (one_by_one, 1 + 6, False),
        "one by one, scored ahead": (one_by_one, 1 + 1, True),
        "at once": (at_once, 1 + 1, False),
    }
    taken: dict[str, list[Taken]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, (text, _, ahead) in contenders.items():
            taken[name].append(generation(url, text, ahead=ahead))
            print(f"candidates {name}: {taken[name][-1]}", flush=True)
    for name, (_, waits, _) in contenders.items():
        nominal = [each.seconds / (waits * LATENCY_SECONDS) for each in taken[name]]
        show(f"achieved / {waits} s, {name}", statistics.median(nominal), "<= 1.3", 1.3)
        if waits == 2:
            ratio = statistics.median(each.ratio for each in taken[name])
            show(f"achieved / critical path, {name}", ratio, "<= 1.3", 1.3)


class Taken(NamedTuple):
    """What a generation took."""

    seconds: float
    """From its first call to what the improver returned."""
    calls: int
    ratio: float
    """Achieved / critical path of the whole generation, as the run's summary has it."""


def generation(url: str, improver: str, *, ahead: bool) -> Taken:
    """Runs one generation of an improver."""
    times: list[tuple[float, Event]] = []
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "improver.py"
        program.write_text(improver)
        experiment = Experiment(
            model="openai/model",
            improver=str(program),
            protocol="paper",
            iterations=1,
            repeats=5,
            test_repeats=1,
            store=str(Path(folder) / "journal.db"),
            endpoint={"base_url": url, "concurrency": 64, "ahead": ahead},
        )
        summary = Run(experiment, lambda event: times.append((time.perf_counter(), event)))()
    began = next(at for at, event in times if phase_of(event) == "propose")
    ended = next(at for at, event in times if at > began and phase_of(event) == "search")
    during = [event for at, event in times if began <= at <= ended]
    calls = {event.call for event in during if isinstance(event, ReplyReceived)}
    return Taken(ended - began, len(calls), summary.course.paces[1].ratio)


def phase_of(event: Event) -> str | None:
    """Returns the phase that began with an event."""
    return event.phase if isinstance(event, PhaseStarted) else None


def request(index: int, message: str = "hello") -> Request:
    """Returns a request like no other."""
    return Request("expert", message, temperature=0.7, stream="benchmark", index=index)


def resident_megabytes() -> float:
    """Returns the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(what: str, value: float, bound: str, limit: float) -> None:
    """Prints a figure; a negative limit is a lower bound."""
    holds = value >= -limit if limit < 0 else value <= limit
    print(f"{what:55} {value:8.2f}   {bound:10} {'ok' if holds else 'MISSED'}", flush=True)


if __name__ == "__main__":
    main()
