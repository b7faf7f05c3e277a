"""Bundles read, from whoever may have made them: nothing is believed before it is checked."""

from __future__ import annotations

import hashlib
import io
import stat
import struct
import zipfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from selftaught.errors import StoreError, UsageError, attributed_to, shown
from selftaught.events import Event
from selftaught.store.bundles.form import (
    BLOB,
    EVENTS,
    FORMAT,
    LARGEST_BUNDLE,
    LARGEST_FILE,
    LARGEST_MANIFEST,
    MANIFEST,
    MOST_ENTRIES,
    PROGRAM,
    REQUIRED,
    Manifest,
    blob_name,
    digest_of,
)
from selftaught.store.bundles.lines import row_of
from selftaught.store.chain import Row
from selftaught.store.codec import decode

_END = struct.Struct("<4s4H2LH")
"""The end of a ZIP archive: its directory's entries, bytes and position, and a comment's length."""
_LARGEST_DIRECTORY = 64 * 2**20
_SMALL_BUNDLE = 256 * 2**20
"""Bytes, before compression, up to which a bundle may be compressed as well as can be."""
_HIGHEST_RATIO = 200
"""Of larger ones; programs and prompts are compressed by 3 to 20."""
_ENCRYPTED = 0x1


class Bundle:
    """A bundle that is open. Every reading checks what it reads.

    Args:
        archive: The ZIP archive.
        name: What messages call it.
    """

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self.name = name
        self._entries = self._checked_entries()
        self.manifest = self._manifest()

    @property
    def run(self) -> str:
        """The name of the run."""
        return self.manifest.run

    @property
    def files(self) -> list[str]:
        """The names of all files but the manifest and the texts."""
        return [each for each in self._entries if each != MANIFEST and not BLOB.fullmatch(each)]

    @property
    def digests(self) -> list[str]:
        """The digests that texts are filed under, sorted."""
        found = (BLOB.fullmatch(each) for each in sorted(self._entries))
        return [match[1] for match in found if match]

    def rows(self, *, kinds: tuple[type[Event], ...] = ()) -> Iterator[Row]:
        """Yields the events as they are written; of the kinds that are named, else all.

        Raises:
            StoreError: A line is no event's.
        """
        names = {kind.__name__ for kind in kinds}
        with self._opened(EVENTS) as entry:
            number = 0
            while line := entry.readline(LARGEST_FILE + 1):
                row = self._row(line, number)
                number += 1
                if not names or row.kind in names:
                    yield row

    def event(self, row: Row) -> Event:
        """Returns the event in a row.

        Raises:
            StoreError: It cannot be read.
        """
        return decode(row.kind, row.body, self.text)

    def text(self, digest: str) -> str:
        """Returns the text of a digest.

        Raises:
            StoreError: There is none, or it has another digest.
        """
        content = self.content(blob_name(digest))
        if digest_of(content) != digest:
            raise StoreError(f"{self.name}: {blob_name(digest)} was changed: its hash is another")
        return _decoded(content, f"{self.name}: {blob_name(digest)}")

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yields all texts with their digests, in order.

        Raises:
            StoreError: A text has another digest.
        """
        for digest in self.digests:
            yield digest, self.text(digest)

    def content(self, name: str) -> bytes:
        """Returns the bytes of a file.

        Raises:
            StoreError: There is no such file, or it cannot be read.
        """
        with self._opened(name) as entry:
            return entry.read(LARGEST_FILE)

    def file_digest(self, name: str) -> str:
        """Returns the SHA-256 of a file of any size, in hexadecimal.

        Raises:
            StoreError: There is no such file, or it cannot be read.
        """
        with self._opened(name) as entry:
            return hashlib.file_digest(entry, "sha256").hexdigest()

    @contextmanager
    def _opened(self, name: str) -> Generator[io.BufferedReader]:
        if name not in self._entries:
            raise StoreError(f"{self.name}: {name} is missing")
        where = f"{self.name}: {name} cannot be read"
        with attributed_to(StoreError, where), self._archive.open(self._entries[name]) as entry:
            yield io.BufferedReader(entry, 2**16)  # pyright: ignore[reportArgumentType] - it has what a raw stream needs

    def _row(self, line: bytes, number: int) -> Row:
        where = f"{self.name}: {EVENTS}, line {number + 1}"
        if not line.endswith(b"\n"):
            raise StoreError(f"{where} has no end, or more than {LARGEST_FILE} bytes")
        try:
            return row_of(_decoded(line[:-1], where))
        except ValueError as error:
            raise StoreError(f"{where} is no event: {error}") from error

    def _manifest(self) -> Manifest:
        where = f"{self.name}: {MANIFEST}"
        if self._entries[MANIFEST].file_size > LARGEST_MANIFEST:
            raise StoreError(f"{where} has more than {LARGEST_MANIFEST} bytes")
        content = self.content(MANIFEST)
        try:
            return Manifest.model_validate_json(content)
        except ValidationError as error:
            problem = error.errors()[0]
            field = ".".join(str(part) for part in problem["loc"])
            raise StoreError(f"{where} is none: {field}: {problem['msg']}") from error

    def _checked_entries(self) -> Mapping[str, zipfile.ZipInfo]:
        entries: dict[str, zipfile.ZipInfo] = {}
        for entry in self._archive.infolist():
            if problem := _problem(entry, entries):
                raise StoreError(f"{self.name}: {shown(entry.filename)} {problem}")
            entries[entry.filename] = entry
        if missing := [name for name in REQUIRED if name not in entries]:
            raise StoreError(f"{self.name} is no bundle: it has no {', no '.join(missing)}")
        full = sum(entry.file_size for entry in entries.values())
        packed = sum(entry.compress_size for entry in entries.values())
        if full > LARGEST_BUNDLE or full > max(_SMALL_BUNDLE, _HIGHEST_RATIO * packed):
            raise StoreError(
                f"{self.name} would have {full} bytes of {packed}: no bundle is made like that"
            )
        return entries


@contextmanager
def opened_bundle(path: str) -> Generator[Bundle]:
    """Opens a bundle for the block.

    Raises:
        UsageError: There is no such file, or it is no bundle that this version reads.
        StoreError: It is damaged, or made to do damage.
    """
    if not Path(path).is_file():
        raise UsageError(f"there is no file {path}: expected a bundle, as selftaught export writes")
    with ExitStack() as stack:
        with attributed_to(StoreError, f"{path} cannot be read"):
            file = stack.enter_context(Path(path).open("rb"))
            _check_size(file, path)
            bundle = Bundle(stack.enter_context(zipfile.ZipFile(file)), path)
        if bundle.manifest.format != FORMAT:
            raise UsageError(
                f"{path} is a bundle of format {bundle.manifest.format}; this version of "
                f"selftaught reads format {FORMAT}: install one that reads the other"
            )
        yield bundle


def _check_size(file: BinaryIO, path: str) -> None:
    """Looks at the end of an archive, before its whole directory is read into memory."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END.size))
    end = file.read(_END.size)
    if len(end) < _END.size or not end.startswith(b"PK\5\6") or end[-2:] != b"\0\0":
        raise UsageError(f"{path} is no bundle, or not all of it: it does not end as ZIP files do")
    _, _, _, _, entries, length, position, _ = _END.unpack(end)
    if entries == 0xFFFF or 0xFFFF_FFFF in (length, position):
        entries, length = _large_end(file, size, path)
    if entries > MOST_ENTRIES or length > _LARGEST_DIRECTORY:
        raise StoreError(f"{path} says that it holds {entries} files: no bundle holds that many")


