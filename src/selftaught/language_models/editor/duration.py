"""How long a call of a program takes, as far as its text tells: a rough number of steps.

Loops inside one another multiply, loops one after another add up, and what the text does not tell
counts as something usual. A step takes about half a microsecond, in the programs of the package
0.3 to 1.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable

from selftaught.language_models.editor.syntax import walk

_LENGTH = 30
"""Of a loop whose text does not tell."""
_UNTIL_DECIDED = 3
"""Values that `any` and `all` look at."""
_CALL = 30
"""One of the program's own functions is there because it does something."""
_Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def steps_of(tree: ast.AST, name: str) -> int:
    r"""Returns how many steps a call of one of a program's functions takes, at least one.

    Example:
        >>> steps_of(ast.parse("def f(x):\n    return [y for y in x for i in range(4)]"), "f")
        120
    """
    return max(1, _Steps(tree).of_function(name))


def numbers_of_turns(tree: ast.AST) -> list[ast.Constant]:
    """Returns the numbers, 2 or more, that say how often the loops of a program turn."""
    lengths = [
        _length_of(node)
        for node in walk(tree)
        if isinstance(node, ast.Call) and _is_range(node) and node.args
    ]
    parts = [node for length in lengths for node in walk(length)]
    names = {node.id for node in parts if isinstance(node, ast.Name)}
    found = [node for node in parts if isinstance(node, ast.Constant)]
    found += [value for name, value in _constants_of(tree) if name in names]
    return [node for node in found if isinstance(node.value, int) and node.value > 1]


def _constants_of(tree: ast.AST) -> Iterable[tuple[str, ast.Constant]]:
    """Yields the constants that names are given, by assignment or as a parameter's default."""
    for node in walk(tree):
        match node:
            case ast.Assign(targets=targets, value=ast.Constant() as value):
                yield from ((each.id, value) for each in targets if isinstance(each, ast.Name))
            case ast.FunctionDef(args=ast.arguments(args=arguments, defaults=defaults)):
                later = arguments[len(arguments) - len(defaults) :]
                for argument, default in zip(later, defaults, strict=True):
                    if isinstance(default, ast.Constant):
                        yield argument.arg, default
            case _:
                continue


def _is_range(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "range"


def _length_of(range_call: ast.Call) -> ast.expr:
    return range_call.args[min(1, len(range_call.args) - 1)]


class _Steps:
    """What the loops of one program come to."""

    def __init__(self, tree: ast.AST) -> None:
        self._functions = {
            node.name: node for node in walk(tree) if isinstance(node, ast.FunctionDef)
        }
        self._numbers = {name: constant.value for name, constant in _constants_of(tree)}
        self._known: dict[str, int] = {}

    def of_function(self, name: str) -> int:
        if name not in self._known:
            self._known[name] = 0  # a function that calls itself is counted once
            self._known[name] = sum(map(self._of, self._functions[name].body))
        return self._known[name]

    def _of(self, node: ast.AST) -> int:  # noqa: PLR0911 - one case for each kind
        match node:
            case ast.FunctionDef():
                return 0
            case ast.For(iter=source, body=body):
                return self._of(source) + self._times(source) * max(1, sum(map(self._of, body)))
            case ast.Call(func=ast.Name(id="any" | "all"), args=[ast.GeneratorExp() as inner]):
                return self._of_comprehension(inner, _UNTIL_DECIDED)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._of_comprehension(node, math.inf)
            case ast.Call(func=ast.Name(id=name)) if name in self._functions:
                return _CALL + self.of_function(name) + sum(map(self._of, node.args))
            case _:
                return sum(map(self._of, ast.iter_child_nodes(node)))

    def _of_comprehension(self, node: _Comprehension, most: float) -> int:
        times = math.prod(self._times(each.iter) for each in node.generators)
        return int(min(times, most)) * max(1, sum(map(self._of, ast.iter_child_nodes(node))))

    def _times(self, source: ast.expr) -> int:
        """Returns over how many values a loop runs."""
        match source:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return len(parts)
            case ast.Call(func=ast.Name(id=name)) if name in self._functions:
                return max(1, self.of_function(name))
            case ast.Call(args=[_, *_]) if _is_range(source):
                return math.prod(map(self._number, _factors_of(_length_of(source))))
            case _:
                return _LENGTH

    def _number(self, factor: ast.expr) -> int:
        match factor:
            case ast.Constant(value=int() as value):
                return max(1, value)
            case ast.Name(id=name) if isinstance(value := self._numbers.get(name), int):
                return max(1, value)
            case _:
                return _LENGTH


def _factors_of(length: ast.expr) -> Iterable[ast.expr]:
    match length:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            yield from _factors_of(left)
            yield from _factors_of(right)
        case _:
            yield length
