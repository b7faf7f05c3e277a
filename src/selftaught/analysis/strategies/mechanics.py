"""What an improver is built with: caches, threads, budgets, prints, broad handlers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from selftaught.analysis.programs.roles import Roles

_PARALLEL = {
    "asyncio": ("gather", "to_thread", "create_task", "TaskGroup"),
    "concurrent.futures": ("ThreadPoolExecutor", "ProcessPoolExecutor"),
    "joblib": ("Parallel",),
    "multiprocessing": ("Pool", "Process"),
    "multiprocessing.pool": ("ThreadPool",),
    "threading": ("Thread",),
}
_MADE_PARALLEL = {f"{module}.{name}" for module, names in _PARALLEL.items() for name in names} | {
    "ThreadPoolExecutor",
    "ProcessPoolExecutor",
}
_CACHES = ("functools.lru_cache", "functools.cache", "lru_cache")
_PRINTING = ("print", "sys.stdout.write", "sys.stderr.write")
_EVERYTHING = ("Exception", "BaseException")
_ALLOWANCES = ("budget", "remaining_budget", "max_responses_per_call")


def caches(roles: Roles) -> Iterator[ast.AST]:
    """A score or reply is kept under its program and looked up before it is asked for again."""
    for node in roles.syntax.of(ast.FunctionDef):
        yield from (each for each in node.decorator_list if _is_cache(roles, each))
    for node in roles.syntax.of(ast.Call):
        if isinstance(node.func, ast.Call) and _is_cache(roles, node.func):
            yield node
    looked_up = _looked_up(roles)
    for edge in roles.flow.edges:
        stored = _is_stored(roles, edge.node)
        if stored and edge.target in looked_up & (roles.scored | roles.replies):
            yield edge.node


def runs_in_parallel(roles: Roles) -> Iterator[ast.AST]:
    """Threads, processes or tasks are started; to import what could start them is not enough."""
    for call in roles.syntax.of(ast.Call):
        if roles.syntax.dotted(call.func) in _MADE_PARALLEL:
            yield call


def maps_utility(roles: Roles) -> Iterator[ast.AST]:
    """Several programs are scored at the same time by ``utility.map``."""
    for call in roles.syntax.of(ast.Call):
        match call.func:
            case ast.Attribute(value=base, attr="map") if roles.flow.carries(base, roles.utility):
                yield call
            case _:
                pass


def heeds_budgets(roles: Roles) -> Iterator[ast.AST]:
    """The budget of the utility or of the language model is read."""
    objects = roles.utility | roles.language_model
    for node in roles.syntax.of(ast.Attribute):
        is_read = node.attr in _ALLOWANCES and isinstance(node.ctx, ast.Load)
        if is_read and roles.flow.carries(node.value, objects):
            yield node


def prints(roles: Roles) -> Iterator[ast.AST]:
    """Something is printed or logged."""
    loggers = roles.flow.holders(lambda each: _makes_logger(roles, each))
    for call in roles.syntax.of(ast.Call):
        name = roles.syntax.dotted(call.func)
        base = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        is_logged = name.startswith("logging.") and not _makes_logger(roles, call)
        if name in _PRINTING or is_logged or roles.flow.key(base) in loggers:
            yield call


def catches_everything(roles: Roles) -> Iterator[ast.AST]:
    """All exceptions are caught: a bare except, Exception, BaseException, or suppress of them."""
    for handler in roles.syntax.of(ast.ExceptHandler):
        if handler.type is None or _names_everything(roles, handler.type):
            yield handler
    for call in roles.syntax.of(ast.Call):
        suppresses = roles.syntax.dotted(call.func) == "contextlib.suppress"
        if suppresses and any(_names_everything(roles, each) for each in call.args):
            yield call


def _is_cache(roles: Roles, expression: ast.expr) -> bool:
    function = expression.func if isinstance(expression, ast.Call) else expression
    return roles.syntax.dotted(function) in _CACHES


def _is_stored(roles: Roles, node: ast.AST) -> bool:
    """Tells whether something is put under a program, or under all of several programs."""
    match node:
        case ast.Assign(targets=[ast.Subscript(slice=place)]):
            return roles.flow.mentions(place, roles.programs)
        case ast.Call(func=ast.Attribute(attr="update"), args=[ast.Call(args=[keys, _]) as pairs]):
            is_zip = roles.syntax.dotted(pairs.func) == "zip"
            return is_zip and roles.flow.carries(keys, roles.programs)
        case _:
            return False


def _looked_up(roles: Roles) -> frozenset[str]:
    """Names that are asked whether they hold something about a program."""
    found: set[str | None] = set()
    for node in roles.syntax.nodes:
        match node:
            case (
                ast.Compare(left=asked, ops=[ast.In() | ast.NotIn()], comparators=[container])
                | ast.Call(func=ast.Attribute(value=container, attr="get"), args=[asked, *_])
            ) if roles.flow.mentions(asked, roles.programs):
                found.add(roles.flow.key(container))
            case ast.Try(handlers=handlers, body=body):
                names = {roles.syntax.dotted(each.type) for each in handlers if each.type}
                if "KeyError" in names:
                    parts = (part for each in body for part in ast.walk(each))
                    read = (part for part in parts if isinstance(part, ast.Subscript))
                    found |= {roles.flow.key(part.value) for part in read}
            case _:
                pass
    return frozenset(filter(None, found))


def _makes_logger(roles: Roles, expression: ast.expr) -> bool:
    is_call = isinstance(expression, ast.Call)
    return is_call and roles.syntax.dotted(expression.func) == "logging.getLogger"


def _names_everything(roles: Roles, expression: ast.expr) -> bool:
    parts = expression.elts if isinstance(expression, ast.Tuple) else [expression]
    return any(roles.syntax.dotted(each) in _EVERYTHING for each in parts)
