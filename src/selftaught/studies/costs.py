"""What a study takes at most, before it begins."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from selftaught.acceptance import Rule, rule_of
from selftaught.budget import Unit
from selftaught.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Cost:
    """Upper bounds; what is in the journal already costs nothing again."""

    sessions: int = 0
    """Applications of an improver to a task."""
    likely_sessions: int = 0
    """As many, if improvers of improvers ask once: for the time that is left."""
    calls: int = 0
    """Of the language model."""
    samples: int = 0
    evaluations: int = 0

    def __add__(self, other: Cost) -> Cost:
        sums = (first + second for first, second in zip(astuple(self), astuple(other), strict=True))
        return Cost(*sums)

    def __str__(self) -> str:
        """Says it in a line.

        Example:
            >>> str(Cost(sessions=2, calls=8, samples=48, evaluations=50))
            '2 improver sessions, 8 calls, 48 samples, 50 evaluations'
        """
        amounts = {
            "improver sessions": self.sessions,
            "calls": self.calls,
            "samples": self.samples,
            "evaluations": self.evaluations,
        }
        return ", ".join(f"{amount:,} {what}" for what, amount in amounts.items() if amount)


def of_recursion(experiment: Experiment) -> Cost:
    """Returns what a run of the recursion takes, if improvers use their budgets up."""
    own, iterations = experiment.self_session, experiment.iterations
    is_gated = rule_of(experiment.protocol) in {Rule.GATED, Rule.INDEPENDENT}
    # Every candidate is measured on the search split, and so is what comes back, scored or not.
    most, likely = iterations * (own.evaluations + 1), iterations * own.samples_per_call
    search = [experiment.repeats * (1 + candidates) for candidates in (most, likely)]
    gate = 2 * experiment.gate_repeats * iterations if is_gated else 0
    tests = min(2, iterations + 1) if is_gated else iterations + 1
    others = gate + tests * experiment.test_repeats
    tasks = len(experiment.tasks)
    sessions, likely_sessions = (tasks * (each + others) for each in search)
    calls = iterations * own.calls
    itself = Cost(
        likely_sessions=likely_sessions - sessions,
        calls=calls,
        samples=calls * own.samples_per_call,
        evaluations=iterations * own.evaluations + tasks,
    )
    return within_limits(itself + of_sessions(experiment, sessions), experiment)


def of_sessions(experiment: Experiment, sessions: int) -> Cost:
    """Returns what sessions on tasks take, if improvers use their budgets up."""
    session = experiment.session
    calls = sessions * session.calls
    return Cost(
        sessions=sessions,
        likely_sessions=sessions,
        calls=calls,
        samples=calls * session.samples_per_call,
        # What an improver returns is scored once more.
        evaluations=sessions * (session.evaluations + 1),
    )


def of_replies(experiment: Experiment, count: int) -> Cost:
    """Returns what so many replies to one question take."""
    calls = -(-count // experiment.self_session.samples_per_call)
    return within_limits(Cost(calls=calls, samples=count), experiment)


def within_limits(cost: Cost, experiment: Experiment) -> Cost:
    """Returns what a run takes as far as its limits let it go."""
    limits = experiment.limits.amounts()
    return Cost(
        cost.sessions,
        cost.likely_sessions,
        *(
            min(most, int(limits.get(unit, most)))
            for unit, most in (
                (Unit.CALLS, cost.calls),
                (Unit.SAMPLES, cost.samples),
                (Unit.EVALUATIONS, cost.evaluations),
            )
        ),
    )
