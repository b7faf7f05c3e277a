"""Feeds arbitrary bytes to the reader of events, guided by coverage; see test_fuzz.py.

    python tests/store/fuzz_codec.py -max_total_time=600

Whatever the bytes are, reading them raises `StoreError` or gives an event that is written, and read
again, as it is.
"""

from __future__ import annotations

import sys
from typing import get_args

import atheris

with atheris.instrument_imports(include=["selftaught.store.codec", "json"]):
    from selftaught import events
    from selftaught.errors import StoreError
    from selftaught.store import codec

KINDS = sorted(kind.__name__ for kind in get_args(events.Event))


def try_bytes(data: bytes) -> None:
    """Reads a kind, a body and one text from the bytes."""
    provider = atheris.FuzzedDataProvider(data)
    kind = provider.PickValueInList(KINDS)
    text = provider.ConsumeUnicodeNoSurrogates(20)
    body = provider.ConsumeUnicode(atheris.ALL_REMAINING)
    try:
        event = codec.decode(kind, body, lambda _: text)
    except StoreError:
        return
    encoded = codec.encode(event)
    again = codec.decode(encoded.kind, encoded.body, encoded.blobs.__getitem__)
    # By their texts, for NaN equals nothing.
    assert repr(again) == repr(event), f"{event!r} became {again!r}"


if __name__ == "__main__":
    atheris.Setup(sys.argv, try_bytes)
    atheris.Fuzz()
