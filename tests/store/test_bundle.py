"""Bundles: what is in them, what comes back, and what is refused."""

from __future__ import annotations

import hashlib
import json
import resource
import sqlite3
import stat
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import selftaught
from selftaught.analysis.documents import documents
from selftaught.analysis.summary_json import as_json
from selftaught.errors import HostError, StoreError, UsageError
from selftaught.events import RunEnded
from selftaught.store import Journal, Row
from selftaught.store.bundles.lines import line_of, row_of
from selftaught.store.bundles.writer import write_bundle
from selftaught.store.source import Source

Entries = dict[str, bytes]


@pytest.fixture
def bundle(journal: Journal, tmp_path: Path) -> Path:
    path = tmp_path / "first.zip"
    selftaught.export_run("first", path, store=journal.name)
    return path


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    return str(tmp_path / "elsewhere.db")


def entries_of(path: Path) -> Entries:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, entries: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def with_manifest(entries: Entries, **changes: object) -> Entries:
    """Returns entries whose manifest is right about all files; for forgers."""
    manifest = json.loads(entries["manifest.json"])
    named = [name for name in entries if not name.startswith("blobs/") and name != "manifest.json"]
    manifest["files"] = {name: hashlib.sha256(entries[name]).hexdigest() for name in named}
    return {**entries, "manifest.json": json.dumps(manifest | changes).encode()}


def rows_in(entries: Entries) -> list[Row]:
    return [Row(**json.loads(line)) for line in entries["events.jsonl"].splitlines()]


def forged(entries: Entries, rows: list[Row]) -> Entries:
    """Returns entries with other rows, whose chain holds, and a manifest that fits."""
    linked: list[Row] = []
    for number, row in enumerate(rows):
        previous = linked[-1].hash if linked else ""
        linked.append(replace(row, number=number).linked(previous))
    lines = "".join(line_of(row) + "\n" for row in linked)
    changed = {**entries, "events.jsonl": lines.encode()}
    return with_manifest(changed, head=linked[-1].hash, events=len(linked))


def contents(store: str, run: str) -> tuple[list[Row], dict[str, str]]:
    with closing(Journal(store)) as journal:
        rows = list(journal.rows(run))
        for row in rows:
            journal.event(row)
        return rows, as_json(selftaught.show(run, store=store))


def refused(path: Path, store: str) -> str:
    """Imports in vain, and returns why it is in vain."""
    before = Path(store).read_bytes() if Path(store).exists() else None

    with pytest.raises((StoreError, UsageError)) as caught:
        selftaught.import_run(path, store=store)

    after = Path(store).read_bytes() if Path(store).exists() else None
    assert before == after
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_run_comes_back_as_it_was(bundle: Path, own_store: str, elsewhere: str) -> None:
    imported = selftaught.import_run(bundle, store=elsewhere)

    assert contents(elsewhere, "first") == contents(own_store, "first")
    assert imported.added
    assert imported.events == 17
    assert imported.head == contents(own_store, "first")[0][-1].hash
    with closing(Journal(own_store)) as ours, closing(Journal(elsewhere)) as theirs:
        assert ours.head("first") == theirs.head("first")
        assert theirs.runs()[0].status == "done"


def test_a_bundle_of_an_imported_run_is_the_same(
    bundle: Path, elsewhere: str, tmp_path: Path
) -> None:
    selftaught.import_run(bundle, store=elsewhere)

    selftaught.export_run("first", tmp_path / "again.zip", store=elsewhere)

    assert (tmp_path / "again.zip").read_bytes() == bundle.read_bytes()


def test_a_bundle_says_what_show_says(bundle: Path) -> None:
    entries = entries_of(bundle)

    assert json.loads(entries["summary.json"]) == json.loads(
        json.dumps(as_json(selftaught.show("first")))
    )
    manifest = json.loads(entries["manifest.json"])
    assert (manifest["run"], manifest["status"], manifest["events"]) == ("first", "done", 17)
    assert json.loads(entries["ledger.json"])["samples"] == 2
    assert [each["event"] for each in json.loads(entries["decisions.json"])] == [
        "GenerationEnded",
        "GenerationEnded",
        "ChampionTested",
        "ApplicationEnded",
    ]
    programs = [content for name, content in entries.items() if name.startswith("programs/")]
    assert len(programs) == 3
    assert all(content.decode().startswith("def ") for content in programs)


