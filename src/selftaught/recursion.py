"""Algorithm 1 of the paper: I_t = I_{t-1}(u-hat, I_{t-1}, L), for t = 1 .. T.

A generator: each generation is yielded when it is decided, and the caller may stop at any time.
"""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from selftaught.acceptance import Acceptance, Decision
from selftaught.events import ChampionTested, GenerationEnded, PhaseStarted
from selftaught.host import Host
from selftaught.improver import improve
from selftaught.meta_utility import Measurement, MetaUtility, SessionBudget, open_session
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.task import Split


@dataclass(frozen=True, slots=True)
class Plan:
    """How a recursion decides and measures."""

    acceptance: Acceptance
    session: SessionBudget
    """What I_{t-1} may spend on improving itself: its evaluations are calls of u-hat."""
    search: Measurement
    gate_repeats: int
    """Pairs of sessions per task behind a decision of the gated rule."""
    test_repeats: int
    """Sessions per task in a final measurement."""
    tests_every_generation: bool
    """True draws the paper's curve (figure 4); False keeps the test split for the end."""
    is_chain: bool = True
    """False: every generation begins again with I_0, the control for recursion."""
    branches: tuple[tuple[int, str], ...] = ()
    """After which generations the run parted from another one, and the names of its ways."""

    def branch(self, t: int) -> str:
        """Returns the way that a generation is on: what draws its proposals apart from others'."""
        return "".join(f"@{name}" for after, name in self.branches if after < t)

    def measurement(self, split: Split, t: int) -> Measurement:
        """Returns the sessions on a split; those of the gate are fresh in every generation."""
        match split:
            case Split.SEARCH:
                return self.search
            case Split.GATE:
                return Measurement(split, f"t{t}", self.gate_repeats)
            case Split.TEST:
                return Measurement(split, "end", self.test_repeats)


@dataclass(frozen=True, slots=True)
class _State:
    incumbent: Solution
    """I_{t-1}, which a challenger has to replace."""
    proposer: Solution
    """The improver that runs: the incumbent, in a chain."""
    subject: Solution
    """The text that it is to improve; its own, except after a rejection by the research code."""


def recursion(
    seed: Solution, meta_utility: MetaUtility, plan: Plan, host: Host, *, iterations: int
) -> Generator[GenerationEnded]:
    """Yields generation 0, the seed improver, and then one generation per iteration.

    Args:
        seed: I_0.
        meta_utility: u-hat.
        plan: Who is accepted, and what is measured.
        host: What the run shares.
        iterations: T.

    Raises:
        RunCutShort: The run was stopped, or a limit of the whole run was reached.
        ProviderError: The language model cannot be reached.
        SandboxLost: The sandbox broke.
    """
    first = _Generation(0, meta_utility, plan, host)
    yield first.end(seed, None, Decision(accepted=True, reason="seed", subject=seed))
    state = _State(seed, seed, seed)
    for t in range(1, iterations + 1):
        ended, state = _Generation(t, meta_utility, plan, host).run(state)
        yield ended
    last = _Generation(iterations, meta_utility, plan, host)
    improvers = dict.fromkeys((state.incumbent, seed))
    with ThreadPoolExecutor(2) as pool:  # their sessions wait for replies together
        scores = dict(
            zip(
                improvers, pool.map(partial(last.measure, split=Split.TEST), improvers), strict=True
            )
        )
    host.listener(ChampionTested(state.incumbent, scores[state.incumbent], scores[seed]))


class _Generation:
    """One generation, in a budget scope of its own."""

    def __init__(self, t: int, meta_utility: MetaUtility, plan: Plan, host: Host) -> None:
        self._t = t
        self._plan = plan
        self._host = replace(host, budget=host.budget.nested(f"generation {t}", {}))
        self._meta_utility = meta_utility.within(self._host.budget)

    def run(self, state: _State) -> tuple[GenerationEnded, _State]:
        challenger, failure = self._propose(state)
        if challenger is None:
            decision = self._plan.acceptance.keep(state.subject, failure)
        else:
            decision = self._plan.acceptance.decide(state.incumbent, challenger, self.measure)
        improver = challenger if challenger and decision.accepted else state.incumbent
        after = replace(state, incumbent=improver)
        if self._plan.is_chain:
            after = _State(improver, proposer=improver, subject=decision.subject)
        return self.end(improver, challenger, decision), after

    def _propose(self, state: _State) -> tuple[Solution | None, str]:
        place = Place((f"t{self._t}", "propose"))
        self._host.listener(PhaseStarted(place, "propose", self._t))
        session = open_session(
            state.subject,
            self._meta_utility,
            self._plan.session,
            self._host,
            place,
            stream=f"{place}{self._plan.branch(self._t)}",
        )
        improvement = improve(state.proposer, session, host=self._host)
        return improvement.solution, improvement.outcome.message

    def measure(self, improver: Solution, split: Split) -> tuple[float, ...]:
        measurement = self._plan.measurement(split, self._t)
        place = Place((f"t{self._t}", split)) / improver.id
        self._host.listener(PhaseStarted(place, split, self._t))
        return self._meta_utility.measure(improver, measurement, place)

    def end(
        self, improver: Solution, challenger: Solution | None, decision: Decision
    ) -> GenerationEnded:
        ended = GenerationEnded(
            t=self._t,
            improver=improver,
            challenger=challenger,
            accepted=decision.accepted,
            reason=decision.reason,
            search=self.measure(improver, Split.SEARCH),
            gate=decision.gate,
            incumbent_gate=decision.incumbent_gate,
            test=self.measure(improver, Split.TEST) if self._plan.tests_every_generation else None,
        )
        self._host.listener(ended)
        return ended
