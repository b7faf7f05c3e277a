"""Programs as syntax trees: parsing them, and finding and naming what is in them."""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Iterable, Iterator

LONGEST_PROGRAM = 40_000
"""Characters; a longer text is not read as a program, so that no message costs seconds."""

_WITH_BODY = (
    ast.Module,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.If,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.TryStar,
    ast.match_case,
)
_PLAIN = {
    *("arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs", "level"),
    *("module", "name", "op", "rest", "simple", "type_comment", "type_ignores"),
}
"""Fields that hold no nodes, or only marks and operators."""
_EMPTY = (ast.Constant, ast.MatchSingleton, ast.Global, ast.Nonlocal)
_WITH_GAPS = {"keys", "kw_defaults"}
"""Lists with None among the nodes."""
_FIELDS: dict[type, tuple[str, ...]] = {
    kind: () if kind in _EMPTY else tuple(each for each in kind._fields if each not in _PLAIN)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_DEFINITIONS = (*_SCOPES, ast.Assign, ast.AnnAssign)
_NAMED = (*_SCOPES, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
_BINDERS = {*_NAMED, ast.arg, ast.alias, ast.MatchMapping}
_WITH_ELSE = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.Try, ast.TryStar)


def parsed(text: str) -> ast.Module | None:
    """Returns the tree of a program; None for what is not Python, empty or too long."""
    if len(text) > LONGEST_PROGRAM:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree if tree.body else None


def statements(source: str) -> list[ast.stmt]:
    """Parses statements that this package wrote, whatever their indentation."""
    return ast.parse(textwrap.dedent(source)).body


def body_of(source: str) -> list[ast.stmt]:
    """Parses the statements of a function body, where `return` is allowed."""
    return _function("def body():\n" + textwrap.indent(textwrap.dedent(source), "    ")).body


def expression(source: str) -> ast.expr:
    """Parses an expression that this package wrote."""
    return ast.parse(source, mode="eval").body


def walk(tree: ast.AST) -> list[ast.AST]:
    """Returns a node and all below it, in the order of `ast.walk`, in a quarter of the time.

    Most of a reply's time goes into walks. Load and store marks and operators, which hold nothing,
    are left out.
    """
    found = [tree]
    for node in found:
        for name in _FIELDS[node.__class__]:
            value = getattr(node, name)
            if value.__class__ is list:
                found += filter(None, value) if name in _WITH_GAPS else value
            elif value is not None:
                found.append(value)
    return found


def functions_of(tree: ast.Module) -> list[ast.FunctionDef]:
    """Returns the functions at the top level, in their order."""
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def entry_of(tree: ast.Module) -> ast.FunctionDef | None:
    """Returns the function that others call: the last one that nothing in the program uses."""
    return next(reversed(unused_functions(tree) or functions_of(tree)), None)


def unused_functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """Returns the functions at the top level that no other definition uses.

    What a program does when it is imported, or run as a script, is no such use.
    """
    used: set[str] = set()
    for node in tree.body:
        if isinstance(node, _DEFINITIONS):
            used |= names_read(node) - ({node.name} if isinstance(node, _SCOPES) else set())
    return [each for each in functions_of(tree) if each.name not in used]


def parameters_of(function: ast.FunctionDef) -> list[str]:
    """Returns the names of the positional parameters."""
    return [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]


def forwarded(function: ast.FunctionDef) -> str:
    """Returns the arguments with which a function hands all that it was given to another.

    Example:
        >>> entry = statements("def entry(a, b=1, *rest, c=2, **others): pass")[0]
        >>> forwarded(entry)
        'a, b, *rest, c=c, **others'
    """
    rest, others = function.args.vararg, function.args.kwarg
    given = parameters_of(function)
    given += [f"*{rest.arg}"] if rest else []
    given += [f"{each.arg}={each.arg}" for each in function.args.kwonlyargs]
    given += [f"**{others.arg}"] if others else []
    return ", ".join(given)


def names_read(tree: ast.AST) -> set[str]:
    """Returns every name that is read anywhere in a tree."""
    return {
        node.id for node in walk(tree) if type(node) is ast.Name and isinstance(node.ctx, ast.Load)
    }


def names_bound(tree: ast.AST) -> set[str]:
    """Returns every name that is given a value anywhere in a tree."""
    return names_bound_by(walk(tree))


def names_bound_at_top(tree: ast.Module) -> set[str]:
    """Returns the names that the statements of a module itself give a value to."""
    return {name for node in tree.body for name in _bound_at_top(node)}


def _bound_at_top(node: ast.stmt) -> set[str]:
    is_scope = isinstance(node, _SCOPES)
    return names_bound_by([node]) if is_scope else names_bound(node)


def _defined_by(node: ast.stmt) -> set[str]:
    """Returns the names that a statement leaves behind, without those inside lambdas."""
    if isinstance(node, ast.Assign):
        return {name for target in node.targets for name in names_bound(target)}
    return _bound_at_top(node)


def names_bound_by(nodes: Iterable[ast.AST]) -> set[str]:
    """Returns the names that these nodes give a value to; not those of the nodes below them."""
    names: set[str] = set()
    for node in nodes:
        if type(node) is ast.Name:
            if not isinstance(node.ctx, ast.Load):
                names.add(node.id)
        elif type(node) in _BINDERS:
            names |= _bound_by(node)
    return names


def _bound_by(node: ast.AST) -> set[str]:
    match node:
        case ast.arg(arg=name):
            return {name}
        case ast.alias(name=name, asname=other):
            return {(other or name).split(".")[0]}
        case ast.MatchMapping(rest=str(name)):
            return {name}
        case _:
            return {node.name} if isinstance(node, _NAMED) and node.name else set()


def fresh_name(base: str, taken: set[str]) -> str:
    """Returns the name, with a number behind it where it is taken.

    Example:
        >>> fresh_name("best", {"best", "best_2"})
        'best_3'
    """
    number = 2
    name = base
    while name in taken:
        name = f"{base}_{number}"
        number += 1
    return name


def blocks_of(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yields every list of statements in a tree, to be changed in place."""
    for node in walk(tree):
        if isinstance(node, _WITH_BODY):
            yield node.body
        if isinstance(node, _WITH_ELSE) and node.orelse:
            yield node.orelse


def start_of(function: ast.FunctionDef) -> int:
    """Returns where the statements after the docstring begin."""
    return 1 if ast.get_docstring(function, clean=False) is not None else 0


def add_import(tree: ast.Module, line: str) -> None:
    """Adds an import at the top, unless the program has it."""
    have = {
        ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)
    }
    if line not in have:
        tree.body[_after_docstring(tree) : _after_docstring(tree)] = statements(line)


def add_helpers(tree: ast.Module, source: str) -> None:
    """Adds definitions after the imports, unless the program has one of that name."""
    have = names_bound_at_top(tree)
    new = [node for node in statements(source) if not (_defined_by(node) & have)]
    position = 1 + max(
        (
            number
            for number, node in enumerate(tree.body)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ),
        default=_after_docstring(tree) - 1,
    )
    tree.body[position:position] = new


def rename(tree: ast.AST, old: str, new: str) -> None:
    """Renames a function or variable wherever it is bound or read."""
    for node in walk(tree):
        if isinstance(node, ast.Name) and node.id == old:
            node.id = new
        elif isinstance(node, ast.FunctionDef) and node.name == old:
            node.name = new


def _after_docstring(tree: ast.Module) -> int:
    position = 0 if ast.get_docstring(tree, clean=False) is None else 1
    while position < len(tree.body) and _is_future_import(tree.body[position]):
        position += 1
    return position


def _is_future_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _function(source: str) -> ast.FunctionDef:
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node