def _large_end(file: BinaryIO, size: int, path: str) -> tuple[int, int]:
    """Returns entries and bytes of the directory of an archive that is large (ZIP64)."""
    record = struct.Struct("<4sQ2H2L4Q")
    file.seek(max(0, size - _END.size - 20 - record.size))
    found = file.read(record.size)
    if len(found) < record.size or not found.startswith(b"PK\6\6"):
        raise StoreError(f"{path} is damaged: the end of its directory is missing")
    fields = record.unpack(found)
    return fields[7], fields[8]


def _problem(entry: zipfile.ZipInfo, before: Mapping[str, zipfile.ZipInfo]) -> str | None:
    """Returns what is wrong with an entry, in words; None: nothing."""
    name, mode = entry.filename, entry.external_attr >> 16
    if name not in REQUIRED and not BLOB.fullmatch(name) and not PROGRAM.fullmatch(name):
        return "is no file of a bundle"
    found: str | None = None
    if name in before:
        found = "is there twice"
    elif entry.flag_bits & _ENCRYPTED:
        found = "is encrypted"
    elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        found = "is compressed in a way that bundles are not"
    elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        found = "is a link, or no file"
    elif entry.file_size > (LARGEST_BUNDLE if name == EVENTS else LARGEST_FILE):
        found = f"has {entry.file_size} bytes: no bundle holds that"
    return found


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise StoreError(f"{where} is no text in UTF-8: {error}") from error
