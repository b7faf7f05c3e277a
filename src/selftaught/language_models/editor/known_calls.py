"""Calls that end by themselves, by their full names: what a program may do when it is imported."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from typing import NamedTuple

from selftaught.language_models.editor.syntax import walk


def _names(module: str, names: str) -> frozenset[str]:
    return frozenset(f"{module}.{name}" for name in names.split())


READING = _names(
    "builtins", "any all dict enumerate frozenset list max min reversed set sorted sum tuple zip"
) | _names("collections", "Counter OrderedDict deque")
"""Calls that read all of what they are given."""
SIZED = _names("numpy", "arange empty full linspace ones zeros")
"""Calls whose first argument is a size."""
_FAILURES = {
    f"builtins.{name}"
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}
QUICK = (
    READING
    | SIZED
    | _FAILURES
    | _names(
        "builtins", "abs bool bytes chr classmethod complex divmod float hash id int isinstance"
    )
    | _names("builtins", "issubclass len object ord print property range repr round slice str")
    | _names("builtins", "staticmethod super")
    | _names("collections", "defaultdict namedtuple")
    | _names("dataclasses", "dataclass field")
    | _names("enum", "auto unique")
    | _names("functools", "cache cached_property lru_cache partial total_ordering wraps")
    | _names("itertools", "chain")
    | _names("logging", "basicConfig getLogger")
    | _names("math", "acos asin atan atan2 ceil cos exp floor hypot isclose log log10 log2 pow")
    | _names("math", "radians sin sqrt tan tanh")
    | _names("numpy", "array asarray float32 float64 int32 int64 random.RandomState")
    | _names("numpy", "random.default_rng random.seed seterr")
    | _names("operator", "attrgetter itemgetter methodcaller")
    | _names("os", "environ.get getenv")
    | _names("random", "Random random randint randrange seed uniform gauss choice")
    | _names("re", "compile escape")
    | _names("sys", "path.append path.insert setrecursionlimit set_int_max_str_digits")
    | _names("time", "monotonic perf_counter process_time time")
    | _names("types", "SimpleNamespace")
    | _names("typing", "NamedTuple NewType TypeVar cast")
    | _names("warnings", "filterwarnings simplefilter")
)
DECORATORS = (
    QUICK
    | _names("abc", "abstractmethod")
    | _names("contextlib", "contextmanager")
    | _names("typing", "final overload runtime_checkable")
)
METHODS = frozenset({
    "add", "append", "astype", "capitalize", "clear", "copy", "count", "discard", "encode",
    "endswith", "extend", "find", "get", "index", "insert", "isdigit", "items", "join", "keys",
    "lower", "lstrip", "most_common", "pop", "popitem", "randint", "random", "remove", "replace",
    "reverse", "rstrip", "setdefault", "setter", "sort", "split", "splitlines",
    "startswith", "strip", "title", "tolist", "union", "update", "values",
})  # fmt: skip
"""Methods of built-in values that take no longer than the values are."""


class Names(NamedTuple):
    """What the names of a program stand for, as far as it gives each of them one value only."""

    counts: Counter[str]
    """How often a name is bound, anywhere."""
    imported: dict[str, str]
    modules: frozenset[str]
    """Names of imported modules."""

    def called(self, function: ast.expr) -> str | None:
        """Returns the full name of a function that is built in or imported."""
        match function:
            case ast.Name(id=name) if name in self.imported:
                return self.imported[name] if self.counts[name] == 1 else None
            case ast.Name(id=name):
                return None if self.counts[name] else f"builtins.{name}"
            case ast.Attribute(value=ast.Name() | ast.Attribute() as value, attr=name):
                module = self.called(value)
                known = module is not None and not module.startswith("builtins.")
                return f"{module}.{name}" if known else None
            case _:
                return None


def names_of(tree: ast.Module) -> Names:
    """Reads what a program imports and binds."""
    counts: Counter[str] = Counter()
    imported: dict[str, str] = {}
    modules: set[str] = set()
    for node in walk(tree):
        match node:
            case ast.Import(names=names):
                for each in names:
                    name = each.asname or each.name.split(".")[0]
                    counts[name] += imported.get(name) != name or each.asname is not None
                    imported[name] = each.name if each.asname else name
                    modules.add(name)
            case ast.ImportFrom(names=names, module=module):
                for each in names:
                    counts[each.asname or each.name] += 1
                    imported[each.asname or each.name] = f"{module}.{each.name}"
            case _:
                counts.update(_bound_by(node))
    return Names(counts, imported, frozenset(modules))


def _bound_by(node: ast.AST) -> list[str]:  # noqa: PLR0911 - one case for each kind
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return [name]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.ClassDef(name=name) | ast.arg(arg=name):
            return [name]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            return [name]
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            return [name]
        case _:
            return []
