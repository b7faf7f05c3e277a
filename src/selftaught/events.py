"""What happened in a run, as frozen records.

The engine emits events to a `Listener`; journals, progress displays and studies know these records
and never the engine. What a run does once has a `key`, by which it is found again; see `place`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from selftaught.calls import CallBegan, CallCutShort
from selftaught.place import Place, measured_key, reply_key, score_key, session_key
from selftaught.solution import Solution


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run began."""

    run: str
    experiment: Mapping[str, object]
    """The resolved experiment, as plain data."""
    versions: Mapping[str, str]
    """Of this package, of Python and of what else decides results."""
    sandbox: str
    """Level of isolation of the run's programs."""
    parts: Mapping[str, object] = field(default_factory=dict[str, object])
    """What the experiment's names stood for: its improver, and its tasks as programs see them."""


@dataclass(frozen=True, slots=True)
class RunResumed:
    """A run that was interrupted was taken up again."""

    run: str
    versions: Mapping[str, str]
    sandbox: str
    spent: Mapping[str, float]
    """What the run had spent before."""


@dataclass(frozen=True, slots=True)
class RunForked:
    """All events before this one are those of another run; from here on this one goes its way."""

    run: str
    """The name of this run when it forked; tells its draws from the other's."""
    origin: str
    """The name of the other run."""
    t: int
    """The last generation that both have."""
    head: str
    """The hash of the last event that both have."""
    experiment: Mapping[str, object]
    """The experiment from here on."""


@dataclass(frozen=True, slots=True)
class Diverged:
    """After an interruption a program asked for other things than before.

    It follows the clock, or its threads race. What it was given before is paid for and not used.
    """

    place: Place
    improver: Solution
    unused: int
    """How many replies and scores."""


@dataclass(frozen=True, slots=True)
class ReplyReceived:
    """A language model answered; paid for, whatever becomes of it."""

    place: Place
    model: str
    expertise: str
    message: str
    temperature: float
    stream: str
    index: int
    reply: str
    finish: str
    tokens: int | None
    dollars: float | None
    solution: str | None
    """Id of the program in the reply; None: there is no code in it."""
    call: str = ""
    """Key of the first reply of the call that it belongs to."""
    seconds: float = 0.0
    """How long it was waited for; no part of the result."""

    @property
    def key(self) -> str:
        """Names the sample by place and request."""
        text = (self.expertise, self.message)
        return reply_key(self.place, *text, self.temperature, self.stream, self.index)


@dataclass(frozen=True, slots=True)
class SolutionScored:
    """A utility judged a program."""

    place: Place
    solution: Solution
    score: float
    instances: tuple[float, ...]
    """Score of every instance; empty where the program was never run."""
    failures: Mapping[str, int]
    """How many instances failed, by kind of outcome."""
    message: str
    """The first failure, in words; empty where there is none."""
    cpu_seconds: float
    """CPU time of the program; no part of the result."""
    index: int = 0
    """How many times this very program was scored before, at this place."""
    question: str = ""
    """Names the utility, its instances and the program: who asks the same gets the same score."""
    denied: tuple[str, ...] = ()
    """System calls that the program tried and may not make."""

    @property
    def key(self) -> str:
        """Names the evaluation by place and program."""
        return score_key(self.place, self.solution, self.index)


@dataclass(frozen=True, slots=True)
class SeedSolutionScored:
    """u(s) of a task: where its solutions start from."""

    task: str
    score: float
    instances: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A program asked for more than its budget holds."""

    place: Place
    scope: str
    unit: str
    message: str


@dataclass(frozen=True, slots=True)
class Attempted:
    """A program tried to widen its budget, to leave its split or to leave its sandbox, in vain."""

    place: Place
    solution: Solution
    """The program that tried."""
    what: str


def tried(system_calls: Iterable[str]) -> str:
    """Returns what `Attempted` says of system calls that were denied.

    Example:
        >>> tried(["socket", "socket", "openat"])
        'made system calls that are denied: openat, socket'
    """
    return f"made system calls that are denied: {', '.join(sorted(set(system_calls)))}"


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """An improver returned, or failed."""

    place: Place
    improver: Solution
    returned: Solution | None
    """None: it failed; `status` and `message` say how."""
    status: str
    message: str
    printed: str
    cpu_seconds: float

    @property
    def key(self) -> str:
        """Names the session."""
        return session_key(self.place, self.improver)


@dataclass(frozen=True, slots=True)
class SessionScored:
    """What an improver returned was scored for a split: one term of the meta-utility."""

    place: Place
    improver: Solution
    split: str
    task: str
    repeat: int
    score: float
    measurement: str = ""
    """Tells measurements of one split apart, such as the gates of generations."""
    failed: bool = False
    """No program came back."""

    @property
    def key(self) -> str:
        """Names the session by what it measures, wherever in the run it was measured first."""
        parts = (self.split, self.measurement, self.task, self.repeat)
        return measured_key(*parts, self.improver)


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """The run turned to something that takes time; for progress displays."""

    place: Place
    phase: str
    """``search``, ``propose``, ``gate`` or ``test`` of a run; ``improve`` or ``compare`` of an
    application."""
    t: int | None
    """The generation; None outside a recursion."""


@dataclass(frozen=True, slots=True)
class GenerationEnded:
    """I_t was decided (paper, algorithm 1)."""

    t: int
    improver: Solution
    """I_t: the challenger where it was accepted, else the incumbent."""
    challenger: Solution | None
    """What I_{t-1} returned for itself; None at t = 0, and where it returned no program."""
    accepted: bool
    reason: str
    search: tuple[float, ...] | None
    """Scores of I_t's sessions on the search split; None where they were not measured."""
    gate: tuple[float, ...] | None
    incumbent_gate: tuple[float, ...] | None
    """Scores of I_{t-1} in the same gate sessions: pairs with `gate` of the challenger."""
    test: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class ChampionTested:
    """The improver that the run ends with, and the seed, on the test split; once, at the end."""

    champion: Solution
    scores: tuple[float, ...]
    seed_scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ApplicationEnded:
    """An improver was applied once to a task, and the result compared on test instances."""

    task: str
    improver: Solution
    solution: Solution
    """The better program; the seed solution where none is shown to be better."""
    status: str
    message: str
    seed_scores: tuple[float, ...] | None
    """Of the seed solution, instance by instance; None where there is no result."""
    scores: tuple[float, ...] | None
    """Of what the improver returned, for the same instances."""


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run came to its end."""

    status: str
    """``done``, ``cut short`` or ``failed``."""
    reason: str
    spent: Mapping[str, float]
    result_hash: str | None
    """Of decisions and scores, not of times; None where the run has no result."""


Event = (
    RunStarted
    | RunResumed
    | RunForked
    | Diverged
    | PhaseStarted
    | CallBegan
    | CallCutShort
    | ReplyReceived
    | SolutionScored
    | SeedSolutionScored
    | Refused
    | Attempted
    | SessionEnded
    | SessionScored
    | GenerationEnded
    | ChampionTested
    | ApplicationEnded
    | RunEnded
)

Listener = Callable[[Event], None]
"""Is told of events, from several threads; must be quick and must not raise."""
