"""Keys of language model providers: used in one header, and shown nowhere."""

from __future__ import annotations

from typing import NoReturn

_SHORTEST_HIDDEN = 6
"""Characters. A shorter key is no secret, and to hide it would spoil ordinary words."""


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
        """Returns a text of a server's without the secret: some servers say what they were sent."""
        return text.replace(self._secret, "[key]") if self._is_hidden else text

    def hidden_in_bytes(self, body: bytes) -> bytes:
        """Returns a body of a server's without the secret."""
        return body.replace(self._secret.encode(), b"[key]") if self._is_hidden else body

    @property
    def _is_hidden(self) -> bool:
        return len(self._secret) >= _SHORTEST_HIDDEN


NO_KEY = Key()
"""For servers that want none."""
