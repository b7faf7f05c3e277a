"""STOP, the Self-Taught Optimizer: programs that improve programs, and themselves, with proof.

Example: ::

    import selftaught

    result = selftaught.run(selftaught.Experiment(tasks=("lpn",), iterations=2, seed=1))
    print(result.champion.text)
"""

from selftaught.api import improve, run, score
from selftaught.experiment import Experiment
from selftaught.language_model import Client, Reply, Request
from selftaught.sandbox import Limits
from selftaught.solution import Solution
from selftaught.task import Split, Task

__all__ = [
    "Client",
    "Experiment",
    "Limits",
    "Reply",
    "Request",
    "Solution",
    "Split",
    "Task",
    "improve",
    "run",
    "score",
]
