"""Tasks written as files: what a language model reads is what scores.

A task is a folder with ``utility.py`` (the functions ``instance`` and ``score``) and ``seed.py``
(the seed solution, which defines ``algorithm``), or one file that defines all three. The text of
the utility is shown to language models and executed in the host, so it is trusted like any code
that one runs; the seed is not, and runs in a sandbox.
"""

from __future__ import annotations

import ast
import builtins
import linecache
import traceback
from collections.abc import Mapping
from pathlib import Path

from selftaught.errors import UsageError
from selftaught.extraction import PARSING
from selftaught.solution import Solution
from selftaught.task import DrawInstance, ScoreAnswer, Task

LONGEST_PROGRAM = 200_000
"""Characters; `extraction` reads no longer one."""
_FUNCTIONS = ("instance", "score")


def load_task(path: Path) -> Task:
    """Loads a task from a folder or a file.

    Raises:
        UsageError: A file or a function is missing, or does not run; the message says where.

    Example of a file: ::

        import random

        def instance(seed):
            numbers = random.Random(seed).choices(range(100), k=20)
            return (numbers,), sorted(numbers)

        def score(answer, expected):
            return float(answer == expected)

        def algorithm(numbers):
            return numbers
    """
    if path.is_dir():
        utility, seed = text_of(path / "utility.py"), text_of(path / "seed.py")
        name, where, home = path.resolve().name, str(path / "utility.py"), path / "seed.py"
    else:
        utility, seed = split_file(text_of(path), str(path))
        name, where, home = path.stem, str(path), path
    parsed_file(seed, str(home))
    solution = Solution(seed)
    if not solution.defines("algorithm"):
        raise UsageError(f"{home}: the seed must define a function 'algorithm' at its top level")
    instance, score = functions_of(utility, where)
    title = ast.get_docstring(ast.parse(utility)) or name
    return Task(
        id=name,
        title=title.partition("\n")[0],
        preset="own",
        seed=solution,
        source=utility,
        instance=instance,
        score=score,
    )


def split_file(text: str, where: str) -> tuple[str, str]:
    """Splits one file into the utility, which keeps all but ``algorithm``, and the seed.

    The seed gets ``algorithm`` and the imports, which is what a solution starts from.

    Raises:
        UsageError: The text is not Python or defines no ``algorithm``.
    """
    body = parsed_file(text, where).body
    # Not splitlines: a form feed, or a separator of paragraphs, ends no line of Python.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = [
        node for node in body if isinstance(node, ast.FunctionDef) and node.name == "algorithm"
    ]
    if not found:
        raise UsageError(f"{where}: expected a function 'algorithm', the seed solution")
    first = min([found[0].lineno, *(each.lineno for each in found[0].decorator_list)])
    last = found[0].end_lineno or first
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    heads = [ast.get_source_segment(text, node) or "" for node in imports]
    utility = "\n".join(lines[: first - 1] + lines[last:])
    seed = "\n".join([*heads, "", "", *lines[first - 1 : last]]).strip()
    return utility.strip() + "\n", seed + "\n"


def functions_of(source: str, where: str) -> tuple[DrawInstance, ScoreAnswer]:
    """Executes the text of a utility, which is trusted, and returns its two functions.

    Raises:
        UsageError: It does not run, or lacks one of them; the message has the line.
    """
    parsed_file(source, where)
    name = f"<{where}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace: dict[str, object] = {"__name__": "utility", "__builtins__": builtins}
    try:
        exec(compile(source, name, "exec"), namespace)  # noqa: S102 - the user's own file
    except (Exception, SystemExit) as error:
        line = _line_of(error, name)
        raise UsageError(f"{where}, line {line}: {type(error).__name__}: {error}") from error
    missing = [function for function in _FUNCTIONS if not callable(namespace.get(function))]
    if missing:
        raise UsageError(f"{where}: expected functions instance and score; {missing[0]} is missing")
    return namespace["instance"], namespace["score"]  # pyright: ignore[reportReturnType]


def _line_of(error: BaseException, name: str) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == name:
        return error.lineno
    passed = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(passed) if frame.filename == name), None)


def with_constants(source: str, constants: Mapping[str, object]) -> str:
    r"""Returns a text with other values for constants of its top level.

    Example:
        >>> with_constants("N = 10\nM = 2\n", {"N": 20})
        'N = 20\nM = 2\n'
    """
    lines = source.splitlines(keepends=True)
    left = dict(constants)
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name in left:
                lines[node.lineno - 1] = f"{name} = {left.pop(name)!r}\n"
    assert not left, f"no such constants: {sorted(left)}"
    return "".join(lines)


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
        raise UsageError(f"{where}{line}: not Python: {error.msg}") from error
    except ValueError as error:
        raise UsageError(f"{where}: not Python: {error}") from error
    except (RecursionError, MemoryError) as error:
        raise UsageError(f"{where}: its expressions are nested too deeply to be read") from error
