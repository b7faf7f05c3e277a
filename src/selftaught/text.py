"""Text that every store and channel can carry."""

from __future__ import annotations


def storable(text: str) -> str:
    r"""Replaces halves of surrogate pairs, which JSON can hold, and NUL, which databases refuse.

    Example:
        >>> storable("a\ud800b\0")
        'a?b\ufffd'
    """
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
