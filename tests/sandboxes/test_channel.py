import contextlib
import math
import resource
import struct

import msgpack
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from selftaught.sandboxes.channel import Excess, NotPlain, Violation, decode, encode

NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False), st.complex_numbers(allow_nan=False))
TEXTS = st.text(st.characters(codec=None, exclude_categories=()))
KEYS = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, st.binary()),
    lambda inner: st.one_of(st.tuples(inner, inner), st.frozensets(inner, max_size=4)),
    max_leaves=4,
)
PLAIN = st.recursive(
    KEYS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=5).map(tuple),
        st.dictionaries(KEYS, inner, max_size=5),
        st.sets(KEYS, max_size=5),
    ),
    max_leaves=20,
)
KINDS = ["?", "i1", "i8", "u2", "u8", "f2", "f4", "f8", "c8", "c16"]


def types_of(value: object) -> object:
    if isinstance(value, list | tuple):
        return type(value), [types_of(item) for item in value]
    if isinstance(value, dict):
        return dict, [types_of(item) for item in value.values()]
    return type(value)


@given(PLAIN)
@example([(), [()], {(): ()}, {()}, frozenset({()})])
@example(1 << 500_000)
def test_plain_data_comes_back_as_it_was(value: object) -> None:
    again = decode(encode(value))

    assert again == value
    assert types_of(again) == types_of(value)


@given(st.sampled_from(KINDS).flatmap(lambda kind: hnp.arrays(kind, hnp.array_shapes(min_side=0))))
def test_arrays_come_back_as_they_were(array: np.ndarray) -> None:
    again = decode(encode(array))

    assert isinstance(again, np.ndarray)
    assert again.dtype == array.dtype
    assert again.shape == array.shape
    assert again.tobytes() == array.tobytes()
    assert again.flags.writeable


def test_a_transposed_array_of_foreign_byte_order_comes_back_equal() -> None:
    array = np.arange(6).reshape(2, 3).astype(">i4").T

    assert np.array_equal(decode(encode(array)), array)


@given(st.binary(max_size=200))
def test_noise_is_a_violation_or_plain_data(noise: bytes) -> None:
    try:
        value = decode(noise)
    except Violation:
        return
    assert encode(value) is not None


@given(PLAIN, st.data())
def test_a_damaged_message_is_a_violation_or_plain_data(value: object, data: st.DataObject) -> None:
    message = bytearray(encode(value))
    place = data.draw(st.integers(0, len(message) - 1))
    message[place] = data.draw(st.integers(0, 255))

    with contextlib.suppress(Violation):
        decode(message)


class Lying(int):
    pass


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object(), "the value is object"),
        ([1, {"k": (2, object())}], "the value[1]['k'][1] is object"),
        ({Lying(1): 1}, "a key of the value is Lying"),
        ([Lying(1)], "the value[0] is Lying"),
        (np.array([object()]), "the value is an array of object"),
        (np.zeros(2).view(np.matrix), "an array of float64"),
        (1 << 600_000, "an integer of more than"),
    ],
    ids=["object", "deep", "key", "subclass", "array", "matrix", "integer"],
)
def test_what_is_not_plain_is_named_with_its_place(value: object, said: str) -> None:
    with pytest.raises(NotPlain) as caught:
        encode(value)

    assert said in str(caught.value)


def test_a_value_within_itself_is_not_plain() -> None:
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(NotPlain):
        encode(endless)


def test_depth_beyond_what_python_compares_is_excess() -> None:
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]

    with pytest.raises(Excess):
        decode(encode(deep))


def test_long_doubles_become_floats() -> None:
    assert type(decode(encode(np.longdouble(0.5)))) is float


def test_booleans_are_zero_or_one() -> None:
    body = struct.pack("<cBBQ", b"b", 1, 1, 1) + b"\x37"

    value = decode(msgpack.packb(msgpack.ExtType(1, body)))

    assert isinstance(value, np.ndarray)
    assert value.view(np.uint8).tolist() == [1]


@pytest.mark.parametrize(
    "bomb",
    [
        b"\xdd\x00\x0f\xff\xff" * 1000 + bytes(1 << 20),
        b"\xdf\x00\x0f\xff\xff" * 1000 + bytes(1 << 20),
        b"\xdd\x00\x10\x00\x00" + b"\x90" * (1 << 20),
    ],
    ids=["lists in lists", "maps in maps", "many lists"],
)
def test_announcements_take_no_memory(bomb: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(Violation):
        decode(bomb)

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 150 << 10


def test_colliding_keys_are_a_violation() -> None:
    prime = (1 << 61) - 1

    with pytest.raises(Violation):
        decode(encode({index * prime for index in range(1000)}))


def test_not_a_number_passes() -> None:
    value = decode(encode(math.nan))

    assert isinstance(value, float)
    assert math.isnan(value)
