"""Files with the text of a program: reading them, and saying in which line they are wrong."""

from __future__ import annotations

import ast
from pathlib import Path

from selftaught.errors import UsageError
from selftaught.extraction import PARSING

LONGEST_PROGRAM = 200_000
"""Characters; `extraction` reads no longer one."""


def is_path(name: str) -> bool:
    """Tells whether something is at a path; nothing is where the system takes no such name."""
    try:
        return bool(name) and Path(name).exists()
    except (OSError, ValueError):
        return False


def text_of(path: Path) -> str:
    """Returns the text of a program in a file.

    Raises:
        UsageError: The file cannot be read, or is longer than any program may be.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {str(path)[:200]}: {error}") from error
    if len(text) > LONGEST_PROGRAM:
        raise UsageError(
            f"{path}: a program may have {LONGEST_PROGRAM:,} characters; this has {len(text):,}"
        )
    return text


def parsed_file(text: str, where: str) -> ast.Module:
    """Returns the syntax tree of a file's text.

    Raises:
        UsageError: It is not Python, or nested deeper than Python can read; says the line.
    """
    try:
        with PARSING:
            return ast.parse(text)
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        written = f" (`{error.text.strip()}`)" if error.text and error.text.strip() else ""
        raise UsageError(f"{where}{line}: not Python: {error.msg}{written}") from error
    except ValueError as error:
        raise UsageError(f"{where}: not Python: {error}") from error
    except (RecursionError, MemoryError) as error:
        raise UsageError(f"{where}: its expressions are nested too deeply to be read") from error
