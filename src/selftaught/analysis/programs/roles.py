"""Who is who in an improver: its input, the utility, the language model, replies and scores."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from selftaught.analysis.programs.edges import Edge, returned
from selftaught.analysis.programs.flow import Flow
from selftaught.analysis.programs.syntax import Function, Syntax

_ASKING = ("prompt", "batch_prompt")
_TEMPERATURES = {"prompt": 3, "batch_prompt": 2}
"""Position of the temperature among the arguments."""
_CHOOSING = ("max", "min", "sorted", "heapq.nlargest", "heapq.nsmallest")
_LOOKING = (
    *("callable", "format", "getattr", "hasattr", "id", "isinstance", "issubclass", "print"),
    *("repr", "setattr", "str", "type", "vars", "inspect.signature", "object.__setattr__"),
)
"""Functions that look at a function they are given, and do not call it."""
_RANDOM = ("random", "uniform", "choice", "choices", "sample", "randint", "randrange", "shuffle")
_GENERATORS = ("random.Random", "random.SystemRandom", "numpy.random.default_rng")


@dataclass(frozen=True, eq=False)
class Roles:
    """The parts that the values of an improver play.

    By position: the first parameter is the initial solution, the second the utility, the third the
    language model, unless the parameters' own names say otherwise.
    """

    syntax: Syntax
    flow: Flow

    @cached_property
    def initial(self) -> frozenset[str]:
        """Names that may hold the initial solution."""
        return self._held_parameter(0, ())

    @cached_property
    def utility(self) -> frozenset[str]:
        """Names that may hold the utility."""
        return self._held_parameter(1, ("utility", "meta_utility"))

    @cached_property
    def language_model(self) -> frozenset[str]:
        """Names that may hold the language model, or one that the program makes itself."""
        made = self.flow.holders(self.makes_model)
        return made | self._held_parameter(2, ("language_model", "model"))

    def makes_model(self, expression: ast.expr) -> bool:
        """Tells whether an expression makes a language model of the program's own."""
        return isinstance(expression, ast.Call) and (
            self.syntax.dotted(expression.func).rpartition(".")[2] == "LanguageModel"
        )

    @cached_property
    def model_calls(self) -> tuple[ast.Call, ...]:
        """Calls of the language model."""
        return tuple(call for call in self.syntax.of(ast.Call) if self.asks(call))

    def asks(self, expression: ast.expr) -> bool:
        """Tells whether an expression is a call of the language model."""
        return (
            isinstance(expression, ast.Call)
            and isinstance(expression.func, ast.Attribute)
            and expression.func.attr in _ASKING
            and self.flow.carries(expression.func.value, self.language_model, self.makes_model)
        )

    def temperature(self, call: ast.Call) -> ast.expr | None:
        """Returns the temperature that a call of the language model asks for."""
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        if "temperature" in named:
            return named["temperature"]
        assert isinstance(call.func, ast.Attribute)
        return next(iter(call.args[_TEMPERATURES[call.func.attr] :]), None)

    def message(self, call: ast.Call) -> ast.expr | None:
        """Returns the message, or messages, of a call of the language model."""
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        given = [named[name] for name in ("message", "messages") if name in named]
        return next(iter(given or call.args[1:2]), None)

    @cached_property
    def evaluated(self) -> tuple[tuple[ast.Call, list[ast.expr]], ...]:
        """Calls that score programs, with what they score."""
        return tuple(
            (call, subjects)
            for call in self.syntax.of(ast.Call)
            if (subjects := list(self._subjects(call)))
        )

    def scores(self, expression: ast.expr) -> bool:
        """Tells whether an expression is a call whose value is a score, or several."""
        if not isinstance(expression, ast.Call) or self.is_choice(expression):
            return False
        return any(True for _ in self._subjects(expression))

    @cached_property
    def scored(self) -> frozenset[str]:
        """Names that may hold scores."""
        return self.flow.holders(self.scores)

    @cached_property
    def replies(self) -> frozenset[str]:
        """Names that may hold replies of the language model, or the programs in them."""
        return self.flow.holders(self.asks)

    @cached_property
    def programs(self) -> frozenset[str]:
        """Names that may hold a program."""
        return self.replies | self.initial

    @cached_property
    def prompted(self) -> frozenset[str]:
        """Names that the messages to the language model are made of."""
        messages = filter(None, map(self.message, self.model_calls))
        return self.flow.sources(messages, stop=self.is_answer)

    def is_answer(self, expression: ast.expr) -> bool:
        """Tells whether an expression is a call of the language model or of the utility."""
        return self.asks(expression) or self.scores(expression)

    @cached_property
    def asking_calls(self) -> tuple[ast.Call, ...]:
        """Calls of the language model, directly or through functions of the program."""
        calls = self.syntax.of(ast.Call)
        return tuple(call for call in calls if self.asks(call) or self._callee_asks(call))

    def _callee_asks(self, call: ast.Call) -> bool:
        named = [call.func, *call.args]
        functions = (
            self.syntax.functions.get(each.id) for each in named if isinstance(each, ast.Name)
        )
        return any(function in self._asking for function in functions)

    @cached_property
    def _asking(self) -> frozenset[Function]:
        """Functions that call the language model, directly or through others."""
        found: set[Function] = set()
        named: dict[Function, list[ast.AST]] = {}
        for name in self.syntax.of(ast.Name):
            function = self.syntax.functions.get(name.id)
            if function and isinstance(name.ctx, ast.Load):
                named.setdefault(function, []).append(name)
        waiting: list[ast.AST] = list(self.model_calls)
        while waiting:
            scope = self.syntax.scope(waiting.pop())
            if scope is None or scope in found:
                continue
            found.add(scope)
            waiting.append(scope)
            waiting += named.get(scope, [])
        return frozenset(found)

    def is_choice(self, call: ast.Call) -> bool:
        """Tells whether a call picks or orders by a key or by size."""
        return self.syntax.dotted(call.func) in _CHOOSING or (
            isinstance(call.func, ast.Attribute) and call.func.attr == "sort"
        )

    def chooses_by_score(self, call: ast.Call) -> bool:
        """Tells whether a call picks or orders programs by their scores."""
        if not self.is_choice(call):
            return False
        keys = [keyword.value for keyword in call.keywords if keyword.arg == "key"]
        if any(self._is_score_key(key) for key in keys):
            return True
        subject = call.func.value if isinstance(call.func, ast.Attribute) else None
        subjects = [*call.args, *([subject] if subject is not None else [])]
        return any(self.flow.carries(each, self.scored, self.scores) for each in subjects)

    def compares_scores(self, test: ast.expr) -> bool:
        """Tells whether a condition compares scores."""
        return any(
            isinstance(node, ast.Compare)
            and any(
                self.flow.carries(side, self.scored, self.scores)
                for side in (node.left, *node.comparators)
            )
            for node in ast.walk(test)
        )

    @cached_property
    def kept(self) -> tuple[Edge, ...]:
        """Assignments of replies that happen only if a comparison of scores says so."""
        asked = {
            id(each)
            for each in self.syntax.of(ast.If, ast.IfExp)
            if self.compares_scores(each.test)
        }
        return tuple(
            edge
            for edge in self.flow.edges
            if self.flow.carries(edge.value, self.replies, self.asks)
            and (
                id(edge.value) in asked
                or any(id(each) in asked for each in self.syntax.ancestors(edge.node))
            )
        )

    @cached_property
    def chosen(self) -> frozenset[str]:
        """Names that may hold what was chosen or ordered by a score."""
        calls = [call for call in self.syntax.of(ast.Call) if self.chooses_by_score(call)]
        choices = {id(call) for call in calls}
        functions = (call.func for call in calls)
        bases = (each.value for each in functions if isinstance(each, ast.Attribute))
        ordered = frozenset(filter(None, map(self.flow.key, bases)))
        held = self.flow.holders(lambda each: id(each) in choices)
        return self.flow.reached([*held, *ordered, *(edge.target for edge in self.kept)])

    def is_random(self, call: ast.Call, *names: str) -> bool:
        """Tells whether a call draws at random, by one of some functions, or by any."""
        *owner, name = self.syntax.dotted(call.func).split(".")
        if isinstance(call.func, ast.Attribute):
            name = call.func.attr
            made = self.flow.carries(call.func.value, self._generators, self._makes_generator)
        else:
            made = False
        known = ".".join(owner) in ("random", "numpy.random", "np.random")
        return name in (names or _RANDOM) and (known or made)

    @cached_property
    def _generators(self) -> frozenset[str]:
        return self.flow.holders(self._makes_generator)

    def _makes_generator(self, expression: ast.expr) -> bool:
        is_call = isinstance(expression, ast.Call)
        return is_call and self.syntax.dotted(expression.func) in _GENERATORS

    def _is_score_key(self, key: ast.expr) -> bool:
        if self.flow.carries(key, self.utility):
            return True
        held = self.scored
        if isinstance(key, ast.Lambda):
            return self.flow.carries(key.body, held, self.scores)
        if isinstance(key, ast.Name) and (function := self.syntax.functions.get(key.id)):
            return returned(function) in held
        # scores.get, scores.__getitem__
        return isinstance(key, ast.Attribute) and self.flow.carries(key.value, held)

    def _subjects(self, call: ast.Call) -> Iterator[ast.expr]:
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr == "map":
            function = function.value
        if isinstance(function, ast.Name) and self.syntax.key(function) in self.utility:
            yield from call.args
        elif self.syntax.callee(call) is None and self.syntax.dotted(call.func) not in _LOOKING:
            keys = [each.value for each in call.keywords if each.arg == "key"]
            if any(self.flow.carries(each, self.utility) for each in [*call.args, *keys]):
                yield from (each for each in call.args if not self._is_utility(each))
                if isinstance(call.func, ast.Attribute) and call.func.attr == "sort":
                    yield call.func.value

    def _is_utility(self, expression: ast.expr) -> bool:
        return self.flow.carries(expression, self.utility)

    def _held_parameter(self, position: int, names: tuple[str, ...]) -> frozenset[str]:
        arguments = self.syntax.entry.args
        parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        called = [each for each in parameters if each.arg in names]
        # A function elsewhere may be the one that is called in the end, or be handed the values.
        others = [each for each in self.syntax.of(ast.arg) if each.arg in names]
        chosen = [*(called or parameters[position : position + 1]), *others]
        keys = frozenset(filter(None, map(self.syntax.key, chosen)))
        return keys | self.flow.holders(lambda each: self.syntax.key(each) in keys)
