"""Who becomes I_t: the protocols of the recursion.

``paper``: what I_{t-1} returns replaces it, unconditionally (algorithm 1). ``official``: as the
research code does it. ``gated``: the incumbent stays unless the challenger is better on paired
sessions that neither has seen; the default, because picking the best of many noisy scores would
otherwise be taken for progress. ``independent``: the same gate, but every challenger is what I_0
makes of I_0. It is no recursion: what the chain gains beyond it is what recursion is worth.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from selftaught.sign_flip import sign_flip_p
from selftaught.solution import Solution
from selftaught.task import Split

Measure = Callable[[Solution, Split], tuple[float, ...]]
"""Scores of an improver's sessions on a split; sessions of two improvers pair by position. Safe to
use from several threads."""


class Rule(StrEnum):
    """Names of the protocols."""

    PAPER = "paper"
    OFFICIAL = "official"
    GATED = "gated"
    INDEPENDENT = "independent"


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a challenger."""

    accepted: bool
    reason: str
    subject: Solution
    """The text that the next generation is to improve."""
    gate: tuple[float, ...] | None = None
    """The challenger's scores on the gate split, where it was measured."""
    incumbent_gate: tuple[float, ...] | None = None


class Acceptance(Protocol):
    """A rule that decides between an incumbent and a challenger."""

    def decide(self, incumbent: Solution, challenger: Solution, measure: Measure) -> Decision:
        """Decides; measures what it needs to."""
        ...


class Paper:
    """Algorithm 1: unconditional."""

    def decide(self, incumbent: Solution, challenger: Solution, measure: Measure) -> Decision:  # noqa: ARG002
        """Accepts."""
        return Decision(accepted=True, reason="unconditional (algorithm 1)", subject=challenger)


@dataclass(frozen=True, slots=True)
class Official:
    """The rule of the research code, with its quirks as switches.

    A challenger is rejected only on an exception or a meta-utility of exactly 0. A rejection costs
    an iteration.
    """

    text_falls_apart: bool = True
    """After a rejection the previous improver runs on, but on the rejected text."""
    failure_is_zero: bool = True
    """One session without a program makes a whole call of the meta-utility 0; see `MetaUtility`."""

    def decide(self, incumbent: Solution, challenger: Solution, measure: Measure) -> Decision:
        """Accepts whatever scores anything at all."""
        accepted = any(measure(challenger, Split.SEARCH))
        reason = "meta-utility above 0" if accepted else "meta-utility of exactly 0"
        keeps_text = accepted or self.text_falls_apart
        subject = challenger if keeps_text else incumbent
        return Decision(accepted=accepted, reason=reason, subject=subject)


@dataclass(frozen=True, slots=True)
class Gated:
    """Accepts a challenger that beats the incumbent on the same gate sessions.

    The test flips the signs of the paired differences (Fisher's randomisation test): it needs no
    assumption on the scores' distribution. It bounds the chance that an equal challenger passes one
    gate, not that one passes in a whole run.
    """

    alpha: float = 0.05
    """The chance that an equal challenger passes a gate."""

    def decide(self, incumbent: Solution, challenger: Solution, measure: Measure) -> Decision:
        """Measures both on the gate split and compares them pair by pair."""
        if challenger == incumbent:
            return Decision(accepted=False, reason="it is the incumbent itself", subject=incumbent)
        with ThreadPoolExecutor(2) as pool:  # their sessions wait for replies together
            ours, theirs = pool.map(measure, (incumbent, challenger), (Split.GATE, Split.GATE))
        differences = [new - old for new, old in zip(theirs, ours, strict=True)]
        gain = sum(differences) / len(differences)
        p = sign_flip_p(differences)
        accepted = p <= self.alpha
        reason = f"gain {gain:+.3f} in {len(differences)} pairs, p = {p:.3g}"
        reason += f" {'<=' if accepted else '>'} {self.alpha:g}"
        if 2.0 ** -len(differences) > self.alpha:
            reason += "; with so few pairs no challenger can pass"
        return Decision(
            accepted=accepted,
            reason=reason,
            subject=challenger if accepted else incumbent,
            gate=theirs,
            incumbent_gate=ours,
        )


RULES: dict[Rule, Callable[[], Acceptance]] = {
    Rule.PAPER: Paper,
    Rule.OFFICIAL: Official,
    Rule.GATED: Gated,
    Rule.INDEPENDENT: Gated,
}
