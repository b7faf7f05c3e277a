"""`selftaught doctor`: what works on this machine, and what mends what does not."""

from __future__ import annotations

from selftaught.cli.output import JsonOption


def doctor(*, as_json: JsonOption = False) -> int:
    """Check that programs can be isolated here, that the journal opens, and what models there are."""
    return 0
