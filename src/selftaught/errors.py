"""Every error that a person or a run can meet, and the boundary that attributes them.

Four parties can fail, and each failure is laid at one door::

    SelftaughtError
    ├── UsageError             the person: an unknown name, a malformed file, a wrong value
    ├── BudgetExceeded         the run: a limit was reached; carries the scope and the unit
    ├── RunCutShort            the run: it was told to stop, or a limit of the whole run was reached
    │   └── RepliesLost            and did not wait for replies that are paid for
    ├── ProgramError           a program that we did not write: recorded, it costs only its author
    ├── ProviderError          the service behind a language model
    └── HostError              ours
        ├── SandboxUnavailable     no isolation can be had here; says what mends it
        ├── SandboxLost            a sandbox broke under us, twice
        └── StoreError             the journal cannot be written or read

A failed evaluation is data, not a crash: a program's misbehaviour reaches the caller as an
`Outcome` (see `sandbox`), never as an exception of the host.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager


class SelftaughtError(Exception):
    """Something that went wrong and whose message is meant for the person who reads it."""


class UsageError(SelftaughtError):
    """What was asked cannot be done: the message says what was expected and what came."""


class BudgetExceeded(SelftaughtError):
    """A limit was reached before the work was done.

    Attributes:
        scope: The name of the scope whose limit tripped; the outermost where several did.
        unit: What the limit counts, such as ``calls`` or ``dollars``.
    """

    def __init__(self, scope: str, unit: str, message: str) -> None:
        super().__init__(message)
        self.scope = scope
        self.unit = unit


class RunCutShort(SelftaughtError):
    """The run ends here; what it has so far stands."""


class RepliesLost(RunCutShort):
    """The run ends here, and replies that are on their way come too late.

    Attributes:
        count: How many they are; a server charges for them.
    """

    def __init__(self, reason: str, count: int) -> None:
        plural = "y that was" if count == 1 else "ies that were"
        super().__init__(f"{reason}; {count} repl{plural} on the way came too late, and count")
        self.count = count


class ProgramError(SelftaughtError):
    """A program asked for something that it may not have; the message goes back to it."""


class ProviderError(SelftaughtError):
    """The service behind a language model refused, failed or answered nonsense."""


class HostError(SelftaughtError):
    """The failure is ours or the machine's, and no program is to blame."""


class SandboxUnavailable(HostError):
    """The isolation that was asked for cannot be had on this machine."""


class SandboxLost(HostError):
    """A sandbox broke and could not be rebuilt; the evaluation has no result."""


class StoreError(HostError):
    """The journal cannot be written or read."""


def shown(value: object, *, longest: int = 80) -> str:
    """Returns the beginning of a value as Python writes it, for a message about it.

    Never fails, whatever plain data a program sent.

    Example:
        >>> shown("abc"), shown(10**5000)
        ("'abc'", '<a very large int>')
    """
    try:
        return repr(value)[:longest]
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return f"<a very large {type(value).__name__}>"


@contextmanager
def attributed_to(party: type[SelftaughtError], doing: str) -> Generator[None]:
    """Lays every foreign error that escapes the block at one party's door.

    Errors of ours pass unchanged: whoever raised them attributed them already.

    Example:
        >>> with attributed_to(ProviderError, "asking the model"):
        ...     raise ConnectionError("refused")
        Traceback (most recent call last):
        selftaught.errors.ProviderError: asking the model: ConnectionError: refused
    """
    try:
        yield
    except SelftaughtError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise party(f"{doing}: {reason}") from error
