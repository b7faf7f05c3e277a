"""Who becomes I_t: the protocols of the recursion.

``paper``: what I_{t-1} returns replaces it, unconditionally (algorithm 1). ``official``: as the
research code does it. ``gated``: the incumbent stays unless the challenger is better on paired
sessions that neither has seen; the default, because picking the best of many noisy scores would
otherwise be taken for progress. ``independent``: the same gate, but every challenger is what I_0
makes of I_0. It is no recursion: what the chain gains beyond it is what recursion is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from selftaught.lookup import WITHOUT, left_out, unknown
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


class Quirk(StrEnum):
    """Switches of the protocol ``official``."""

    TEXT_FALLS_APART = "text_falls_apart"
    FAILURE_IS_ZERO = "failure_is_zero"


QUIRKS: Mapping[Quirk, str] = {
    Quirk.TEXT_FALLS_APART: "after a rejection the previous improver runs on, but is given the "
    "rejected text to improve",
    Quirk.FAILURE_IS_ZERO: "one session that returns no program makes a whole call of the "
    "meta-utility 0",
}
"""What the research code does, and nobody would on purpose; ``official-without:`` leaves it out."""


class Fate(StrEnum):
    """What became of a challenger, in a word."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NONE = "nothing returned"
    """There was none: I_{t-1} returned no program."""


def fate(challenger: Solution | None, *, accepted: bool) -> Fate:
    """Returns what became of a challenger; what was never returned was not rejected either."""
    if accepted:
        return Fate.ACCEPTED
    return Fate.NONE if challenger is None else Fate.REJECTED


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

    def keep(self, subject: Solution, failure: str) -> Decision:
        """Decides where the improver returned no program: it stays.

        Args:
            subject: The text that it was to improve.
            failure: Why nothing came back.
        """
        ...


class Paper:
    """Algorithm 1: unconditional."""

    def decide(self, incumbent: Solution, challenger: Solution, measure: Measure) -> Decision:  # noqa: ARG002
        """Accepts."""
        return Decision(accepted=True, reason="unconditional (algorithm 1)", subject=challenger)

    def keep(self, subject: Solution, failure: str) -> Decision:
        """Keeps I_{t-1}, because there is no I_t; Algorithm 1 does not say what happens then."""
        return _kept(subject, f"{failure}; algorithm 1 is silent on that, and I_{{t-1}} stays")


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

    def keep(self, subject: Solution, failure: str) -> Decision:
        """Keeps the previous improver, as the research code does after an exception."""
        return _kept(subject, f"{failure}; after an exception the previous improver stays")


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
        reason = f"gain {gain:+z.3f} in {len(differences)} pairs, p = {p:.3g}"
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

    def keep(self, subject: Solution, failure: str) -> Decision:
        """Keeps the incumbent: there is nothing to compare it with."""
        return _kept(subject, f"{failure}; the incumbent stays")


def _kept(subject: Solution, why: str) -> Decision:
    return Decision(accepted=False, reason=f"no program came back: {why}", subject=subject)


def rule_of(protocol: str) -> Rule:
    """Returns the rule of a protocol, without what it leaves out.

    Example:
        >>> rule_of("official-without:failure_is_zero")
        <Rule.OFFICIAL: 'official'>
    """
    return Rule(protocol.partition(WITHOUT)[0])


def checked_protocol(protocol: str) -> str:
    """Returns the name of a protocol in its one form: what is left out is sorted.

    Args:
        protocol: A rule; after ``official`` may follow what it leaves out, as in
            ``official-without:text_falls_apart``.

    Raises:
        UsageError: There is no such protocol; the message lists those that exist.
    """
    without = left_out(protocol, Rule.OFFICIAL, QUIRKS, kind=f"quirk of {Rule.OFFICIAL}")
    if not without and protocol not in set(Rule):
        raise unknown("protocol", protocol, map(str, Rule), other=f"official{WITHOUT}QUIRK,QUIRK")
    return f"{Rule.OFFICIAL}{WITHOUT}{','.join(without)}" if without else str(Rule(protocol))


def acceptance_of(protocol: str) -> Acceptance:
    """Returns who decides by a protocol.

    Raises:
        UsageError: There is no such protocol.
    """
    rule = rule_of(checked_protocol(protocol))
    if rule is not Rule.OFFICIAL:
        return RULES[rule]()
    without = left_out(protocol, rule, QUIRKS, kind="quirk")
    return Official(**{str(each): each not in without for each in QUIRKS})


RULES: dict[Rule, Callable[[], Acceptance]] = {
    Rule.PAPER: Paper,
    Rule.OFFICIAL: Official,
    Rule.GATED: Gated,
    Rule.INDEPENDENT: Gated,
}
