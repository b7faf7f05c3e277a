"""Frames on a descriptor, for the child: it waits for ever, and trusts the host.

Runs inside the wall, so it imports nothing of ours but its neighbours.
"""

from __future__ import annotations

import os

from selftaught.sandboxes.channel import HEADER


def read_frame(descriptor: int) -> bytes:
    """Waits for one frame and returns its body; ends the process when the host has gone."""
    (length,) = HEADER.unpack(_read(descriptor, HEADER.size))
    return _read(descriptor, length)


def write_frame(descriptor: int, body: bytes) -> None:
    """Writes one frame."""
    rest = memoryview(HEADER.pack(len(body)) + body)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _read(descriptor: int, count: int) -> bytes:
    parts: list[bytes] = []
    while count:
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        count -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
