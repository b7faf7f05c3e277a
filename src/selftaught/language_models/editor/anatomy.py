"""The parts of an improver: who is the generator, who the scorer, and where they are used.

A program is an improver when one of its parameters is asked (`x.prompt(...)`) and another one is
called, or used as a key, to rate what came back; the parameter that is left is the solution.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from selftaught.language_models.editor.syntax import (
    blocks_of,
    names_read,
    parameters_of,
    walk,
)

_ASKS = ("prompt", "batch_prompt")
_FEWEST = 3
"""Parameters of an improver."""


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
    known: dict[str, str]
    """What the function calls the parts and their methods, and what that stands for."""

    def asks_for_several(self, call: ast.Call) -> bool:
        """Tells whether a call of the generator is given a list of messages."""
        return _called(call, self.known).endswith(".batch_prompt")

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
                    keywords=[
                        ast.keyword(
                            arg="key", value=ast.Name() | ast.Attribute() | ast.Lambda() as key
                        )
                    ],
                ) if {self.utility, self.rater} & set(map(dotted, walk(key))):
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
    """Returns the parts of an improver; None for any other program.

    They may be in the method of a class that was given them and keeps them as attributes.
    """
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names = parameters_of(node)
            found = None if len(names) < _FEWEST else _anatomy_in(node, names, walk(node))
        elif isinstance(node, ast.ClassDef):
            found = _anatomy_of_class(node)
        else:
            continue
        if found is not None:
            return found
    return None


def _anatomy_of_class(node: ast.ClassDef) -> Anatomy | None:
    held, nodes = _attributes_held(node), walk(node)
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and (parameters := parameters_of(method)):
            names = [*parameters[1:], *(f"{parameters[0]}.{each}" for each in held)]
            found = _anatomy_in(method, names, nodes)
            if found is not None and found.solution in parameters and _is_shown(found):
                return found
    return None


def _is_shown(anatomy: Anatomy) -> bool:
    """Tells whether the solution is in a message: a method may be given anything else."""
    return any(anatomy.solution in names_read(message) for message in anatomy.messages)


def _attributes_held(node: ast.ClassDef) -> list[str]:
    """Returns the attributes that keep what a class is given: to its methods, or as fields."""
    held: list[str] = []
    for part in node.body:
        match part:
            case ast.AnnAssign(target=ast.Name(id=name), value=None):
                held.append(name)
            case ast.FunctionDef(args=arguments):
                given = {each.arg for each in arguments.args}
                held += [
                    assigned.targets[0].attr
                    for assigned in walk(part)
                    if isinstance(assigned, ast.Assign)
                    and isinstance(assigned.targets[0], ast.Attribute)
                    and dotted(assigned.value) in given
                ]
            case _:
                continue
    return held


def _anatomy_in(
    function: ast.FunctionDef, names: list[str], nodes: list[ast.AST]
) -> Anatomy | None:
    """Reads a function that knows the parts by some names.

    Args:
        function: It asks the generator.
        names: Its parameters, and the attributes of its object.
        nodes: What else may rate a solution: the function, or the whole class that it is in.
    """
    own = nodes if len(names) == len(parameters_of(function)) else walk(function)
    if not any(isinstance(node, ast.Attribute) and node.attr in _ASKS for node in own):
        return None
    known = {name: name for name in names} | _aliases_in(own, names)
    calls = [node for node in own if isinstance(node, ast.Call) and _asked(node, known)]
    if not calls:
        return None
    language_model = _asked(calls[0], known)
    raters = {known.get(rater, rater) for node in nodes if (rater := _rated_by(node))}
    rated = [name for name in names if name != language_model and name in raters]
    others = [name for name in names if name not in (language_model, *rated[:1])]
    if language_model and rated and others:
        return Anatomy(function, others[0], rated[0], language_model, calls, known)
    return None


def _aliases_in(nodes: list[ast.AST], names: list[str]) -> dict[str, str]:
    """Returns what other names stand for: `ask = x.prompt`, or `rate = x`."""
    found: dict[str, str] = {}
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=alias)], value=value) if alias not in names:
                whole = dotted(value)
                if whole is not None and _holder_of(whole, names):
                    found[alias] = whole
            case _:
                continue
    return found


def _holder_of(whole: str, names: Iterable[str]) -> str | None:
    holder, _, last = whole.rpartition(".")
    if whole in names:
        return whole
    return holder if last in _ASKS and holder in names else None


def _asked(call: ast.Call, known: dict[str, str]) -> str | None:
    """Returns the name of the generator that a call asks."""
    holder, _, method = _called(call, known).rpartition(".")
    return holder if method in _ASKS and holder in known.values() else None


def _called(call: ast.Call, known: dict[str, str]) -> str:
    """Returns what a call calls, in full; the empty text for what has no name."""
    whole = dotted(call.func) or ""
    holder, _, method = whole.rpartition(".")
    return known.get(whole, f"{known.get(holder, holder)}.{method}")


def dotted(node: ast.AST) -> str | None:
    """Returns a name, or an attribute of a name, as it is written.

    Example:
        >>> dotted(ast.parse("self.utility", mode="eval").body)
        'self.utility'
    """
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            holder = dotted(value)
            return None if holder is None else f"{holder}.{attribute}"
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
        case ast.Call(func=rater) | ast.keyword(arg="key", value=rater):
            return dotted(rater)
        case ast.Attribute(value=rater, attr="map" | "str"):
            return dotted(rater)
        case _:
            return None
