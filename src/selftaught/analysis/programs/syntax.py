"""The syntax of an improver: what of its text can run, and what its names stand for.

Comments, strings, code after a return, branches that are never taken and functions that nobody
names do not count. Names are told apart by the function that binds them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from selftaught.extraction import parsed
from selftaught.improver import ENTRY

_MOST_NODES = 10_000
"""Bounds the work on a hostile text; improvers of 80 lines have less than a thousand."""

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_DEFINITIONS, ast.Lambda)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_ENDS = (ast.Return, ast.Raise, ast.Break, ast.Continue)

Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True, eq=False)
class Syntax:
    """The reachable part of a program that defines ``improve_algorithm``."""

    entry: ast.FunctionDef
    nodes: tuple[ast.AST, ...]
    """Every node that can run, outermost first."""
    parents: Mapping[ast.AST, ast.AST]
    scopes: Mapping[ast.AST, Function]
    """The function that a node stands in; nothing for the top level."""
    functions: Mapping[str, Function]
    """Functions of the program by their name, lambdas by the name they are given, the constructors
    of classes by the classes' names."""
    imports: Mapping[str, str]
    """Local name to dotted origin."""

    def of(self, *kinds: type[Node]) -> Iterator[Node]:
        """Yields the nodes of some kinds."""
        return (node for node in self.nodes if isinstance(node, kinds))

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yields what a node stands in, innermost first."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def line(self, node: ast.AST) -> int:
        """Returns the number of the line where a node begins, from 1."""
        for each in (node, *self.ancestors(node)):
            if isinstance(each, ast.stmt | ast.expr | ast.arg | ast.ExceptHandler):
                return each.lineno
        return 1

    def scope(self, node: ast.AST) -> Function | None:
        """Returns the function that a node stands in; None at the top level."""
        return self.scopes.get(node)

    def loops(self, node: ast.AST) -> list[ast.AST]:
        """Returns the loops and comprehensions of its own function that repeat a node."""
        found: list[ast.AST] = []
        path: list[ast.AST] = [node]
        for ancestor in self.ancestors(node):
            if isinstance(ancestor, _SCOPES):
                break
            if isinstance(ancestor, (*LOOPS, *COMPREHENSIONS)) and not _runs_once(ancestor, path):
                found.append(ancestor)
            path.append(ancestor)
        return found

    def key(self, expression: ast.AST) -> str | None:
        """Returns what a name or attribute is known by; None for anything else.

        Two names get the same key where the same function binds both. An attribute that the program
        itself sets is known by its name alone.
        """
        if isinstance(expression, ast.Attribute):
            return f".{expression.attr}" if expression.attr in self._attributes else None
        if isinstance(expression, ast.arg):
            return self._named(expression.arg, expression)
        return self._named(expression.id, expression) if isinstance(expression, ast.Name) else None

    def dotted(self, expression: ast.AST) -> str:
        """Returns where a function comes from, as ``random.choice``; empty where unknown.

        A module that the program forgot to import counts, a variable of its own does not.
        """
        parts: list[str] = []
        while isinstance(expression, ast.Attribute):
            parts.append(expression.attr)
            expression = expression.value
        if not isinstance(expression, ast.Name) or self._is_bound(expression):
            return ""
        return ".".join([self.imports.get(expression.id, expression.id), *reversed(parts)])

    def callee(self, call: ast.Call) -> Function | None:
        """Returns the function of the program that is called."""
        match call.func:
            case ast.Lambda() as function:
                return function
            case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name):
                return self.functions.get(name)
            case _:
                return None

    def method(self, call: ast.Call) -> Function | None:
        """Returns the method that may be called: one of a class of the program, of that name."""
        if not isinstance(call.func, ast.Attribute):
            return None
        function = self.functions.get(call.func.attr)
        owner = None if function is None else self.parents.get(function)
        return function if isinstance(owner, ast.ClassDef) else None

    def _named(self, name: str, node: ast.AST) -> str:
        scope = self.scope(node)
        while scope is not None and name not in self._bound.get(scope, ()):
            scope = self.scope(scope)
        return f"{name}@{scope.lineno}:{scope.col_offset}" if scope else name

    def _is_bound(self, name: ast.Name) -> bool:
        key = self._named(name.id, name)
        return "@" in key or name.id in self._bound.get(None, ())

    @cached_property
    def _attributes(self) -> frozenset[str]:
        stored = (node for node in self.of(ast.Attribute) if isinstance(node.ctx, ast.Store))
        return frozenset(node.attr for node in stored)

    @cached_property
    def _bound(self) -> dict[Function | None, set[str]]:
        bound: dict[Function | None, set[str]] = {}
        elsewhere: dict[Function | None, set[str]] = {}
        for node in self.nodes:
            scope = self.scope(node)
            match node:
                case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                    bound.setdefault(scope, set()).add(name)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    bound.setdefault(scope, set()).add(name)
                case ast.ExceptHandler(name=str(name)) | ast.ClassDef(name=name):
                    bound.setdefault(scope, set()).add(name)
                case ast.Global(names=names) | ast.Nonlocal(names=names):
                    elsewhere.setdefault(scope, set()).update(names)
                case _:
                    pass
        return {scope: names - elsewhere.get(scope, set()) for scope, names in bound.items()}


