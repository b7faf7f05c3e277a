"""Events survive the way through JSON and texts."""

from __future__ import annotations

import dataclasses
import json
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from selftaught import events
from selftaught.calls import CallBegan, CallCutShort
from selftaught.errors import StoreError
from selftaught.events import (
    ApplicationEnded,
    Attempted,
    ChampionTested,
    Diverged,
    Event,
    GenerationEnded,
    PhaseStarted,
    Refused,
    ReplyReceived,
    RunEnded,
    RunForked,
    RunResumed,
    RunStarted,
    SeedSolutionScored,
    SessionEnded,
    SessionScored,
    SolutionScored,
)
from selftaught.place import Place
from selftaught.solution import Solution
from selftaught.store.codec import decode, encode

any_text = st.text(st.characters(), max_size=20) | st.text("ab\n", max_size=5).map(
    lambda t: t * 100
)
texts = st.text(max_size=20).filter(lambda t: "\0" not in t) | st.sampled_from(
    [
        "x" * 200,
        "x" * 201,
        "é☃" * 500,
        "{}",
        '{"$text":"a"}',
        "$text",
        "$program",
        "$",
        "$$",
        "\u2028",
        "a/b",
    ]
)
parts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1)
places = st.lists(parts, max_size=4).map(lambda path: Place(tuple(path)))
floats = st.floats(allow_nan=False)
scores = st.lists(floats, max_size=4).map(tuple)
counts = st.integers(0, 2**53)
solutions = st.builds(Solution, texts)
plain = st.recursive(
    st.none() | st.booleans() | counts | floats | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)

KINDS: dict[type, st.SearchStrategy[Event]] = {
    RunStarted: st.builds(
        RunStarted,
        run=texts,
        experiment=st.dictionaries(texts, plain, max_size=3),
        versions=st.dictionaries(texts, texts, max_size=3),
        sandbox=texts,
        parts=st.dictionaries(texts, plain | solutions | st.lists(solutions), max_size=3),
    ),
    RunResumed: st.builds(
        RunResumed,
        run=texts,
        versions=st.dictionaries(texts, texts, max_size=3),
        sandbox=texts,
        spent=st.dictionaries(texts, floats | counts, max_size=3),
    ),
    RunForked: st.builds(
        RunForked,
        run=texts,
        origin=texts,
        t=counts,
        head=texts,
        experiment=st.dictionaries(texts, plain, max_size=3),
    ),
    Diverged: st.builds(Diverged, places, solutions, counts),
    PhaseStarted: st.builds(PhaseStarted, places, texts, st.none() | counts),
    CallBegan: st.builds(CallBegan, places, texts, counts, floats, floats),
    CallCutShort: st.builds(CallCutShort, places, texts, counts),
    ReplyReceived: st.builds(
        ReplyReceived,
        place=places,
        model=texts,
        expertise=texts,
        message=texts,
        temperature=floats,
        stream=texts,
        index=counts,
        reply=texts,
        finish=texts,
        tokens=st.none() | counts,
        dollars=st.none() | floats,
        solution=st.none() | texts,
        call=texts,
    ),
    SeedSolutionScored: st.builds(SeedSolutionScored, texts, floats, scores),
    SolutionScored: st.builds(
        SolutionScored,
        places,
        solutions,
        floats,
        scores,
        st.dictionaries(texts, counts),
        texts,
        floats,
        counts,
        texts,
        st.lists(texts, max_size=3).map(tuple),
    ),
    Refused: st.builds(Refused, places, texts, texts, texts),
    Attempted: st.builds(Attempted, places, solutions, texts),
    SessionEnded: st.builds(
        SessionEnded, places, solutions, st.none() | solutions, texts, texts, texts, floats
    ),
    SessionScored: st.builds(SessionScored, places, solutions, texts, texts, counts, floats),
    GenerationEnded: st.builds(
        GenerationEnded,
        t=counts,
        improver=solutions,
        challenger=st.none() | solutions,
        accepted=st.booleans(),
        reason=texts,
        search=st.none() | scores,
        gate=st.none() | scores,
        incumbent_gate=st.none() | scores,
        test=st.none() | scores,
    ),
    ChampionTested: st.builds(ChampionTested, solutions, scores, scores),
    ApplicationEnded: st.builds(
        ApplicationEnded,
        texts,
        solutions,
        solutions,
        texts,
        texts,
        st.none() | scores,
        st.none() | scores,
    ),
    RunEnded: st.builds(RunEnded, texts, texts, st.dictionaries(texts, floats), st.none() | texts),
}
HOSTILE = "\ud800 \0 \udfff é☃"


def round_trip(event: Event) -> Event:
    encoded = encode(event)
    stored = {digest: text.encode().decode() for digest, text in encoded.blobs.items()}
    return decode(encoded.kind, encoded.body.encode().decode(), stored.__getitem__)


def test_every_kind_of_event_is_tried() -> None:
    assert set(KINDS) == set(get_args(events.Event))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(st.data())
def test_an_event_comes_back_as_it_was(kind: type, data: st.DataObject) -> None:
    event = data.draw(KINDS[kind])

    assert round_trip(event) == event


@pytest.mark.parametrize("place", [Place(), Place(("t1",)), Place(("t1", "é☃", "0"))], ids=str)
def test_a_place_comes_back(place: Place) -> None:
    assert round_trip(PhaseStarted(place, "gate", 8)) == PhaseStarted(place, "gate", 8)


