"""I(u, s, L) -> s': an improver is a program that runs in a sandbox.

It reaches the utility and the language model only by messages over one channel. The broker here
serves them in the host: it counts, scores and records, and believes nothing of what it is told.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import resources

from selftaught.client import Finish
from selftaught.errors import BudgetExceeded, ProgramError, RunCutShort, shown
from selftaught.events import Attempted, Diverged, Listener, SessionEnded, tried
from selftaught.host import Host
from selftaught.language_model import LanguageModel
from selftaught.place import Place, session_key
from selftaught.sandbox import Handler, Limits, Outcome, Program, Status
from selftaught.solution import Solution
from selftaught.utility import UtilityHandle

ENTRY = "improve_algorithm"
"""The function that an improver defines (paper, figure 2)."""
LIMITS = Limits(cpu_seconds=10.0, threads=16, writable_bytes=4 << 20)
"""What an improver may use; its clock stands still while the host works for it."""
SCOPE = "session"
"""Name of a session's budget: its limits are the program's own affair."""
_UNLIMITED = 10**9
_MOST_ATTEMPTS = 100
"""Attempts of one session that are recorded; a flood of them is one fact, not a million."""


@dataclass(frozen=True, slots=True)
class Session:
    """What an improver is given for one application, and where it stands in the run."""

    initial: Solution
    """s: what is to be improved."""
    utility: UtilityHandle
    language_model: LanguageModel
    place: Place
    limits: Limits = LIMITS
    """What the program may use."""
    seed: int = 0
    """Seeds the program's own randomness."""


@dataclass(frozen=True, slots=True)
class Improvement:
    """What an improver made of a solution."""

    solution: Solution | None
    """s'; None where the improver failed or returned no text."""
    outcome: Outcome


def improve(
    improver: Solution,
    session: Session,
    *,
    host: Host,
) -> Improvement:
    """Applies an improver once.

    Whatever the program does is an ordinary result; it raises nothing of its own. A session that
    the run has finished already is not repeated.

    Raises:
        RunCutShort: A scope around the session has nothing left: the run is over.
        ProviderError: The language model cannot be reached.
        SandboxLost: The sandbox broke; nothing is known of the improver.
    """
    known = host.history.at(session_key(session.place, improver))
    if isinstance(known, SessionEnded):
        host.listener(known)
        value = known.returned.text if known.returned else None
        outcome = Outcome(Status(known.status), value, known.message, known.printed)
        return Improvement(known.returned, outcome)
    outcome = _run(improver, session, host)
    if outcome.denied:
        host.listener(Attempted(session.place, improver, tried(outcome.denied)))
    if unused := host.history.unclaimed(session.place):
        host.listener(Diverged(session.place, improver, unused))
    returned = Solution(str(outcome.value)) if outcome.is_ok else None
    host.listener(
        SessionEnded(
            place=session.place,
            improver=improver,
            returned=returned,
            status=outcome.status,
            message=outcome.message,
            printed=outcome.printed,
            cpu_seconds=outcome.cpu_seconds,
        )
    )
    return Improvement(returned, outcome)


def _run(improver: Solution, session: Session, host: Host) -> Outcome:
    program = Program(improver.text, entry=ENTRY, modules=_modules(), caller="language_model")
    handlers = _handlers(improver, session, host.listener)
    with host.sandbox.run(program, session.limits, handlers) as running:
        arguments = (session.initial.text, _allowance(session))
        outcome = running.call(arguments, seed=session.seed)
    outcome, replies = _checked(outcome), session.language_model.replies
    if not outcome.is_ok and replies and not any(reply.solution for reply in replies):
        hint = f"{outcome.message}; none of the {len(replies)} replies held a program"
        if cut := sum(reply.finish == Finish.LENGTH for reply in replies):
            hint += f", {cut} were cut short at the longest reply that was allowed"
        outcome = replace(outcome, message=hint)
    return outcome


def _modules() -> Mapping[str, str]:
    package = resources.files("selftaught")
    return {
        "helpers": (package / "extraction.py").read_text("utf-8"),
        "language_model": (package / "improver_interface.py").read_text("utf-8"),
    }


def _allowance(session: Session) -> dict[str, object]:
    calls, evaluations = session.language_model.budget, session.utility.budget
    return {
        "str": session.utility.str,
        "evaluations": _UNLIMITED if evaluations is None else evaluations,
        "calls": _UNLIMITED if calls is None else calls,
        "samples": session.language_model.max_responses_per_call,
    }


def _handlers(improver: Solution, session: Session, listener: Listener) -> dict[str, Handler]:
    attempts: list[str] = []

    def attempt(what: object) -> None:
        if len(attempts) < _MOST_ATTEMPTS:
            attempts.append(what[:200] if isinstance(what, str) else shown(what))
            listener(Attempted(session.place, improver, attempts[-1]))

    model = session.language_model
    calls: dict[str, Callable[..., object]] = {
        "utility": session.utility,
        "utility_map": session.utility.map,
        "prompt": model.prompt,
        "batch_prompt": model.batch_prompt,
        "attempt": attempt,
    }
    return {name: _in_session(call) for name, call in calls.items()}


def _in_session(call: Handler) -> Handler:
    """Lets a session's own limits reach its program, and an outer limit end the run."""
    signature = inspect.signature(call)

    def serve(*arguments: object) -> object:
        try:
            signature.bind(*arguments)
        except TypeError as error:
            raise ProgramError(f"wrong arguments: {error}") from error
        try:
            return call(*arguments)
        except BudgetExceeded as error:
            if error.scope == SCOPE:
                raise
            raise RunCutShort(str(error)) from error

    return serve


def _checked(outcome: Outcome) -> Outcome:
    if not outcome.is_ok or (isinstance(outcome.value, str) and outcome.value.strip()):
        return outcome
    message = f"{ENTRY} must return the text of a program, not {shown(outcome.value)}"
    return replace(outcome, status=Status.BAD_ANSWER, value=None, message=message)