def read(text: str) -> Syntax | None:
    """Returns the syntax of an improver; None where the text is none that can be read.

    None for text that does not parse, defines no ``improve_algorithm``, or has more than 10,000
    nodes.
    """
    tree = parsed(text)
    return None if tree is None else syntax_of(tree)


def syntax_of(tree: ast.Module) -> Syntax | None:
    """Returns the syntax of an improver from its tree, which it takes over; see `read`."""
    if sum(1 for _ in ast.walk(tree)) > _MOST_NODES:
        return None
    entries = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    entry = next((node for node in reversed(entries) if node.name == ENTRY), None)
    if entry is None:
        return None
    _drop_dead_code(tree)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    nodes = tuple(_reachable(tree, entry))
    return Syntax(entry, nodes, parents, _scopes(tree), _functions(tree), _imports(nodes))


def _runs_once(loop: ast.AST, path: list[ast.AST]) -> bool:
    """Tells whether the end of a path into a loop is what it iterates over, or what follows it."""
    if isinstance(loop, COMPREHENSIONS):
        first = loop.generators[0]
        return path[-1] is first and path[-2] is first.iter
    if isinstance(loop, ast.For | ast.AsyncFor) and path[-1] is loop.iter:
        return True
    return isinstance(loop, LOOPS) and path[-1] in loop.orelse


def _drop_dead_code(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.While) and isinstance(node.test, ast.Constant):
            if node.test.value:
                node.orelse = []
            else:
                node.body = []
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if isinstance(statements, list):
                _cut(statements)  # pyright: ignore[reportUnknownArgumentType] - a list of statements


def _cut(statements: list[ast.stmt]) -> None:
    ends = (nth for nth, each in enumerate(statements) if isinstance(each, _ENDS))
    del statements[next(ends, len(statements)) + 1 :]


def _scopes(tree: ast.Module) -> dict[ast.AST, Function]:
    found: dict[ast.AST, Function] = {}
    for node in ast.walk(tree):
        scope = node if isinstance(node, _SCOPES) else found.get(node)
        if scope is not None:
            found |= dict.fromkeys(ast.iter_child_nodes(node), scope)
    return found


def _functions(tree: ast.Module) -> dict[str, Function]:
    found: dict[str, Function] = {}
    for node in ast.walk(tree):
        if isinstance(node, _DEFINITIONS):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef) and (made := _constructor(node)):
            found[node.name] = made
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            found |= {each.id: node.value for each in node.targets if isinstance(each, ast.Name)}
    return found


def _constructor(node: ast.ClassDef) -> ast.FunctionDef | None:
    methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
    return next((each for each in methods if each.name == "__init__"), None)


def _reachable(tree: ast.Module, entry: ast.FunctionDef) -> Iterator[ast.AST]:
    definitions: dict[str, list[ast.AST]] = {}
    for node in ast.walk(tree):
        if isinstance(node, (*_DEFINITIONS, ast.ClassDef)):
            definitions.setdefault(node.name, []).append(node)
    waiting: list[ast.AST] = [tree, entry]
    seen: set[ast.AST] = set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        yield node
        # A method can be called by whoever holds the object; a function must be named.
        named = () if isinstance(node, ast.ClassDef) else (*_DEFINITIONS, ast.ClassDef)
        waiting.extend(each for each in ast.iter_child_nodes(node) if not isinstance(each, named))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            waiting.extend(definitions.get(node.id, ()))


def _imports(nodes: tuple[ast.AST, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
    return found