def test_texts_are_files_with_their_hashes_for_names(bundle: Path) -> None:
    blobs = {n: text for n, text in entries_of(bundle).items() if n.startswith("blobs/")}

    assert len(blobs) == 7
    for name, text in blobs.items():
        assert name == f"blobs/{hashlib.sha256(text).hexdigest()}"


def test_a_bundle_does_not_say_where_the_journal_is(bundle: Path, own_store: str) -> None:
    everything = b"".join(entries_of(bundle).values())

    assert own_store.encode() not in everything
    assert b"/home/somebody" not in everything


def test_an_unfinished_run_can_be_taken_along_and_gone_on_with(
    journal: Journal, tmp_path: Path, elsewhere: str
) -> None:
    exported = selftaught.export_run("unfinished", tmp_path / "u.zip", store=journal.name)

    imported = selftaught.import_run(tmp_path / "u.zip", store=elsewhere)

    assert exported.status == imported.status == "unfinished"
    with closing(Journal(elsewhere)) as theirs, closing(theirs.resume("unfinished")) as writer:
        writer.append(RunEnded("done", "", {}, None))
        assert theirs.runs()[0].status == "done"


def test_a_run_that_is_being_written_gives_what_it_has_so_far(
    journal: Journal, tmp_path: Path, elsewhere: str
) -> None:
    path = tmp_path / "u.zip"
    with closing(journal.resume("unfinished")) as writer, path.open("wb") as file:

        def go_on_and_derive(source: Source) -> Mapping[str, str]:
            writer.append(RunEnded("done", "", {}, None))
            return documents(source)

        manifest = write_bundle(journal, "unfinished", file, go_on_and_derive)

    assert (manifest.events, manifest.status) == (5, "unfinished")
    assert len(list(journal.rows("unfinished"))) == 6
    assert selftaught.import_run(path, store=elsewhere).events == 5


def test_the_same_run_is_not_added_twice(bundle: Path, elsewhere: str) -> None:
    first = selftaught.import_run(bundle, store=elsewhere)

    second = selftaught.import_run(bundle, store=elsewhere)

    assert second == replace(first, added=False)
    assert len(selftaught.runs(elsewhere)) == 1


def test_another_run_of_the_same_name_needs_a_new_name(
    journal: Journal, bundle: Path, tmp_path: Path, elsewhere: str
) -> None:
    selftaught.export_run("unfinished", tmp_path / "u.zip", store=journal.name)
    selftaught.import_run(tmp_path / "u.zip", name="first", store=elsewhere)

    assert "another run 'first' already: give a new --name" in refused(bundle, elsewhere)
    renamed = selftaught.import_run(bundle, name="second", store=elsewhere)

    assert renamed.run == "second"
    assert selftaught.show("second", store=elsewhere).run == "second"
    assert {record.run for record in selftaught.runs(elsewhere)} == {"first", "second"}


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x", "x" * 101])
def test_a_name_that_no_run_can_have_is_refused(bundle: Path, elsewhere: str, name: str) -> None:
    with pytest.raises(UsageError, match="name: expected letters, digits"):
        selftaught.import_run(bundle, name=name, store=elsewhere)


@pytest.mark.parametrize(
    "name", ["events.jsonl", "summary.json", "README.txt", "decisions.json", "manifest.json"]
)
def test_a_changed_file_is_named(bundle: Path, elsewhere: str, name: str) -> None:
    entries = entries_of(bundle)
    entries[name] = entries[name].replace(b"e", b"a", 1)
    write(bundle, entries)

    assert name in refused(bundle, elsewhere)


def test_a_changed_text_is_named(bundle: Path, elsewhere: str) -> None:
    entries = entries_of(bundle)
    name = next(name for name in entries if name.startswith("blobs/"))
    entries[name] += b" "
    write(bundle, entries)

    assert f"{name} was changed" in refused(bundle, elsewhere)


def test_a_missing_text_is_named(bundle: Path, elsewhere: str) -> None:
    entries = entries_of(bundle)
    name = next(name for name in entries if name.startswith("blobs/"))
    del entries[name]
    write(bundle, entries)

    assert f"{name} is missing" in refused(bundle, elsewhere)


def test_a_text_of_no_event_is_refused(bundle: Path, elsewhere: str) -> None:
    name = f"blobs/{hashlib.sha256(b'more').hexdigest()}"
    write(bundle, entries_of(bundle) | {name: b"more"})

    assert f"{name} belongs to no event" in refused(bundle, elsewhere)


