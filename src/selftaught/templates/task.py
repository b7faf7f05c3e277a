"""The folder of a new task: one that works at once, to be made one's own file by file.

What it holds is a small problem in the form that every task has. Language models read the utility,
so advice for its author stands in the README beside it.
"""

from __future__ import annotations

import keyword
from importlib import resources
from pathlib import Path

from selftaught import tasks, templates
from selftaught.errors import UsageError, shown

FILES = ("README.md", "utility.py", "seed.py", "reference.py")
_LONGEST_NAME = 60


def write_task(name: str, directory: Path) -> Path:
    """Writes the folder of a task that works (``selftaught new-task NAME``).

    Args:
        name: Of the task, and of its folder.
        directory: Where the folder is made.

    Returns:
        The folder.

    Raises:
        UsageError: The name is none, or something of that name is there already, or the folder
            cannot be written; nothing that was there is changed.
    """
    folder = directory / checked_name(name)
    texts = {file: _text(file, name) for file in FILES}
    try:
        folder.mkdir()
        for file, text in texts.items():
            (folder / file).write_text(text, "utf-8")
    except FileExistsError as error:
        raise UsageError(f"cannot make {folder}: it is there already; give another name") from error
    except OSError as error:
        raise UsageError(f"cannot make {folder}: {error}") from error
    return folder


def checked_name(name: str) -> str:
    """Returns the name of a task.

    Raises:
        UsageError: It is none that files, commands and modules can have, or another task's.
    """
    is_name = name.isascii() and name.isidentifier() and len(name) <= _LONGEST_NAME
    if not is_name or keyword.iskeyword(name):
        raise UsageError(
            f"task {shown(name)}: expected a name such as route_planning: letters, digits and '_', "
            f"a letter first, at most {_LONGEST_NAME}"
        )
    if name in tasks.KNOWN:
        raise UsageError(f"task {name!r}: a task of that name comes with selftaught; give another")
    return name


def _text(file: str, name: str) -> str:
    # Not .py: these texts are shipped to be copied, not to be imported.
    template = (resources.files(templates) / "task_folder" / f"{file}.txt").read_text("utf-8")
    return template.replace("NAME", name)
