"""The language that host and program speak: plain data as msgpack, checked on arrival.

Runs on both sides of the wall, so it imports nothing of ours. The other side is never trusted:
nothing is unpickled, only exact types pass, and whatever one frame claims - lengths, shapes, depth,
colliding keys - is checked before memory or time is spent on it.
"""

# Values of either side have no type until they are checked here, and msgpack brings no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable
from enum import IntEnum

import msgpack
import numpy as np
from numpy.typing import NDArray

HEADER = struct.Struct("<I")
"""Every frame starts with the length of what follows."""
MOST_ELEMENTS = 1 << 20
"""Items of all containers of one message."""
DEEPEST = 100
"""Containers within containers; Python's own comparison and printing must not overflow on it."""
_LONGEST_INTEGER = 1 << 16
_MOST_DIMENSIONS = 32
_MOST_COLLISIONS = 64
_MOST_PREALLOCATED = 32 << 20
_ARRAY_KINDS = "biufc"
_CONTAINERS = (list, tuple, dict, set, frozenset)


class NotPlain(TypeError):
    """A value that cannot be sent; the message says which type stands where."""


class Violation(Exception):
    """A message that breaks the protocol."""


class Excess(Violation):
    """A message that is well formed but too large or too deep."""


class _Code(IntEnum):
    ARRAY = 1
    INTEGER = 2
    COMPLEX = 3
    TUPLE = 4
    SET = 5
    FROZENSET = 6


_MARKS = {tuple: _Code.TUPLE, set: _Code.SET, frozenset: _Code.FROZENSET}
_MARK_EXTENSIONS = {kind: msgpack.ExtType(code, b"") for kind, code in _MARKS.items()}


class _Mark:
    """Stands first in a list that was a tuple, a set or a frozenset."""

    def __init__(self, kind: type[tuple[object, ...] | set[object] | frozenset[object]]) -> None:
        self.kind = kind


_MARK_OF = {code: _Mark(kind) for kind, code in _MARKS.items()}


def encode(value: object) -> bytes:
    """Turns plain data into bytes.

    Raises:
        NotPlain: Something in the value is not plain data, or nests too deeply.
    """
    try:
        packed: object = msgpack.packb(
            value, default=_extension, strict_types=True, unicode_errors="surrogatepass"
        )
    except NotPlain:
        raise NotPlain(_first_stranger(value)) from None
    except (ValueError, RecursionError):
        raise NotPlain("nested too deeply, or contains itself") from None
    assert isinstance(packed, bytes)
    return packed


def decode(message: bytes | bytearray) -> object:
    """Turns bytes of an untrusted origin into plain data.

    Raises:
        Violation: The bytes are not what `encode` makes.
    """
    _check_claims(message)
    decoder = _Decoder()
    try:
        value = msgpack.unpackb(
            message,
            raw=False,
            strict_map_key=False,
            timestamp=1,
            unicode_errors="surrogatepass",
            max_array_len=MOST_ELEMENTS,
            max_map_len=MOST_ELEMENTS,
            list_hook=decoder.sequence,
            object_pairs_hook=decoder.mapping,
            ext_hook=decoder.extension,
        )
    except Violation:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a hostile frame provokes is its violation
        raise Violation(f"bytes that are no message ({error!r:.200})") from None
    decoder.finish(value)
    return value


def _extension(value: object) -> object:
    if type(value) is tuple or type(value) is set or type(value) is frozenset:
        return [_MARK_EXTENSIONS[type(value)], *value]
    if type(value) is np.ndarray:
        return _packed_array(value)
    if type(value) is complex:
        return msgpack.ExtType(_Code.COMPLEX, struct.pack("<dd", value.real, value.imag))
    if type(value) is int:
        return _packed_integer(value)
    if isinstance(value, np.generic):
        return _scalar(value)
    raise NotPlain


def _packed_integer(value: int) -> msgpack.ExtType:
    size = value.bit_length() // 8 + 1
    if size > _LONGEST_INTEGER:
        raise NotPlain
    return msgpack.ExtType(_Code.INTEGER, value.to_bytes(size, "little", signed=True))


def _packed_array(array: NDArray[np.generic]) -> msgpack.ExtType:
    kind = array.dtype.kind
    if kind not in _ARRAY_KINDS:
        raise NotPlain
    flat = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    head = struct.pack("<cBB", kind.encode(), array.dtype.itemsize, array.ndim)
    return msgpack.ExtType(
        _Code.ARRAY, head + struct.pack(f"<{array.ndim}Q", *array.shape) + flat.tobytes()
    )


def _scalar(value: np.generic) -> object:
    if value.dtype.kind not in _ARRAY_KINDS + "US":
        raise NotPlain
    plain: object = value.item()
    if isinstance(plain, np.floating):  # a long double has no exact Python type
        return float(plain)
    return complex(plain) if isinstance(plain, np.complexfloating) else plain


