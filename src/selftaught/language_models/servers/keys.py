"""Keys of language model providers: used in one header, and shown nowhere."""

from __future__ import annotations

import re
from typing import NoReturn

_SHORTEST_SECRET = 16
"""Characters. A shorter key, such as ``ollama``, is no secret: replies may have it as a word."""
_SHORTEST_IN_WORDS = 6
"""Characters. A shorter key is hidden in errors where it stands for itself, not within words."""


class Key:
    """A secret, or none. It is not in its own representation, and cannot be pickled.

    Args:
        secret: The key; None or empty: the server wants none.
        variable: The environment variable that it is from, for messages.

    Example:
        >>> Key("sk-123456", "OPENAI_API_KEY")
        Key(from OPENAI_API_KEY)
        >>> Key("sk-123456", "OPENAI_API_KEY").hidden_in("wrong key sk-123456!")
        'wrong key [key]!'
    """

    __slots__ = ("_secret", "variable")

    def __init__(self, secret: str | None = None, variable: str | None = None) -> None:
        self._secret = (secret or "").strip()
        self.variable = variable

    def __repr__(self) -> str:
        return f"Key(from {self.variable})" if self._secret else "Key(none)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not to be stored")

    @property
    def is_there(self) -> bool:
        """Whether there is a secret."""
        return bool(self._secret)

    def header(self) -> str:
        """Returns the value of the header ``Authorization``: the one place for the secret."""
        return f"Bearer {self._secret}"

    def hidden_in(self, text: str) -> str:
        """Returns an error of a server's without the key: some servers say what they were sent."""
        return re.sub(self._pattern(), "[key]", text) if self._secret else text

    def hidden_in_reply(self, text: str) -> str:
        """Returns a reply without the key, where it is long enough to be a secret."""
        return self.hidden_in(text) if len(self._secret) >= _SHORTEST_SECRET else text

    def hidden_in_bytes(self, body: bytes) -> bytes:
        """Returns a body, which may hold replies, without the key; as `hidden_in_reply`."""
        if len(self._secret) < _SHORTEST_SECRET:
            return body
        return re.sub(self._pattern().encode(), b"[key]", body)

    def _pattern(self) -> str:
        """Returns what matches the key as it is, and with characters escaped as in JSON or URLs."""
        spelled = "".join(
            rf"(?:\\{{0,4}}{re.escape(each)}|\\{{1,4}}(?i:u00{ord(each):02x})|%(?i:{ord(each):02x}))"
            for each in self._secret
        )
        if len(self._secret) >= _SHORTEST_IN_WORDS:
            return spelled
        return f"(?<![A-Za-z0-9]){spelled}(?![A-Za-z0-9])"


NO_KEY = Key()
"""For servers that want none."""