@given(any_text, any_text, st.lists(any_text, max_size=3))
@example(HOSTILE, HOSTILE * 100, [HOSTILE])
def test_what_no_database_takes_is_replaced_and_the_rest_comes_back(
    short: str, long: str, path: list[str]
) -> None:
    place = Place(tuple(part.replace("/", "_") or "_" for part in path))
    event = SolutionScored(place, Solution(long), 0.5, (0.5,), {short: 1}, long, 0.1)

    once = round_trip(event)

    assert round_trip(once) == once
    assert isinstance(once, SolutionScored)
    assert once.message == long.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    assert len(once.place.path) == len(path)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_hostile_text_is_stored_wherever_it_stands(kind: type) -> None:
    hostile: dict[str, object] = {
        "place": Place((HOSTILE,)),
        "experiment": {HOSTILE: [HOSTILE, {HOSTILE: HOSTILE * 100}]},
        "versions": {HOSTILE: HOSTILE},
        "failures": {HOSTILE: 1},
        "spent": {HOSTILE: 1.0},
    }
    solution = Solution(HOSTILE)
    for field in dataclasses.fields(kind):
        named = "Solution" in str(field.type)
        hostile.setdefault(
            field.name, solution if named else HOSTILE if "str" in str(field.type) else 1
        )
    event = kind(**{field.name: hostile[field.name] for field in dataclasses.fields(kind)})

    encoded = encode(event)

    for text in (encoded.body, *encoded.blobs.values()):
        assert "\0" not in text
        text.encode()


def test_programs_and_long_texts_are_set_aside() -> None:
    event = Attempted(Place(), Solution("x = 1"), "y" * 201)

    encoded = encode(event)

    assert sorted(encoded.blobs.values()) == ["x = 1", "y" * 201]
    assert "yyy" not in encoded.body
    assert Solution("x = 1").digest in encoded.blobs
    assert json.loads(encoded.body)["solution"] == {"$program": Solution("x = 1").digest}


def test_equal_events_have_equal_bodies() -> None:
    first, second = (
        RunStarted("r", dict(order), {}, "full")
        for order in ([("a", 1), ("b", 2)], [("b", 2), ("a", 1)])
    )

    assert encode(first) == encode(second)


@pytest.mark.parametrize("key", ["$text", "$program", "$$text", "$", "$odd"])
@pytest.mark.parametrize("inner", [False, True])
def test_data_that_looks_like_a_reference_stays_data(key: str, *, inner: bool) -> None:
    digest = Solution("secret").digest
    data: dict[str, object] = {"deep": [{key: digest}]} if inner else {key: digest}
    started = RunStarted("r", data, {key: digest}, "full")
    scored = SolutionScored(Place(), Solution("x"), 0.5, (), {key: 1}, "", 0.1)

    assert round_trip(started) == started
    assert round_trip(scored) == scored


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | any_text
    | st.sampled_from(["$text", "known"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(any_text | st.sampled_from(["$text", "$program"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(st.data())
def test_whatever_a_body_is_it_is_read_as_an_event_or_refused(
    kind: type, data: st.DataObject
) -> None:
    genuine = json.loads(encode(data.draw(KINDS[kind])).body)
    changed = data.draw(st.dictionaries(st.sampled_from(sorted(genuine)), values, max_size=2))
    body = json.dumps(genuine | changed, ensure_ascii=data.draw(st.booleans()))

    read_or_refused(kind.__name__, body)


@given(st.sampled_from(sorted(kind.__name__ for kind in KINDS)), st.text() | values.map(json.dumps))
def test_whatever_a_text_is_it_is_read_as_an_event_or_refused(kind: str, text: str) -> None:
    read_or_refused(kind, text)


def read_or_refused(kind: str, body: str) -> None:
    try:
        event = decode(kind, body, lambda digest: f"text of {digest}")
    except StoreError:
        return
    written = round_trip(event)  # with sorted keys
    assert encode(written) == encode(event)
    assert repr(round_trip(written)) == repr(written)  # for NaN equals nothing


def test_a_huge_text_comes_back() -> None:
    event = Attempted(Place(), Solution("z" * 2_000_000), "é" * 2_000_000)

    assert round_trip(event) == event


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("NoSuchEvent", "{}"),
        ("Place", "{}"),
        ("PhaseStarted", "{}"),
        ("PhaseStarted", ""),
        ("PhaseStarted", "null"),
        ("PhaseStarted", "[1]"),
        ("PhaseStarted", '["place","phase","t"]'),
        ("PhaseStarted", '{"phase":5,"place":"","t":1}'),
        ("PhaseStarted", '{"phase":"","place":5,"t":1}'),
        ("PhaseStarted", '{"phase":"","place":"","t":true}'),
        ("PhaseStarted", '{"phase":"\\ud800","place":"","t":1}'),
        ("PhaseStarted", '{"phase":"","place":"\\u0000","t":1}'),
        ("PhaseStarted", '{"phase":"","place":"","t":' + "9" * 5000 + "}"),
        ("PhaseStarted", '{"phase":' + "[" * 200_000 + "]" * 200_000 + ',"place":"","t":1}'),
        ("RunStarted", '{"run":"r","experiment":{"a":{"$odd":1}},"versions":{},"sandbox":""}'),
        ("Attempted", '{"place":"","solution":"text","what":""}'),
        ("Attempted", '{"place":"","solution":{"$program":"gone"},"what":""}'),
    ],
)
def test_what_is_no_event_cannot_be_read(kind: str, body: str) -> None:
    blobs: dict[str, str] = {}

    with pytest.raises(StoreError, match=f"cannot be read: {kind}"):
        decode(kind, body, blobs.__getitem__)
