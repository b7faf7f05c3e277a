"""A run that kills itself: executed by the tests as a process of its own.

Arguments: a JSON document with the ``experiment``, the file ``log``, and ``kill``: at which event
the process dies (absent: never), and whether ``before`` or ``after`` it is written. Prints the
result as JSON. The language model writes every request to the log, durably, before it answers.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from selftaught.client import Client, Reply, Request
from selftaught.experiment import parse
from selftaught.language_models.editor import Editor
from selftaught.running.application import Application
from selftaught.running.runner import Run
from selftaught.store import RunWriter


class Logged:
    """The embedded model, with a log of what it was asked."""

    name = "logged"

    def __init__(self, client: Client) -> None:
        self._client = client

    def complete(self, requests: Sequence[Request]) -> Iterable[tuple[int, Reply]]:
        """Yields replies one by one, each after its request is on the disk."""
        for number, request in enumerate(requests):
            noted(request)
            ((_, reply),) = self._client.complete([request])
            yield number, reply


def logged(seed: int) -> Logged:
    """Makes the model."""
    return Logged(Editor(seed=seed))


def noted(request: Request) -> None:
    """Writes a request to the log."""
    descriptor = os.open(PLAN["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{name_of(request)}\n".encode())
    os.fsync(descriptor)
    os.close(descriptor)


def name_of(request: Any) -> str:
    """Names a request, or the event of its reply."""
    facts = (request.expertise, request.message, request.temperature, request.stream, request.index)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def die_at(number: int, when: str) -> None:
    """Kills the process at the n-th event that it writes."""
    append, count = RunWriter.append, itertools.count(1)

    def counted(writer: RunWriter, *arguments: Any, **named: Any) -> None:
        is_last = next(count) == number
        if is_last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        append(writer, *arguments, **named)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)

    RunWriter.append = counted


PLAN: dict[str, Any] = json.loads(sys.argv[1]) if __name__ == "__main__" else {}


def main() -> None:
    """Does what the plan says."""
    sys.modules["durable"] = sys.modules["__main__"]
    if "kill" in PLAN:
        die_at(*PLAN["kill"])
    experiment = parse({"model": "durable:logged"} | PLAN["experiment"], where="the plan")
    if PLAN.get("improve"):
        improved = Application(experiment)()
        done = {"status": improved.status, "spent": improved.spent, "id": improved.solution.id}
    else:
        summary = Run(experiment)()
        shown = ("status", "reason", "spent", "diverged", "result_hash")
        done = {name: getattr(summary, name) for name in shown}
    sys.stdout.write(json.dumps(done))


if __name__ == "__main__":
    main()
