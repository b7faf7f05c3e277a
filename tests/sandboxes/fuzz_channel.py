"""Coverage-guided fuzzing of the decoder; run by `test_fuzz.py` in the slow target."""

import sys

import numpy as np


def canonical(value: object) -> str:
    """Writes a value; the members of a set come in no order."""
    match value:
        case set() | frozenset():
            return f"{type(value).__name__}({','.join(sorted(map(canonical, value)))})"
        case list() | tuple():
            return f"{type(value).__name__}({','.join(map(canonical, value))})"
        case dict():
            return f"dict({','.join(map(canonical, value.items()))})"
        case np.ndarray() | np.generic():  # a scalar comes back as Python's own
            return repr(value.tolist())
        case _:
            return repr(value)


def main() -> None:
    # Not at the top: pytest imports this file too, and atheris is optional.
    import atheris  # noqa: PLC0415

    with atheris.instrument_imports(include=["selftaught.sandboxes.channel"]):
        from selftaught.sandboxes.channel import (  # noqa: PLC0415
            NotPlain,
            Violation,
            decode,
            encode,
        )

    def one_message(message: bytes) -> None:
        try:
            value = decode(message)
        except Violation:
            return
        try:
            again = decode(encode(value))
        except NotPlain:  # deeper than the encoder goes
            return
        assert canonical(again) == canonical(value)

    atheris.Setup(sys.argv, one_message)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
