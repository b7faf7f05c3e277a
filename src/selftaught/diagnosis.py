"""What holds on this machine, and what mends what does not."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field

from selftaught.client import Request, replies_of
from selftaught.errors import SandboxUnavailable, SelftaughtError, UsageError
from selftaught.executors import available_cores
from selftaught.language_models.editor import Editor
from selftaught.language_models.servers.probe import probe
from selftaught.language_models.servers.providers import names_provider
from selftaught.language_models.servers.served import check_shared, members
from selftaught.language_models.servers.settings import DEFAULT, Settings
from selftaught.parts import find_model
from selftaught.sandboxes.local import LocalSandbox
from selftaught.sandboxes.trials import try_out
from selftaught.store import Journal, default_store

_REQUEST = Request("", "Improve:\n```python\nx = 1\n```", 0.7, "doctor", 0)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried."""

    name: str
    holds: bool
    is_needed: bool
    """Whether a run with default options needs it."""
    detail: str
    """What was seen; where it does not hold, why and what mends it."""
    is_doubtful: bool = False
    """Whether it may not do for a run although it holds; `detail` says why."""
    facts: Mapping[str, object] = field(default_factory=dict[str, object])
    """What was measured, for scripts; of a model, see `Probe.facts`."""


def diagnose(
    store: str | None = None, *, model: str | None = None, settings: Settings = DEFAULT
) -> list[Check]:
    """Tries what a run needs (``selftaught doctor``).

    Args:
        store: File or URL of the journal; None: the default one.
        model: A model to be asked, for real, or several as one, each of which is asked; None: none
            but the embedded one.
        settings: How its server is to be used.
    """
    return [
        _check("machine", _machine),
        _check("isolation: full", lambda: _isolation("full")),
        _check("isolation: inner", lambda: _isolation("inner"), is_needed=False),
        _check("journal", lambda: _journal(store or default_store())),
        _check("model: editor", _editor),
        *([] if model is None else _models(model, settings)),
    ]


def _check(name: str, look: Callable[[], str], *, is_needed: bool = True) -> Check:
    try:
        return Check(name, holds=True, is_needed=is_needed, detail=look())
    except SelftaughtError as error:
        return Check(name, holds=False, is_needed=is_needed, detail=str(error))


def _machine() -> str:
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    return f"Python {platform.python_version()}, {system}, {available_cores()} cores"


def _isolation(level: str) -> str:
    with LocalSandbox(at_least=level, at_most=level) as sandbox:
        trials = try_out(sandbox)
    failed = [f"{trial.name}: {trial.detail}" for trial in trials if not trial.is_blocked]
    if failed:
        raise SandboxUnavailable("; ".join(failed))
    return f"blocked, when tried: {', '.join(trial.name for trial in trials)}"


def _journal(store: str) -> str:
    with closing(Journal(store)) as journal:
        count = len(journal.runs())
    return f"{store}: {count} runs"


def _editor() -> str:
    replies_of(Editor(), [_REQUEST])
    return "answers; a program editor, not a neural network"


def _models(name: str, settings: Settings) -> list[Check]:
    try:
        check_shared(name, settings)
        return [_model(each, settings) for each in members(name)]
    except UsageError as error:
        return [Check(f"model: {name}", holds=False, is_needed=True, detail=str(error))]


def _model(name: str, settings: Settings) -> Check:
    title = f"model: {name}"
    if not names_provider(name):
        return _check(title, lambda: _answer(name))
    try:
        found = probe(name, settings)
    except SelftaughtError as error:
        return Check(title, holds=False, is_needed=True, detail=str(error))
    return Check(
        title,
        holds=found.is_of_use,
        is_needed=True,
        detail=str(found),
        is_doubtful=found.may_think_longer,
        facts=found.facts(),
    )


def _answer(name: str) -> str:
    replies_of(find_model(name, 0), [_REQUEST])
    return "answers"
