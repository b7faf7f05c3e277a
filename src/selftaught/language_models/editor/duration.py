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
_HUGE = 10**9
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
    parts = [node for length in lengths for node in _factors_in(length)]
    names = {node.id for node in parts if isinstance(node, ast.Name)}
    found = [node for node in parts if isinstance(node, ast.Constant)]
    found += [value for name, value in _constants_of(tree) if name in names]
    return [node for node in found if isinstance(node.value, int) and node.value > 1]


def _factors_in(length: ast.expr) -> Iterable[ast.AST]:
    """Yields the parts of a length that make it longer: no indices and no divisors."""
    match length:
        case ast.Subscript():
            return
        case ast.BinOp(left=left, op=ast.Div() | ast.FloorDiv() | ast.Mod() | ast.Sub()):
            yield from _factors_in(left)
        case _:
            yield length
            for each in ast.iter_child_nodes(length):
                if isinstance(each, ast.expr):
                    yield from _factors_in(each)


def _constants_of(tree: ast.AST) -> Iterable[tuple[str, ast.Constant]]:
    """Yields the constants that names are given, by assignment or as a parameter's default."""
    for node in walk(tree):
        match node:
            case ast.Assign(targets=targets, value=ast.Constant() as value):
                yield from ((each.id, value) for each in targets if isinstance(each, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant() as value):
                yield name, value
            case ast.arguments():
                arguments = [*node.posonlyargs, *node.args]
                later = arguments[len(arguments) - len(node.defaults) :]
                pairs = [
                    *zip(later, node.defaults, strict=True),
                    *zip(node.kwonlyargs, node.kw_defaults, strict=True),
                ]
                for argument, default in pairs:
                    if isinstance(default, ast.Constant):
                        yield argument.arg, default
            case _:
                continue


def _is_range(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "range"


def _length_of(range_call: ast.Call) -> ast.expr:
    return range_call.args[min(1, len(range_call.args) - 1)]


def _whole_number(constant: ast.Constant) -> int:
    return constant.value if isinstance(constant.value, int) else 0


class _Steps:
    """What the loops of one program come to."""

    def __init__(self, tree: ast.AST) -> None:
        self._functions = {
            node.name: node for node in walk(tree) if isinstance(node, ast.FunctionDef)
        }
        self._numbers: dict[str, int] = {}
        for name, constant in _constants_of(tree):
            known = self._numbers.get(name, 0)
            self._numbers[name] = max(known, _whole_number(constant))
        self._known: dict[str, int] = {}

    def of_function(self, name: str) -> int:
        if name not in self._known:
            self._known[name] = 0  # a function that calls itself is counted once
            self._known[name] = self._all(self._functions[name].body)
        return self._known[name]

    def _of(self, node: ast.AST) -> int:  # noqa: PLR0911 - one case for each kind
        match node:
            case ast.FunctionDef():
                return 0
            case ast.For(iter=source, body=body, orelse=after):
                times = self._times(source)
                return self._of(source) + times * max(1, self._all(body)) + self._all(after)
            case ast.While(test=test, body=body):
                return _LENGTH * max(1, self._all([test, *body]))
            case ast.Call(func=ast.Name(id="any" | "all"), args=[ast.GeneratorExp() as inner]):
                return self._of_comprehension(inner, _UNTIL_DECIDED)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._of_comprehension(node, math.inf)
            case ast.Call(func=ast.Name(id=name)) if name in self._functions:
                return _CALL + self.of_function(name) + self._all(node.args)
            case _:
                return self._all(ast.iter_child_nodes(node))

    def _all(self, nodes: Iterable[ast.AST]) -> int:
        return sum(map(self._of, nodes))

    def _of_comprehension(self, node: _Comprehension, most: float) -> int:
        times = math.prod(self._times(each.iter) for each in node.generators)
        return int(min(times, most)) * max(1, self._all(ast.iter_child_nodes(node)))

    def _times(self, source: ast.expr) -> int:
        """Returns over how many values a loop runs."""
        match source:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return len(parts)
            case ast.Call(func=ast.Name(id=name)) if name in self._functions:
                return max(1, self.of_function(name))
            case ast.Call(args=[_, *_]) if _is_range(source):
                return max(map(self._number, source.args[:2]))
            case _:
                return _LENGTH

    def _number(self, value: ast.expr) -> int:  # noqa: PLR0911 - one case for each kind
        match value:
            case ast.Constant(value=int() | float() as number) if abs(number) < _HUGE:
                return max(1, int(number))
            case ast.Constant():
                return _HUGE
            case ast.Name(id=name) if name in self._numbers:
                return max(1, self._numbers[name])
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return self._number(left) * self._number(right)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._number(left) + self._number(right)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return min(_HUGE, self._number(left)) ** min(10, self._number(right))
            case ast.Call(func=ast.Name(id="int"), args=[inner]):
                return self._number(inner)
            case _:
                return _LENGTH
