"""A short trial of a sandbox on this machine: eight things that no program may do, tried.

The long form is the attack corpus in `testing.attacks`; this one is for ``selftaught doctor``.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from selftaught.sandbox import Limits, Outcome, Program, Sandbox, Status

_LIMITS = Limits(cpu_seconds=1.0, memory_bytes=128 << 20)
_TRIES: Mapping[str, str] = MappingProxyType(
    {
        "reading the environment": "return open(f'/proc/{host}/environ').read()",
        "reading a file": "return open(folder + '/secret').read()",
        "writing a file": "return open(folder + '/new', 'w').write('x')",
        "reaching the network": "return str(socket.socket())",
        "starting a process": "return os.fork()",
        "signalling the host": "return os.kill(host, 0) or 'sent'",
        "seeing other processes": "return [n for n in os.listdir('/proc') if n.isdigit()]",
        "taking more memory": "return len(bytearray(1 << 28))",
    }
)
_REMEDY = (
    "programs are not isolated as they should be; do not run any, and report this with the output "
    "of `selftaught doctor --json`"
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing that a program tried."""

    name: str
    is_blocked: bool
    detail: str
    """How it ended; where it is not blocked, also what to do."""


def try_out(sandbox: Sandbox) -> list[Trial]:
    """Runs short attacks in a sandbox and says which were blocked.

    Raises:
        SandboxUnavailable: No isolation of the level asked for can be had.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        secret = Path(folder, "secret")
        secret.write_text(secrets.token_hex(16))
        secret.chmod(0o644)
        return [_trial(sandbox, name, body, folder) for name, body in _TRIES.items()]


def _trial(sandbox: Sandbox, name: str, body: str, folder: str) -> Trial:
    text = f"import os, socket\ndef attempt(host, folder):\n    {body}\n"
    with sandbox.run(Program(text, "attempt"), _LIMITS) as running:
        outcome = running.call([os.getpid(), folder])
    is_blocked = _was_blocked(outcome)
    ending = outcome.message or f"it returned {outcome.value!r:.40}"
    return Trial(name, is_blocked, ending if is_blocked else f"{ending}: {_REMEDY}")


def _was_blocked(outcome: Outcome) -> bool:
    """A program that was stopped for another reason than the wall proves nothing."""
    if outcome.status is Status.OUT_OF_MEMORY:
        return True
    denials = ("PermissionError", "FileNotFoundError", "OSError", "RuntimeError")
    return outcome.status is Status.ERROR and outcome.message.startswith(denials)
