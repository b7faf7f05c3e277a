"""The parts of an improver: who is the generator, who the scorer, and where they are used.

A program is an improver when one of its parameters is asked (`x.prompt(...)`) and another one is
called, or used as a key, to rate what came back; the parameter that is left is the solution.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from selftaught.language_models.editor.syntax import (
    blocks_of,
    functions_of,
    names_read,
    parameters_of,
    walk,
)

_ASKS = ("prompt", "batch_prompt")


@dataclass
class Anatomy:
    """Where the parts of an improver are."""

    function: ast.FunctionDef
    """The function that asks the generator."""
    solution: str
    utility: str
    language_model: str
    calls: list[ast.Call]
    """Where the generator is asked."""

    @property
    def rater(self) -> str:
        """What rates a solution: the utility, or a function of the program's that remembers."""
        inner = [node.name for node in self.function.body if isinstance(node, ast.FunctionDef)]
        return "remembered" if "remembered" in inner else self.utility

    @property
    def loops(self) -> list[ast.For]:
        """The loops that ask the generator."""
        return [
            node
            for node in walk(self.function)
            if isinstance(node, ast.For)
            and any(each is call for call in self.calls for each in walk(node))
        ]

    @property
    def round_name(self) -> str | None:
        """The variable that counts the rounds; None where there is one round only.

        A loop whose counter has no name yet gets one by `name_rounds`.
        """
        for loop in self.loops:
            if isinstance(loop.target, ast.Name):
                return "round_number" if loop.target.id == "_" else loop.target.id
        return None

    def name_rounds(self) -> None:
        """Gives the counter of the rounds the name that `round_name` tells."""
        for loop in self.loops:
            if isinstance(loop.target, ast.Name) and loop.target.id == "_":
                loop.target.id = "round_number"

    @property
    def messages(self) -> list[ast.JoinedStr]:
        """The texts that the generator is asked with: those that show a program."""
        return self.messages_in(self.function)

    def messages_in(self, tree: ast.AST) -> list[ast.JoinedStr]:
        """The same, of a part of the improver."""
        return [
            node
            for node in walk(tree)
            if isinstance(node, ast.JoinedStr)
            and len([part for part in node.values if isinstance(part, ast.FormattedValue)]) >= 1
            and any(
                isinstance(part, ast.Constant) and "```" in str(part.value) for part in node.values
            )
        ]

    @property
    def selection(self) -> ast.Call | None:
        """The call that rates candidates and picks the best."""
        for node in walk(self.function):
            match node:
                case ast.Call(
                    func=ast.Name(id="max"),
                    args=[_],
                    keywords=[ast.keyword(arg="key", value=ast.Name() | ast.Lambda() as key)],
                ) if names_read(key) & {self.utility, self.rater}:
                    return node
                case _:
                    continue
        return None

    @property
    def advance(self) -> tuple[list[ast.stmt], int] | None:
        """The block and the place in it where the next round's solution is set."""
        for block in blocks_of(self.function):
            for position, node in enumerate(block):
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)]) if name == self.solution:
                        return block, position
                    case _:
                        continue
        return None

    @property
    def extraction(self) -> tuple[list[ast.stmt], int, str] | None:
        """The block, the place in it and the variable that gets the programs in the replies.

        None where there is one reply, and so one program, only.
        """
        for block in blocks_of(self.function):
            for position, node in enumerate(block):
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value) if any(
                        _extracts_list(each) for each in walk(value)
                    ):
                        return block, position, name
                    case _:
                        continue
        return None


def anatomy_of(tree: ast.Module) -> Anatomy | None:
    """Returns the parts of an improver; None for any other program."""
    for function in functions_of(tree):
        names = parameters_of(function)
        if len(names) < 3:
            continue
        nodes = walk(function)
        calls = [node for node in nodes if isinstance(node, ast.Call) and _asked(node, names)]
        if not calls:
            continue
        language_model = _asked(calls[0], names)
        raters = {rater for node in nodes if (rater := _rated_by(node))}
        rated = [name for name in names if name != language_model and name in raters]
        others = [name for name in names if name not in (language_model, *rated[:1])]
        if language_model and rated and others:
            return Anatomy(function, others[0], rated[0], language_model, calls)
    return None


def _asked(call: ast.Call, names: list[str]) -> str | None:
    match call.func:
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in names:
            return name if attribute in _ASKS else None
        case _:
            return None


def _extracts_list(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="extract_code"), args=[argument]):
            return not isinstance(argument, ast.Subscript)
        case _:
            return False


def _rated_by(node: ast.AST) -> str | None:
    """Returns the name that a node uses as a scorer."""
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.keyword(arg="key", value=ast.Name(id=name)):
            return name
        case ast.Attribute(value=ast.Name(id=name), attr="map" | "str"):
            return name
        case _:
            return None