class _Decoder:
    """Builds the containers of one message and counts what they cost."""

    def __init__(self) -> None:
        self.containers = 0
        self.elements = 0
        self.marks = 0

    def sequence(self, items: list[object]) -> object:
        self._count(len(items))
        if not items or type(items[0]) is not _Mark:
            return items
        self.marks -= 1
        kind = items[0].kind
        del items[0]
        if kind is not tuple:
            _check_collisions(items)
        return kind(items)

    def mapping(self, pairs: list[tuple[object, object]]) -> dict[object, object]:
        self._count(2 * len(pairs))
        _check_collisions(key for key, _ in pairs)
        return dict(pairs)

    def extension(self, code: int, body: bytes) -> object:
        self._count(1)
        match code:
            case _Code.ARRAY:
                return _array(body)
            case _Code.INTEGER if 0 < len(body) <= _LONGEST_INTEGER:
                return int.from_bytes(body, "little", signed=True)
            case _Code.COMPLEX if len(body) == 16:
                return complex(*struct.unpack("<dd", body))
            case _Code.TUPLE | _Code.SET | _Code.FROZENSET if not body:
                self.marks += 1
                return _MARK_OF[_Code(code)]
            case _:
                raise Violation(f"an extension of kind {code} and {len(body)} bytes")

    def finish(self, value: object) -> None:
        if self.marks:
            raise Violation("a mark that begins no list")
        if self.containers > DEEPEST:
            _check_depth(value)

    def _count(self, items: int) -> None:
        self.containers += 1
        self.elements += items + 1
        if self.elements > MOST_ELEMENTS:
            raise Excess(f"more than {MOST_ELEMENTS} elements")


def _array(body: bytes) -> NDArray[np.generic]:
    kind, size, dimensions = struct.unpack_from("<cBB", body)
    start = 3 + 8 * dimensions
    if kind.decode("latin-1") not in _ARRAY_KINDS or dimensions > _MOST_DIMENSIONS:
        raise Violation("an array of an unknown kind")
    shape = struct.unpack_from(f"<{dimensions}Q", body, 3)
    if kind == b"b":
        # Any byte but 0 and 1 in an array of booleans is undefined behaviour in NumPy.
        return np.frombuffer(body, np.uint8, offset=start).reshape(shape) != 0
    dtype = np.dtype(f"<{kind.decode()}{size}")
    return np.frombuffer(body, dtype, offset=start).reshape(shape).copy()


def _check_collisions(keys: Iterable[object]) -> None:
    """Refuses keys that were made to collide: each would be compared with all before it."""
    hashes = [hash(key) for key in keys]
    if len(hashes) <= _MOST_COLLISIONS or len(set(hashes)) == len(hashes):
        return
    if max(Counter(hashes).values()) > _MOST_COLLISIONS:
        raise Violation("keys that collide")


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            item
            for container in level
            for item in (container.values() if type(container) is dict else container)
            if type(item) in _CONTAINERS
        ]
        if not level:
            return
    raise Excess(f"nested more than {DEEPEST} deep")


_SIZE_OF_LENGTH = {0xD9: 1, 0xDA: 2, 0xDB: 4, 0xC4: 1, 0xC5: 2, 0xC6: 4, 0xC7: 1, 0xC8: 2, 0xC9: 4}
_FIXED = {
    0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8,
    0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17,
}  # fmt: skip
_CLAIM_SIZE = {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}


def _check_claims(message: bytes | bytearray) -> None:
    """Refuses containers that announce more items than were sent.

    The decoder makes room for a container when it reads its length: nested announcements of a
    million items each would take gigabytes. Most messages cannot do that and are not scanned.
    """
    suspects = sum(message.count(byte) for byte in range(0xDC, 0xE0))
    if suspects * 8 * min(len(message), MOST_ELEMENTS) <= _MOST_PREALLOCATED:
        return
    claimed = position = 0
    end = len(message)
    while position < end:
        first = message[position]
        position += 1
        if first in _CLAIM_SIZE:
            width = _CLAIM_SIZE[first]
            claimed += int.from_bytes(message[position : position + width], "big")
            position += width
            if claimed > min(end, MOST_ELEMENTS):
                raise Excess(f"more than {min(end, MOST_ELEMENTS)} elements")
        elif first in _FIXED:
            position += _FIXED[first]
        elif first in _SIZE_OF_LENGTH:
            width = _SIZE_OF_LENGTH[first]
            length = int.from_bytes(message[position : position + width], "big")
            position += width + length + (0xC7 <= first <= 0xC9)
        elif 0xA0 <= first <= 0xBF:
            position += first - 0xA0


def _first_stranger(value: object, place: str = "the value") -> str:
    """Says which part of a value is not plain data."""
    inner: list[tuple[object, str]] = []
    if type(value) is dict:
        inner = [(key, f"a key of {place}") for key in value]
        inner += [(item, f"{place}[{key!r:.40}]") for key, item in value.items()]
    elif isinstance(value, _CONTAINERS) and type(value) in _CONTAINERS:
        inner = [(item, f"{place}[{index}]") for index, item in enumerate(value)]
    for item, where in inner:
        try:
            encode(item)
        except NotPlain:
            return _first_stranger(item, where)
    kind = f"an array of {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
    if type(value) is int:
        kind = f"an integer of more than {_LONGEST_INTEGER} bytes"
    return f"{place} is {kind}"[:300]
