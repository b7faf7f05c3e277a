"""Where a user's own code failed: its file, its line, and how it came there; no line of ours.

A utility is a user's code that runs in the host. When it fails, its author wants to know where: the
message begins with the place, and notes of the error list the lines that led to it.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterable
from itertools import dropwhile
from pathlib import Path

from selftaught.errors import UsageError

USERS_FAILURES = (Exception, SystemExit)
"""What a user's code may raise that is laid at its door; Ctrl-C is not."""
_PACKAGE = Path(__file__).parent
_MOST_NOTES = 8
_MOST_IN_WORDS = 3


def fault(error: BaseException, doing: str) -> UsageError:
    """Returns the error for a failure of a user's code.

    Args:
        error: What it raised.
        doing: What it was called for, where no line of the user's is known.
    """
    way = _way(error)
    where = place(error) or doing
    found = UsageError(f"{where}: {in_words(error)}")
    for frame in way[-_MOST_NOTES:] if len(way) > 1 else ():
        found.add_note(f"{frame.filename}, line {frame.lineno}, in {frame.name}: {frame.line}")
    return found


def place(error: BaseException) -> str:
    """Returns the file and the line in the user's own files where a failure arose; may be empty."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    own = _own(_way(error))
    if not own:
        return ""
    name = "" if own[-1].name == "<module>" else f", in {own[-1].name}"
    return f"{own[-1].filename}, line {own[-1].lineno}{name}"


def way_in_words(error: BaseException) -> str:
    """Returns the last lines of the user's own files on the way to a failure; may be empty.

    Example of a result: ``task.py, line 9, in score: `return far(a)`; line 5, in far: `1 / a```.
    """
    own = _own(_way(error))[-_MOST_IN_WORDS:]
    files = ["", *(frame.filename for frame in own)]
    return "; ".join(
        f"{'' if frame.filename == before else frame.filename + ', '}"
        f"line {frame.lineno}, in {frame.name}: `{frame.line}`"
        for before, frame in zip(files, own, strict=False)
    )


def definition(function: Callable[..., object]) -> str:
    """Returns the file and the line where a function is defined, or its name."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return getattr(function, "__name__", "a function")
    return f"{code.co_filename}, line {code.co_firstlineno}"


def in_words(error: BaseException) -> str:
    """Returns the type and the text of an error.

    Example:
        >>> in_words(ValueError("no digits")), in_words(KeyError())
        ('ValueError: no digits', 'KeyError')
    """
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        text = "about a very large integer"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _way(error: BaseException) -> list[traceback.FrameSummary]:
    """Returns the frames of an error from the first one that is not ours."""
    frames: Iterable[traceback.FrameSummary] = traceback.extract_tb(error.__traceback__)
    entered = dropwhile(lambda frame: Path(frame.filename).is_relative_to(_PACKAGE), frames)
    return [frame for frame in entered if not frame.filename.startswith("<frozen ")]


def _own(way: list[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    return [frame for frame in way if _is_beside(frame.filename, way[0].filename)]


def _is_beside(file: str, entry: str) -> bool:
    """Tells whether a file lies in the folder of another, or below, and was not installed there."""
    if file == entry:
        return True
    path, folder = Path(file).absolute(), Path(entry).absolute().parent
    return path.is_relative_to(folder) and "site-packages" not in path.parts