def test_a_changed_event_is_named(bundle: Path, elsewhere: str) -> None:
    entries = entries_of(bundle)
    entries["events.jsonl"] = entries["events.jsonl"].replace(b'score\\":0.5', b'score\\":0.9', 1)
    write(bundle, with_manifest(entries))

    message = refused(bundle, elsewhere)

    assert "line 3: event 2 (SeedSolutionScored) was changed" in message


def test_events_cut_off_at_the_end_are_missed(bundle: Path, elsewhere: str) -> None:
    entries = entries_of(bundle)
    lines = entries["events.jsonl"].splitlines(keepends=True)
    entries["events.jsonl"] = b"".join(lines[:-1])
    write(bundle, with_manifest(entries))

    assert "ends with event 15 and hash" in refused(bundle, elsewhere)


def test_a_summary_that_does_not_follow_is_named(bundle: Path, elsewhere: str) -> None:
    entries = entries_of(bundle)
    entries["summary.json"] = entries["summary.json"].replace(b"0.375", b"0.975")
    write(bundle, with_manifest(entries))

    assert "summary.json does not follow from the events" in refused(bundle, elsewhere)


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", "failed"), ("began", 1.0), ("versions", {"python": "2"}), ("texts", 3)],
)
def test_a_manifest_that_does_not_follow_is_named(
    bundle: Path, elsewhere: str, name: str, value: object
) -> None:
    write(bundle, with_manifest(entries_of(bundle), **{name: value}))

    assert f"manifest.json: {name} does not follow" in refused(bundle, elsewhere)


def test_a_bundle_of_a_later_format_says_so(bundle: Path, elsewhere: str) -> None:
    write(bundle, with_manifest(entries_of(bundle), format=2))

    assert "is a bundle of format 2; this version of selftaught reads" in refused(bundle, elsewhere)


def test_the_documents_of_another_version_are_left_alone(bundle: Path, elsewhere: str) -> None:
    entries = entries_of(bundle)
    entries["summary.json"] = b'{"told": "in other words"}'
    write(bundle, with_manifest(entries, made_by="selftaught 99.0"))

    assert selftaught.import_run(bundle, store=elsewhere).added


