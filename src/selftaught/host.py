"""The trusted side of a run: what all its parts share.

Three parties meet in a run. The host holds keys, budgets, instances, scores and the journal; an
improver sandbox and a solution sandbox hold one program each, and nothing of the host's.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

from selftaught.budget import Budget
from selftaught.client import Client
from selftaught.events import Listener
from selftaught.history import NO_HISTORY, History
from selftaught.memory import Memory
from selftaught.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Host:
    """What the parts of one run share."""

    client: Client
    """Who answers language model requests."""
    sandbox: Sandbox
    """Where programs run."""
    executor: Executor
    """Where evaluations of solutions run; bounds how many run at once."""
    listener: Listener
    """Is told of all that happens."""
    budget: Budget
    """The scope that everything is charged to: the run, or a generation of it."""
    seed: int = 0
    """Seed of the run: all instances are drawn from it."""
    history: History = NO_HISTORY
    """What the run did before it was interrupted."""
    memory: Memory = field(default_factory=Memory)
    """Scores and sessions that are known already."""
    sessions: int = 16
    """Sessions of one measurement in flight: they wait for replies and scores, not for cores."""
    ahead: Executor | None = None
    """Where improvers are scored before anybody asks, see `Ahead`; None: nowhere."""

    def recorded(self, listener: Listener, history: History) -> Host:
        """Returns the same host for a run that is recorded."""
        return replace(self, listener=listener, history=history)
