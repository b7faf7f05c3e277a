"""The format of bundles: a run as a file that another machine can verify, replay and go on with.

A bundle is a ZIP archive of texts in UTF-8. All names in it are listed here; nothing else may be
in it, so that no name in an archive ever becomes a path.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

FORMAT = 1
"""Version of the format."""
MANIFEST = "manifest.json"
EVENTS = "events.jsonl"
README = "README.txt"
EXPERIMENT = "experiment.json"
SUMMARY = "summary.json"
LEDGER = "ledger.json"
DECISIONS = "decisions.json"
DERIVED = (EXPERIMENT, SUMMARY, LEDGER, DECISIONS)
"""What follows from the events, for people and for other programs."""
REQUIRED = (MANIFEST, EVENTS, README, *DERIVED)
BLOB = re.compile(r"blobs/([0-9a-f]{64})")
PROGRAM = re.compile(r"programs/([0-9a-f]{12})\.py")

MOST_ENTRIES = 300_000
"""Files in a bundle; a run of 100,000 events has about as many texts at most."""
LARGEST_FILE = 64 * 2**20
"""Bytes of one file, and of one line of events."""
LARGEST_MANIFEST = 16 * 2**20
LARGEST_BUNDLE = 16 * 2**30
"""Bytes of all files, before compression."""


class Manifest(BaseModel):
    """What a bundle says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: int
    made_by: str
    """Which version of selftaught wrote the bundle."""
    run: str
    head: str
    """The hash of the last event: whoever has it from elsewhere knows that nothing was changed."""
    events: int
    texts: int
    status: str
    """``done``, ``cut short`` or ``failed``; ``unfinished`` where the run may go on."""
    began: float
    """Time of the first event, in seconds since 1970."""
    ended: float
    """Time of the last event."""
    versions: Mapping[str, str]
    """Of what decided the run's results."""
    files: Mapping[str, str]
    """SHA-256 of every file but this one and the texts, which are named by theirs."""


def blob_name(digest: str) -> str:
    """Returns the name of a text."""
    return f"blobs/{digest}"


def program_name(id: str) -> str:  # noqa: A002 - what everyone calls it
    """Returns the name of the readable copy of a program."""
    return f"programs/{id}.py"


def digest_of(content: bytes) -> str:
    """Returns the SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def readme(run: str, head: str) -> str:
    """Returns what a bundle tells the person who opens it."""
    return _README.format(run=run, head=head)


_README = """\
This is the run {run} of selftaught, an implementation of STOP, the Self-Taught Optimizer.
It holds everything that the run did, and nothing of the machine it ran on but the versions of
its software, and the paths of own tasks and improvers as they were given.

manifest.json     what is in here: counts, versions, times, and a hash of every file
experiment.json   the configuration, with the seed
summary.json      the results: decisions, scores and intervals
decisions.json    who became I_t in each generation, why, and by which scores
ledger.json       what the run spent
programs/         the improvers and solutions that the decisions speak of, by their ids
events.jsonl      the journal: one event a line, in order, each with a hash over itself and the
                  one before
blobs/            the texts that events refer to, by their SHA-256: programs, prompts, replies

To check it and to make all of the above again from the events alone, on any machine:

    selftaught import FILE
    selftaught verify {run}
    selftaught replay {run}
    selftaught show {run}

Importing checks every byte before it writes anything. It cannot know who made the bundle: compare
the hash of the last event, the head of the chain, with the one that its author names.

    {head}
"""
