"""Runs that leave a journal as files, and come into one."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import PurePath
from typing import cast

from selftaught.analysis.documents import documents
from selftaught.errors import StoreError, UsageError, attributed_to
from selftaught.events import RunForked, RunStarted
from selftaught.experiment import Experiment, parse
from selftaught.experiment_tables import stated_urls
from selftaught.lookup import unknown
from selftaught.running.resumption import forks_of
from selftaught.store import Journal
from selftaught.store.bundles.form import DERIVED, PROGRAM
from selftaught.store.bundles.importing import add_bundle, check_bundle
from selftaught.store.bundles.reader import Bundle, opened_bundle
from selftaught.store.bundles.writer import write_bundle
from selftaught.store.flat_files import write_jsonl, write_parquet
from selftaught.store.source import Prefix
from selftaught.store.whole_file import whole_file


class Format(StrEnum):
    """What a run can be exported as."""

    BUNDLE = "bundle"
    """Everything, to be imported elsewhere."""
    JSONL = "jsonl"
    """A table of the events, as JSON."""
    PARQUET = "parquet"
    """The same table in columns with types."""


_SUFFIXES = {".zip": Format.BUNDLE, ".jsonl": Format.JSONL, ".parquet": Format.PARQUET}


@dataclass(frozen=True, slots=True)
class Exported:
    """A run that was written to a file."""

    run: str
    file: str
    format: Format
    events: int
    head: str
    """The hash of the last event."""
    status: str
    """``unfinished``: the run may have gone on since."""
    servers: tuple[str, ...] = ()
    """The addresses of servers that the file tells of, other than those of providers."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A run that came from a bundle."""

    run: str
    """Its name in the journal."""
    added: bool
    """Whether the journal did not have it before."""
    events: int
    head: str
    """The hash of the last event."""
    status: str


def format_of(file: str, named: str | None) -> Format:
    """Returns the format of a file to be written.

    Args:
        file: Its path.
        named: The format's name; None: by the suffix of the path.

    Raises:
        UsageError: There is no such format, or none has such a suffix.
    """
    if named is not None:
        if named not in list(Format):
            raise unknown("format", named, Format, other="")
        return Format(named)
    suffix = PurePath(file).suffix.lower()
    if suffix not in _SUFFIXES:
        raise UsageError(
            f"expected a file that ends with {', '.join(_SUFFIXES)}, or a --format, not {file!r}"
        )
    return _SUFFIXES[suffix]


def export_run(journal: Journal, run: str, file: str, *, chosen: Format, replace: bool) -> Exported:
    """Writes a run to a file; the file is there as a whole or not at all.

    Raises:
        UsageError: There is such a file and it is not to be replaced; or the format cannot be had.
        HostError: The file cannot be written, or the journal cannot be read.
    """
    with whole_file(file, replace=replace) as written:
        match chosen:
            case Format.BUNDLE:
                manifest = write_bundle(journal, run, written, documents)
                facts = (manifest.events, manifest.head, manifest.status)
            case Format.JSONL:
                facts = write_jsonl(Prefix(journal, run), written)
            case Format.PARQUET:
                facts = write_parquet(Prefix(journal, run), written)
    return Exported(run, file, chosen, *facts, servers=_servers(journal, run))


def _servers(journal: Journal, run: str) -> tuple[str, ...]:
    begun = (journal.first(run), *forks_of(journal, run))
    tables = [cast("Mapping[str, object]", event.experiment.get("endpoint", {})) for event in begun]
    return tuple(dict.fromkeys(url for table in tables for url in stated_urls(table).values()))


def import_run(store: str, file: str, *, name: str | None) -> Imported:
    """Takes the run of a bundle into a journal; what the bundle holds is checked before.

    Args:
        store: File or URL of the journal; a new one is made after the check.
        file: Path of the bundle.
        name: Name of the run in the journal; None: the one that it has.

    Raises:
        UsageError: The file is no bundle, or there is another run of that name.
        StoreError: The bundle was changed or is damaged, or the journal cannot be written.
    """
    with opened_bundle(file) as bundle:
        run = Experiment(name=bundle.run if name is None else name).name or bundle.run
        check_bundle(bundle)
        _check_documents(bundle)
        with closing(Journal(store)) as journal:
            added = add_bundle(journal, bundle, run)
        manifest = bundle.manifest
        return Imported(run, added, manifest.events, manifest.head, manifest.status)


def _check_documents(bundle: Bundle) -> None:
    """Makes all documents again from the events, and compares them with those in the bundle."""
    for row in bundle.rows(kinds=(RunStarted, RunForked)):
        event = bundle.event(row)
        if isinstance(event, RunStarted | RunForked):
            parse(event.experiment, where=f"{bundle.name}: {row}")
    with attributed_to(StoreError, f"{bundle.name}: its events make no run"):
        made = documents(bundle)
    if bundle.manifest.made_by != f"selftaught {metadata.version('selftaught')}":
        return  # another version may tell more in its documents, or less
    programs = {name for name in bundle.files if PROGRAM.fullmatch(name)}
    for name in sorted({*made, *programs}):
        where = f"{bundle.name}: {name} does not follow from the events"
        with attributed_to(StoreError, where):
            found = bundle.content(name).decode() if name in bundle.files else ""
            same = (
                _agree(json.loads(made[name]), json.loads(found))
                if name in DERIVED
                else (made.get(name) == found)
            )
        if not same:
            raise StoreError(where)


def _agree(ours: object, theirs: object) -> bool:
    """Tells whether two documents say the same; the last digits depend on the machine."""
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-6, abs_tol=1e-6)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        mine = cast("Mapping[str, object]", ours)
        other = cast("Mapping[str, object]", theirs)
        return mine.keys() == other.keys() and all(_agree(mine[key], other[key]) for key in mine)
    if isinstance(ours, list) and isinstance(theirs, list):
        pairs = (cast("list[object]", ours), cast("list[object]", theirs))
        return len(pairs[0]) == len(pairs[1]) and all(map(_agree, *pairs))
    return ours == theirs
