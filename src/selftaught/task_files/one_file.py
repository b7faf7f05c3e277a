"""A task in one file: what of it is the utility, and what the seed solution.

The utility keeps all but ``algorithm``. The seed gets ``algorithm`` and those imports, constants
and functions of the file that it uses, since it runs by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from selftaught.errors import UsageError
from selftaught.program_files import parsed_file

ENTRY = "algorithm"


class Parts(NamedTuple):
    """The parts of a file."""

    utility: str
    seed: str
    utility_tree: ast.Module
    """Its nodes know their lines in the file."""


def split_file(text: str, where: str) -> Parts:
    """Splits one file into the utility and the seed.

    Raises:
        UsageError: The text is not Python or defines no ``algorithm``.
    """
    tree = parsed_file(text, where)
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and _names(node)]
    if not found:
        raise UsageError(
            f"{where}: expected a function '{ENTRY}', the seed solution, beside instance and score"
        )
    algorithm = found[-1]
    # Not splitlines: a form feed, or a separator of paragraphs, ends no line of Python.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first, last = _lines_of(algorithm)
    rest = [node for node in tree.body if node is not algorithm]
    utility = "\n".join(lines[: first - 1] + lines[last:]).strip() + "\n"
    return Parts(utility, _seed(algorithm, rest, lines), ast.Module(rest, tree.type_ignores))


def _names(node: ast.FunctionDef) -> bool:
    return node.name == ENTRY


def _seed(algorithm: ast.stmt, rest: list[ast.stmt], lines: list[str]) -> str:
    """Returns the function with what it uses of the rest of the file, in the file's order."""
    used = _used(algorithm, rest)
    imports, others = (
        [node for node in rest if node in used and isinstance(node, _IMPORTS) is is_import]
        for is_import in (True, False)
    )
    texts = ["\n".join(_text(node, lines) for node in imports)]
    texts += [_text(node, lines) for node in sorted([*others, algorithm], key=_lines_of)]
    return "\n\n\n".join(text for text in texts if text) + "\n"


_IMPORTS = (ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.ClassDef)


def _used(algorithm: ast.stmt, rest: list[ast.stmt]) -> set[ast.stmt]:
    """Returns the statements that a function uses, those that they use, and so on."""
    used = {node for node in rest if _is_for_all(node)}
    wanted = [algorithm]
    while wanted:
        names = _free_names(wanted.pop())
        new = {node for node in rest if not names.isdisjoint(_bound(node))} - used
        used |= new
        wanted += new
    return used


def _is_for_all(node: ast.stmt) -> bool:
    if not isinstance(node, ast.ImportFrom):
        return False
    return node.module == "__future__" or any(each.name == "*" for each in node.names)


def _free_names(node: ast.stmt) -> set[str]:
    """Returns the names that a statement reads and does not bind within."""
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    stored = {each.id for each in names if not isinstance(each.ctx, ast.Load)}
    # A constant of the file may be read and written under one name: X = X + 1.
    bound = stored | {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    read = {each.id for each in names if isinstance(each.ctx, ast.Load)}
    return read - bound if isinstance(node, _DEFINITIONS) else read


def _bound(node: ast.stmt) -> Iterator[str]:
    """Yields the names that a statement gives to the file."""
    match node:
        case ast.Import() | ast.ImportFrom():
            for each in node.names:
                yield each.asname or each.name.partition(".")[0]
        case ast.FunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            for each in ast.walk(node):
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                    yield each.id
        case _:
            return


def _lines_of(node: ast.stmt) -> tuple[int, int]:
    decorators = node.decorator_list if isinstance(node, _DEFINITIONS) else []
    first = min([node.lineno, *(each.lineno for each in decorators)])
    return first, node.end_lineno or first


def _text(node: ast.stmt, lines: list[str]) -> str:
    """Returns a statement as it stands in the file, without what shares its lines."""
    first, last = _lines_of(node)
    whole = lines[first - 1 : last]
    if isinstance(node, _DEFINITIONS):
        return "\n".join(whole)
    return ast.get_source_segment("\n".join(lines), node) or "\n".join(whole)