BODIES: dict[str, tuple[int, str, str]] = {
    "no JSON": (16, "{", "cannot be read"),
    "deep": (16, "[" * 100_000, "nested too deeply"),
    "rather deep": (10, '{"spent":' * 100 + "1" + "}" * 100, "nested too deeply"),
    "a list": (16, "[]", "cannot be read"),
    "a wrong type": (
        16,
        '{"status":5,"reason":"","result_hash":null,"spent":{}}',
        "cannot be read: RunEnded: expected str, not 5",
    ),
    "a missing field": (16, '{"status":"done"}', "cannot be read"),
    "a huge number": (
        2,
        '{"task":"lpn","instances":[1' + "0" * 5000 + '],"score":0.5}',
        "cannot be read",
    ),
    "no digest": (16, '{"reason":{"$text":"../../x"}}', "which is no digest"),
    "no experiment": (
        0,
        '{"run":"first","experiment":{"tasks":5},"versions":{"python":"3.11"},"sandbox":"full","parts":{}}',
        "tasks: expected a list",
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_forged_event_is_refused_though_its_chain_holds(
    bundle: Path, elsewhere: str, name: str
) -> None:
    number, body, expected = BODIES[name]
    entries = entries_of(bundle)
    rows = rows_in(entries)
    rows[number] = replace(rows[number], body=body)
    write(bundle, forged(entries, rows))

    assert expected in refused(bundle, elsewhere)


ROWS: dict[str, tuple[Callable[[list[Row]], list[Row]], str]] = {
    "no beginning": (lambda rows: rows[1:], "is not where a run begins"),
    "two beginnings": (lambda rows: [rows[0], *rows], "is not where a run begins"),
    "an effect twice": (lambda rows: [*rows[:4], *rows[3:]], "has the key of an earlier event"),
    "an unknown kind": (
        lambda rows: [*rows[:-1], replace(rows[-1], kind="Invented")],
        "is of a kind that this version of selftaught does not know",
    ),
    "another place": (
        lambda rows: [*rows[:5], replace(rows[5], place="t7"), *rows[6:]],
        "tells of another place",
    ),
    "a NUL": (lambda rows: [*rows[:-1], replace(rows[-1], place="\0")], "place holds characters"),
}


@pytest.mark.parametrize("name", ROWS)
def test_forged_rows_are_refused_though_their_chain_holds(
    bundle: Path, elsewhere: str, name: str
) -> None:
    change, expected = ROWS[name]
    entries = entries_of(bundle)
    write(bundle, forged(entries, change(rows_in(entries))))

    assert expected in refused(bundle, elsewhere)


LINES: dict[str, bytes] = {
    "empty": b"\n",
    "no object": b"5\n",
    "no JSON": b"{\n",
    "deep": b"[" * 100_000 + b"\n",
    "no UTF-8": b'{"number":"\xff"}\n',
    "no end": b"{}",
    "other columns": b'{"number":0}\n',
    "a boolean": b'{"number":false,"time":1.0,"kind":"","place":"","key":null,"question":null,'
    b'"body":"","hash":""}\n',
    "half a character": b'{"number":0,"time":1.0,"kind":"\\ud800","place":"","key":null,'
    b'"question":null,"body":"","hash":""}\n',
    "spaces": b'{"number": 0,"time":1.0,"kind":"","place":"","key":null,"question":null,'
    b'"body":"","hash":""}\n',
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_that_is_no_event_is_named(bundle: Path, elsewhere: str, name: str) -> None:
    entries = entries_of(bundle)
    entries["events.jsonl"] += LINES[name]
    write(bundle, with_manifest(entries))

    assert "events.jsonl, line 18" in refused(bundle, elsewhere)


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/passwd",
        "blobs/../x",
        "blobs/" + "A" * 64,
        "programs/x.py",
        "a\\b",
        "blobs/",
    ],
)
def test_a_name_that_no_bundle_has_is_refused(bundle: Path, elsewhere: str, name: str) -> None:
    write(bundle, entries_of(bundle) | {name: b"x"})

    assert "is no file of a bundle" in refused(bundle, elsewhere)


def test_a_name_that_is_there_twice_is_refused(bundle: Path, elsewhere: str) -> None:
    with zipfile.ZipFile(bundle, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("summary.json", "{}")

    assert "'summary.json' is there twice" in refused(bundle, elsewhere)


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO])
def test_what_is_no_file_is_refused(bundle: Path, elsewhere: str, mode: int) -> None:
    entries = entries_of(bundle)
    link = zipfile.ZipInfo("summary.json")
    link.external_attr = (mode | 0o777) << 16
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, content in entries.items():
            archive.writestr(link if name == "summary.json" else name, content)

    assert "'summary.json' is a link, or no file" in refused(bundle, elsewhere)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_compression_are_refused(bundle: Path, elsewhere: str, method: int) -> None:
    entries = entries_of(bundle)
    with zipfile.ZipFile(bundle, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)

    assert "is compressed in a way that bundles are not" in refused(bundle, elsewhere)


def test_an_encrypted_bundle_is_refused(bundle: Path, elsewhere: str) -> None:
    content = bytearray(bundle.read_bytes())
    first = content.index(b"PK\1\2")
    content[first + 8] |= 1
    bundle.write_bytes(content)

    assert "is encrypted" in refused(bundle, elsewhere)


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 1000, b"PK\5\6" + b"\0" * 18])
def test_what_is_no_bundle_is_refused(tmp_path: Path, elsewhere: str, content: bytes) -> None:
    path = tmp_path / "no.zip"
    path.write_bytes(content)

    assert f"{path} is no bundle" in refused(path, elsewhere)


def test_what_is_no_file_cannot_be_imported(tmp_path: Path, elsewhere: str) -> None:
    assert "there is no file" in refused(tmp_path, elsewhere)
    assert "there is no file" in refused(tmp_path / "nothing.zip", elsewhere)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_part_of_a_bundle_is_refused(bundle: Path, elsewhere: str, share: float) -> None:
    content = bundle.read_bytes()
    bundle.write_bytes(content[: int(share * len(content))])

    assert "is no bundle, or not all of it" in refused(bundle, elsewhere)


def test_a_directory_that_claims_millions_of_files_is_not_read(
    bundle: Path, elsewhere: str
) -> None:
    content = bundle.read_bytes()
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 10**7, 10**7, 10**9, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(content) - 22, 1)
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    bundle.write_bytes(content[:-22] + end + locator + last)

    assert "says that it holds 10000000 files" in refused(bundle, elsewhere)


