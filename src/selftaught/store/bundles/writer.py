"""Bundles written: the same run gives the same bytes, however long it is and whoever writes it."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO

from selftaught.errors import StoreError, UsageError
from selftaught.store.bundles.form import (
    EVENTS,
    LARGEST_FILE,
    MANIFEST,
    MOST_ENTRIES,
    README,
    Manifest,
    blob_name,
    digest_of,
    readme,
)
from selftaught.store.bundles.lines import line_of
from selftaught.store.bundles.past import Past
from selftaught.store.chain import Row, breaks
from selftaught.store.journal import Journal
from selftaught.store.source import Prefix, Source

Derive = Callable[[Source], Mapping[str, str]]
"""Returns what follows from a run's events: texts, by their names in the bundle."""
_BEFORE_1980 = (1980, 1, 1, 0, 0, 0)
"""The earliest time of a ZIP archive: no entry says when it was written."""


def write_bundle(journal: Journal, run: str, file: BinaryIO, derive: Derive) -> Manifest:
    """Writes a run to a file; of a run that goes on meanwhile, what it has so far.

    Args:
        journal: Where the run is.
        run: Its name.
        file: Can be written and searched.
        derive: Makes the documents that follow from the events.

    Raises:
        UsageError: An older version began the run, without a chain.
        StoreError: The journal was damaged, or cannot be read.
    """
    with zipfile.ZipFile(file, "w") as archive:
        bundle = _Writing(archive)
        past = bundle.add_events(journal, run)
        bundle.add_texts(journal.texts(sorted(past.programs | past.texts)))
        source = Prefix(journal, run, past.last.number)
        bundle.add_document(README, readme(run, past.last.hash))
        for name, text in sorted(derive(source).items()):
            bundle.add_document(name, text)
        manifest = past.manifest(source, bundle.files)
        bundle.add_document(MANIFEST, manifest.model_dump_json(indent=2) + "\n")
    return manifest


class _Writing:
    """A bundle that is being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.files: dict[str, str] = {}

    def add_events(self, journal: Journal, run: str) -> Past:
        """Writes the events, one a line; they are checked on the way."""
        past, hashed = Past(), hashlib.sha256()
        head = journal.head(run)
        with self._archive.open(_entry(EVENTS), "w", force_zip64=True) as entry:

            def written(rows: Iterable[Row]) -> Iterator[Row]:
                for row in rows:
                    line = _limited(f"{line_of(row)}\n".encode(), str(row))
                    entry.write(line)
                    hashed.update(line)
                    past.add(row)
                    yield row

            problem = next(breaks(written(journal.rows(run))), None)
        self.files[EVENTS] = hashed.hexdigest()
        if past.is_empty:
            raise StoreError(f"the run {run} has no events")
        if not past.first.hash:
            raise UsageError(
                f"the run {run} has no chain that could be checked elsewhere: an older version of "
                "selftaught began it. It can be exported with --format jsonl"
            )
        if not problem and head and head not in past.ends:
            problem = f"its end, with the hash {head[:12]}, is missing"
        if problem:
            raise StoreError(f"the run {run} was damaged and cannot be exported: {problem}")
        return past

    def add_texts(self, texts: Iterable[tuple[str, str]]) -> None:
        """Writes texts, by digest."""
        for digest, text in texts:
            content = text.encode()
            if digest_of(content) != digest:
                raise StoreError(
                    f"the journal was damaged: the digest {digest[:12]} does not fit its text"
                )
            self._add(blob_name(digest), content)

    def add_document(self, name: str, text: str) -> None:
        """Writes a text that the manifest names with its hash."""
        content = text.encode()
        self.files[name] = digest_of(content)
        self._add(name, content)

    def _add(self, name: str, content: bytes) -> None:
        if len(self._archive.filelist) >= MOST_ENTRIES:
            raise StoreError(f"the run has more than {MOST_ENTRIES} texts: no bundle holds that")
        self._archive.writestr(_entry(name), _limited(content, name))


def _limited(content: bytes, name: str) -> bytes:
    if len(content) > LARGEST_FILE:
        raise StoreError(f"{name} has more than {LARGEST_FILE} bytes: no bundle holds that")
    return content


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _BEFORE_1980)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix: the next field holds its permissions
    entry.external_attr = 0o100644 << 16
    return entry
