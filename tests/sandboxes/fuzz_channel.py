"""Coverage-guided fuzzing of the decoder; run by `test_fuzz.py` in the slow target.

Its own script, because atheris instruments what is imported after it.
"""

import sys

import atheris

with atheris.instrument_imports(include=["selftaught.sandboxes.channel"]):
    from selftaught.sandboxes.channel import NotPlain, Violation, decode, encode


def one_message(message: bytes) -> None:
    try:
        value = decode(message)
    except Violation:
        return
    try:
        again = decode(encode(value))
    except NotPlain:  # deeper than the encoder goes, or than is allowed
        return
    assert repr(again) == repr(value)


atheris.Setup(sys.argv, one_message)
atheris.Fuzz()