def test_bombs_are_not_unpacked(bundle: Path, elsewhere: str) -> None:
    entries = entries_of(bundle)
    zeros = bytes(65 * 2**20)
    write(bundle, entries | {"summary.json": zeros})

    assert "'summary.json' has 68157440 bytes" in refused(bundle, elsewhere)


def test_many_bombs_are_not_unpacked(bundle: Path, elsewhere: str) -> None:
    zeros = bytes(30 * 2**20)
    many = {f"blobs/{number:064x}": zeros for number in range(10)}
    write(bundle, entries_of(bundle) | many)

    tracemalloc.start()
    message = refused(bundle, elsewhere)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "no bundle is made like that" in message
    assert most < 2**24


def test_a_line_without_end_does_not_fill_the_memory(bundle: Path, elsewhere: str) -> None:
    entries = entries_of(bundle)
    entries["events.jsonl"] = b"[" * (70 * 2**20)
    write(bundle, with_manifest(entries))

    assert "line 1 has no end, or more than" in refused(bundle, elsewhere)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_changed_byte_is_named_or_changes_nothing(
    bundle: Path, own_store: str, where: float, bit: int
) -> None:
    changed = bytearray(bundle.read_bytes())
    changed[int(where * len(changed))] ^= 1 << bit
    path, store = bundle.with_name("changed.zip"), bundle.with_name("changed.db")
    path.write_bytes(changed)

    try:
        selftaught.import_run(path, store=str(store))
    except (StoreError, UsageError) as error:
        message = str(error)
    else:
        message = ""

    assert store.exists() is (not message)
    if message:
        assert str(path) in message
    else:
        assert contents(str(store), "first") == contents(own_store, "first")
        store.unlink()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), at=st.floats(0, 1))
def test_no_change_brings_anything_but_our_errors(
    bundle: Path, own_store: str, content: bytes, at: float
) -> None:
    entries = entries_of(bundle)
    events = entries["events.jsonl"]
    start = int(at * len(events))
    entries["events.jsonl"] = events[:start] + content + events[start + len(content) :]
    path, store = bundle.with_name("changed.zip"), bundle.with_name("changed.db")
    write(path, with_manifest(entries))

    try:
        selftaught.import_run(path, store=str(store))
    except (StoreError, UsageError):
        assert not store.exists()
    else:
        assert contents(str(store), "first") == contents(own_store, "first")
        store.unlink()


def damaged(own_store: str, statement: str) -> None:
    with closing(sqlite3.connect(own_store)) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE events SET body = '{}' WHERE run = 'first' AND number = 3", "event 3"),
        ("DELETE FROM events WHERE run = 'first' AND number = 3", "expected event 3"),
        ("DELETE FROM events WHERE run = 'first' AND number = 16", "its end, with the hash"),
        ("DELETE FROM blobs", "has lost the text"),
        ("UPDATE blobs SET text = text || ' '", "does not fit its text"),
    ],
)
def test_a_damaged_run_is_not_exported(
    journal: Journal, tmp_path: Path, statement: str, expected: str
) -> None:
    damaged(journal.name, statement)

    with pytest.raises(StoreError, match=expected):
        selftaught.export_run("first", tmp_path / "first.zip")

    assert not list(tmp_path.glob("*first.zip*"))


def test_a_run_without_a_chain_is_the_users_error(journal: Journal, tmp_path: Path) -> None:
    damaged(journal.name, "UPDATE events SET hash = '' WHERE run = 'first'")

    with pytest.raises(UsageError, match="an older version of selftaught began it"):
        selftaught.export_run("first", tmp_path / "first.zip")
    assert selftaught.export_run("first", tmp_path / "first.jsonl").events == 17


def test_a_full_disk_leaves_no_file(journal: Journal, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(HostError, match=r"cannot write .*first\.zip: File too large"):
            selftaught.export_run("first", tmp_path / "first.zip", store=journal.name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert not list(tmp_path.glob("*first.zip*"))


def test_rows_are_written_and_read_exactly(rows_of_first: list[Row]) -> None:
    assert [row_of(line_of(row)) for row in rows_of_first] == rows_of_first
    assert all(json.loads(line_of(row)) == asdict(row) for row in rows_of_first)
