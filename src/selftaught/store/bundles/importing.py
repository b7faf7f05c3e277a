"""Bundles taken into a journal: checked as a whole before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, zip_longest

from selftaught.errors import StoreError, UsageError, attributed_to
from selftaught.events import RunStarted
from selftaught.solution import Solution
from selftaught.store.bundles.form import EVENTS, MANIFEST, blob_name
from selftaught.store.bundles.past import Past
from selftaught.store.bundles.reader import Bundle
from selftaught.store.bundles.soundness import check_event
from selftaught.store.chain import BEGINNING, Row
from selftaught.store.journal import Journal
from selftaught.store.transfer import Piece
from selftaught.text import storable

_ROWS_AT_ONCE = 1000
_TEXTS_AT_ONCE = 50
"""Of at most `LARGEST_FILE` bytes each, and mostly of some thousand."""


def check_bundle(bundle: Bundle) -> None:
    """Makes sure that a bundle is what its manifest says, and that its run is a run.

    The files are those of the manifest, byte for byte; the chain holds; every row is an event; the
    texts are those that events refer to.

    Raises:
        StoreError: Something is not; the message names the file and the place in it.
    """
    _check_files(bundle)
    past = _checked_events(bundle)
    if needed := sorted((past.programs | past.texts).difference(bundle.digests)):
        raise StoreError(f"{bundle.name}: {blob_name(needed[0])} is missing")
    for digest, text in bundle.texts():
        where = f"{bundle.name}: {blob_name(digest)}"
        if digest not in past.programs and digest not in past.texts:
            raise StoreError(f"{where} belongs to no event")
        if text != storable(text):
            raise StoreError(f"{where} holds characters that no journal can hold")
        if digest in past.programs and Solution(text).text != text:
            raise StoreError(f"{where} is no program: it begins or ends with blank lines")
    _check_manifest(bundle, past)


def add_bundle(journal: Journal, bundle: Bundle, run: str) -> bool:
    """Adds the run of a bundle that was checked.

    Args:
        journal: Where to.
        bundle: Where from.
        run: Its name in the journal.

    Returns:
        Whether it was added; False: the journal has this very run under this name already.

    Raises:
        UsageError: It has another run of that name.
        StoreError: It cannot be written.
    """
    if journal.has(run):
        pairs = zip_longest(bundle.rows(), journal.rows(run))
        if all(ours == theirs for ours, theirs in pairs):
            return False
        raise UsageError(f"there is another run {run!r} already: give a new --name for this one")

    journal.add_in_pieces(run, lambda: _pieces(bundle), started=bundle.manifest.began)
    return True


def _pieces(bundle: Bundle) -> Iterator[Piece]:
    # Checked once more: the file may be written to while it is read.
    rows, texts = _linked_rows(bundle), bundle.texts()
    while some_rows := list(islice(rows, _ROWS_AT_ONCE)):
        yield Piece(some_rows, {})
    while some_texts := dict(islice(texts, _TEXTS_AT_ONCE)):
        yield Piece([], some_texts)


def _check_files(bundle: Bundle) -> None:
    named = bundle.manifest.files
    for name in sorted({*bundle.files, *named}):
        if name not in named:
            raise StoreError(f"{bundle.name}: {name} stands in no manifest")
        if bundle.file_digest(name) != named[name]:
            raise StoreError(f"{bundle.name}: {name} was changed: its hash is another")


def _linked_rows(bundle: Bundle) -> Iterator[Row]:
    """Yields the events of a bundle as far as their chain holds."""
    previous, number = BEGINNING, 0
    for row in bundle.rows():
        if row.number != number or row.hash != row.hash_after(previous):
            raise StoreError(
                f"{bundle.name}: {EVENTS}, line {number + 1}: {row} was changed, or the row before "
                "it was: the chain is broken"
            )
        yield row
        previous, number = row.hash, number + 1
    manifest = bundle.manifest
    if (number, previous) != (manifest.events, manifest.head):
        raise StoreError(
            f"{bundle.name}: {EVENTS} ends with event {number - 1} and hash {previous[:12]}, but "
            f"{MANIFEST} says event {manifest.events - 1} and {manifest.head[:12]}"
        )


def _checked_events(bundle: Bundle) -> Past:
    past = Past()
    keys: set[str] = set()
    for row in _linked_rows(bundle):
        with attributed_to(StoreError, f"{bundle.name}: {EVENTS}, line {row.number + 1}"):
            if (row.kind == RunStarted.__name__) != (row.number == 0):
                raise StoreError(f"{bundle.name}: {row} is not where a run begins")
            if row.key in keys:
                raise StoreError(f"{bundle.name}: {row} has the key of an earlier event")
            past.add(row)
            check_event(row)
        keys |= {row.key} if row.key else set()
    if past.is_empty:
        raise StoreError(f"{bundle.name}: {EVENTS} is empty")
    return past


def _check_manifest(bundle: Bundle, past: Past) -> None:
    said = bundle.manifest.model_dump(exclude={"made_by"})
    for name, value in past.manifest(bundle, bundle.manifest.files).model_dump().items():
        if name in said and said[name] != value:
            raise StoreError(f"{bundle.name}: {MANIFEST}: {name} does not follow from the events")
