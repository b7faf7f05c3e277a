"""How many steps a program takes when it is imported: a bound, infinite where there may be none.

Code counts where it runs: a function's body where it is called, a loop's body as often as it turns.
Whatever is not known to end counts as endless: every `while`, recursion, calls of unknown functions
and lists that may grow while they are read. A step that may double what it works on costs a share
of all the steps that are allowed, so that few of them can follow one another.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator, Mapping

from selftaught.language_models.editor.growth import changed_in_place, may_grow, multiplies
from selftaught.language_models.editor.known_calls import (
    DECORATORS,
    METHODS,
    QUICK,
    READING,
    SIZED,
    names_of,
)
from selftaught.language_models.editor.measures import DOUBLING, Measures, is_wide, read_by
from selftaught.language_models.editor.own_classes import (
    makes_instances,
    own_bases,
    sets_special_names,
)
from selftaught.language_models.editor.syntax import names_bound, walk

_ENDLESS_METHODS = {"__getitem__", "__next__", "__getattribute__", "__getattr__", "__iter__"}
_HOOKS = frozenset({"__class_getitem__", "__init_subclass__", "__mro_entries__"})
"""Methods that run where a class itself is used."""
_NAMES = {"__name__", "__file__", "__doc__"}

Known = Mapping[str, float]
"""Bounds on the numbers that names stand for."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Steps:
    """Counts the steps of a program's statements at import."""

    def __init__(self, tree: ast.Module) -> None:
        nodes = walk(tree)
        self._names = names_of(tree)
        counts = self._names.counts
        defined = [node for node in nodes if isinstance(node, Function | ast.ClassDef)]
        self._own = {node.name: node for node in defined if counts[node.name] == 1}
        self._methods = {
            each.name: each
            for node in defined
            if isinstance(node, ast.ClassDef)
            for each in node.body
            if isinstance(each, Function)
        }
        values = {
            target.id: node.value
            for node in nodes
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and counts[target.id] == 1
        }
        self._tree = tree
        self._measures = Measures(self._names, values, changed_in_place(nodes), {})
        self._running: set[str] = set()
        self._counted: dict[tuple[str, tuple[float, ...]], float] = {}

    def of(self, node: ast.AST) -> float:
        """Returns a bound on the steps that running a statement or an expression takes."""
        return self._of(node, {})

    def of_decorators(self, node: Function | ast.ClassDef) -> float:
        """Returns a bound on the steps that decorating takes."""
        return sum(map(self._of_decorator, node.decorator_list))

    def _all(self, nodes: Iterable[ast.AST | None], known: Known) -> float:
        return sum(self._of(node, known) for node in nodes if node is not None)

    def _of(self, node: ast.AST, known: Known) -> float:  # noqa: C901, PLR0911, PLR0912 - one case for each kind
        match node:
            case ast.Constant() | ast.Import() | ast.ImportFrom() | ast.Global() | ast.Pass():
                return 1
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                return self._of_definition(node, known)
            case ast.ClassDef():
                return self._of_class(node, known)
            case ast.While() | ast.AsyncFor() | ast.AsyncWith() | ast.Await() | ast.YieldFrom():
                return math.inf
            case ast.For():
                return self._of_loop(node, known)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self._of_comprehension(node, known)
            case ast.Call():
                return self._of_call(node, known)
            case ast.Name() | ast.Attribute():
                return self._of_access(node, known)
            case ast.BinOp(left=left, op=operator, right=right):
                return self._all([left, right], known) + self._measures.steps(
                    left, operator, right, known
                )
            case ast.AugAssign(target=target, op=operator, value=value):
                inside = self._all([target, value], known) + self._lengths([value], known)
                return inside + self._measures.steps(target, operator, value, known)
            case ast.FormattedValue(format_spec=ast.JoinedStr() as form) if is_wide(form):
                return math.inf
            case _:
                inside = self._all(ast.iter_child_nodes(node), known)
                return 1 + inside + self._lengths(read_by(node), known)

    def _lengths(self, values: Iterable[ast.expr], known: Known) -> float:
        return sum(self._measures.length(each, known) for each in values)

    def _of_definition(self, node: Function | ast.Lambda, known: Known) -> float:
        arguments = node.args
        parts: list[ast.AST | None] = [*arguments.defaults, *arguments.kw_defaults]
        if isinstance(node, ast.Lambda):
            return 1 + self._all(parts, known)
        parts += [each.annotation for each in walk(arguments) if isinstance(each, ast.arg)]
        return 1 + self.of_decorators(node) + self._all([*parts, node.returns], known)

    def _of_class(self, node: ast.ClassDef, known: Known) -> float:
        for each in node.keywords:
            is_plain = isinstance(each.value, ast.Constant)
            if not is_plain and self._names.called(each.value) not in {
                "abc.ABCMeta",
                "enum.EnumMeta",
            }:
                return math.inf
        if sets_special_names(node):
            return math.inf
        if any(isinstance(base, ast.Call) for base in node.bases):
            return math.inf
        # Classes such as enumerations make their own instances.
        made = self._of_methods(node) if makes_instances(node, self._own, self._names) else 0.0
        inside = [*node.bases, *node.body]
        return 1 + made + self.of_decorators(node) + self._all(inside, known)

    def _of_decorator(self, decorator: ast.expr) -> float:
        if self._is_known(decorator):
            return self._all(ast.iter_child_nodes(decorator), {}) + 1
        match decorator:
            case ast.Name(id=name) if isinstance(self._own.get(name), ast.FunctionDef):
                return self._of_own(name, [])
            case ast.Attribute(value=ast.Name(), attr="setter" | "getter" | "deleter"):
                return 1
            case _:
                return math.inf

    def _of_loop(self, node: ast.For, known: Known) -> float:
        if may_grow(node.iter, node.body, self._tree, self._own):
            return math.inf
        bound = names_bound(ast.Module(node.body, [])) | changed_in_place(walk(node))
        inner = dict(known)
        if isinstance(node.target, ast.Name):
            inner.pop(node.target.id, None)
            if node.target.id not in bound:
                inner[node.target.id] = self._measures.element(node.iter, known)
        body = self._all([node.target, *node.body], inner) + sum(
            DOUBLING for each in node.body if multiplies(each, bound)
        )
        turns = self._measures.length(node.iter, known)
        outside = self._all([node.iter, *node.orelse], known)
        return 1 + outside + max(1.0, turns) * body

    def _of_comprehension(self, node: Comprehension, known: Known) -> float:
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        inner, turns, steps = dict(known), 1.0, 0.0
        for each in node.generators:
            if each.is_async or may_grow(each.iter, [*parts, *each.ifs], self._tree, self._own):
                return math.inf
            steps += turns * self._of(each.iter, inner)
            turns *= max(1.0, self._measures.length(each.iter, inner))
            if isinstance(each.target, ast.Name):
                inner[each.target.id] = self._measures.element(each.iter, inner)
            steps += turns * (1 + self._all(each.ifs, inner))
        return steps + turns * self._all(parts, inner)

    def _of_access(self, node: ast.Name | ast.Attribute, known: Known) -> float:
        if isinstance(node, ast.Name):
            if node.id.startswith("__") and node.id not in _NAMES:
                return math.inf
            if node.id in self._names.modules and isinstance(node.ctx, ast.Load):
                return math.inf
            own = self._own.get(node.id)
            return 1 + self._of_methods(own, _HOOKS) if isinstance(own, ast.ClassDef) else 1
        root = node.value
        while isinstance(root, ast.Attribute):
            root = root.value
        of_module = isinstance(root, ast.Name) and root.id in self._names.modules
        if (node.attr.startswith("__") and node.attr not in {"__init__", *_NAMES}) or (
            of_module and not isinstance(node.ctx, ast.Load)
        ):
            return math.inf
        return 1 if of_module else 1 + self._of(node.value, known)

    def _of_methods(self, own: ast.ClassDef, names: frozenset[str] | None = None) -> float:
        """Counts the methods that run without being called by name; those of some names only."""
        methods = [
            each
            for each in own.body
            if isinstance(each, Function)
            and (each.name.startswith("_") or each.decorator_list)
            and (names is None or each.name in names)
        ]
        if any(each.name in _ENDLESS_METHODS for each in methods):
            return math.inf
        inherited = sum(self._of_methods(each, names) for each in own_bases(own, self._own))
        return inherited + sum(
            self._of_body(each, {}, f"{own.name}.{each.name}") for each in methods
        )

    def _of_call(self, node: ast.Call, known: Known) -> float:
        steps = 1 + self._all([*node.args, *node.keywords], known)
        function = node.func
        own = self._own.get(function.id) if isinstance(function, ast.Name) else None
        if isinstance(own, ast.ClassDef):
            return steps + self._of(function, known) + self._of_methods(own)
        if own is not None:
            is_known = all(map(self._is_known, own.decorator_list))
            return steps + self._of_own(own.name, node.args, known) if is_known else math.inf
        name = self._names.called(function)
        if name is not None:
            return steps + self._of_known(name, node, known) if name in QUICK else math.inf
        return steps + self._of_method(node, known)

    def _of_method(self, node: ast.Call, known: Known) -> float:
        """Counts a call of what is not a known function: of a method that values have, if any."""
        match node.func:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
                return 1
            case ast.Attribute(value=value, attr="format"):
                return math.inf if is_wide(value) else self._of(value, known)
            case ast.Attribute(value=value, attr=name) if name in METHODS - self._methods.keys():
                if any(each.arg in {"key", None} for each in node.keywords):
                    return math.inf
                read = [value, *node.args]
                return self._of(value, known) + self._lengths(read, known)
            case _:
                return math.inf

    def _of_known(self, name: str, node: ast.Call, known: Known) -> float:
        """Counts a call of a function that ends by itself, with what it reads and calls back."""
        steps = self._lengths(node.args, known) if name in READING else 0.0
        if name in SIZED:
            steps += math.prod(self._sizes(node, known))
        if name == "collections.defaultdict":
            steps += sum(self._of_callback(each) for each in node.args[:1])
        callbacks = {"key", "default_factory"}
        return steps + sum(
            self._of_callback(each.value) * 100
            for each in node.keywords
            if each.arg in callbacks or each.arg is None
        )

    def _sizes(self, node: ast.Call, known: Known) -> Iterator[float]:
        for each in node.args[: 2 if self._names.called(node.func) == "numpy.arange" else 1]:
            for part in each.elts if isinstance(each, ast.Tuple | ast.List) else [each]:
                yield max(1.0, self._measures.number(part, known))

    def _of_callback(self, value: ast.expr) -> float:
        match value:
            case ast.Lambda(body=body):
                return self._of(body, {})
            case ast.Constant():
                return 0
            case ast.Name(id=name) if isinstance(self._own.get(name), ast.FunctionDef):
                return self._of_own(name, [])
            case _:
                return 1 if self._names.called(value) in QUICK - SIZED else math.inf

    def _is_known(self, decorator: ast.expr) -> bool:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        return self._names.called(called) in DECORATORS

    def _of_own(self, name: str, arguments: list[ast.expr], known: Known | None = None) -> float:
        own = self._own[name]
        if not isinstance(own, ast.FunctionDef):
            return math.inf
        parameters = [each.arg for each in (*own.args.posonlyargs, *own.args.args)]
        bound = names_bound(ast.Module(own.body, []))
        inner: dict[str, float] = {}
        for parameter, argument in zip(parameters, arguments, strict=False):
            if parameter not in bound:
                inner[parameter] = self._measures.number(argument, known or {})
                inner[f"len {parameter}"] = self._measures.length(argument, known or {})
        return self._of_body(own, inner, name)

    def _of_body(self, own: Function, known: Known, name: str) -> float:
        place = (name, tuple(known.values()))
        if name in self._running:
            return math.inf
        if place not in self._counted:
            self._running.add(name)
            self._counted[place] = 1 + self._all(own.body, known)
            self._running.discard(name)
        return self._counted[place]
