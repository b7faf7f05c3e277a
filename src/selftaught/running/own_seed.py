"""The seed of experiments that state none: a number of the user's own, which no program can guess.

Instances follow from the seed by a public function, so that everyone can draw them again. Whoever
knows the seed knows the hidden answers. A language model can have read this package, and a program
of its can try the seeds that people like; one of 62 random bits it cannot.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path

import platformdirs

from selftaught import language_models
from selftaught.experiment import Experiment

_BITS = 62


def seeded(experiment: Experiment) -> Experiment:
    """Returns an experiment with the user's own seed, where it states none and needs one.

    With the models that come with the package it needs none: their programs try no seeds, and
    without a seed all users see the same run.
    """
    is_ours = experiment.model.partition(":")[0] in language_models.KNOWN
    return experiment if is_ours else unguessable(experiment)


def unguessable(experiment: Experiment) -> Experiment:
    """Returns an experiment with the user's own seed, where it states none."""
    if "seed" in experiment.model_fields_set:
        return experiment
    return experiment.model_copy(update={"seed": own_seed()})


def own_seed() -> int:
    """Returns the user's own seed: the same in every run, so that a command can be repeated."""
    return _kept_in(Path(platformdirs.user_data_dir("selftaught")) / "seed")


@cache
def _kept_in(path: Path) -> int:
    """Returns the number in a file, which is made if there is none.

    Where nothing can be written, the number is new in every process.
    """
    drawn = secrets.randbits(_BITS)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_once(path, f"{drawn}\n")
    with suppress(OSError, ValueError):
        kept = int(path.read_text("ascii"))
        return kept if 0 <= kept < 1 << _BITS else drawn
    return drawn


def _write_once(path: Path, text: str) -> None:
    """Writes a file as a whole, unless it is there already; others may do so at the same time."""
    draft = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
