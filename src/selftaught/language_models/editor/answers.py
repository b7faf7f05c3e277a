"""What an answer is made of, and how one is changed a little.

The form of an answer is read off the solution's return statements and the arguments that the
scorer's program makes; the kind of its elements off the constants around them.
"""

from __future__ import annotations

import ast
import re
from enum import Enum

from selftaught.language_models.editor.draft import Draft
from selftaught.language_models.editor.syntax import (
    functions_of,
    names_read,
    parameters_of,
    walk,
)


class Form(Enum):
    """How an answer holds its parts."""

    LIST = "list"
    TUPLE = "tuple"
    TEXT = "str"
    MAPPING = "dict"
    NUMBER = "float"
    OTHER = "other"
    """Unknown."""


_FORMS: dict[type[ast.expr], Form] = {
    ast.List: Form.LIST,
    ast.ListComp: Form.LIST,
    ast.Tuple: Form.TUPLE,
    ast.JoinedStr: Form.TEXT,
    ast.Dict: Form.MAPPING,
    ast.DictComp: Form.MAPPING,
}
_FORMS_OF_CALLS = {
    "list": Form.LIST,
    "sorted": Form.LIST,
    "tuple": Form.TUPLE,
    "str": Form.TEXT,
    "dict": Form.MAPPING,
}


def form_of_answer(draft: Draft) -> Form:
    """Returns the form that the returned values show, at last a number; else a list."""
    entry = draft.entry
    if entry is None:
        return Form.OTHER
    functions = functions_of(draft.tree)
    seen = (
        form
        for function in (entry, *reversed(functions))
        for node in walk(function)
        if isinstance(node, ast.Return) and node.value is not None
        if (form := _form_of(node.value, function, draft.scorer)) is not None
    )
    return next(seen, Form.NUMBER if _returns_numbers(entry, draft.own) else Form.LIST)


def _returns_numbers(entry: ast.FunctionDef, tree: ast.Module) -> bool:
    """Tells whether the function that a program began with returns numbers."""
    functions = {each.name: each for each in functions_of(tree)}
    first, seen = entry, set[str]()
    while first.name not in seen:
        seen.add(first.name)
        wrapped = [functions[name] for name in sorted(names_read(first) & functions.keys())]
        same = [each for each in wrapped if parameters_of(each) == parameters_of(entry)]
        first = next((each for each in same if each.name not in seen), first)
    returned = [node.value for node in walk(first) if isinstance(node, ast.Return)]
    return bool(returned) and all(each is not None and _is_number(each) for each in returned)


def _is_number(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=number):
            return isinstance(number, int | float) and not isinstance(number, bool)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _is_number(operand)
        case ast.BinOp(op=ast.Div() | ast.Sub() | ast.Pow()):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in {"float", "int", "round", "sum", "abs", "len"}
        case _:
            return False


def _form_of(value: ast.expr, function: ast.FunctionDef, scorer: ast.Module | None) -> Form | None:
    match value:
        case ast.Name(id=name):
            return _form_of_name(name, function, scorer)
        case ast.Constant(value=str()) | ast.Call(func=ast.Attribute(attr="join")):
            return Form.TEXT
        case ast.BinOp(left=left):
            return _FORMS.get(type(left))
        case ast.Call(func=ast.Name(id=name)):
            return _FORMS_OF_CALLS.get(name)
        case _:
            return _FORMS.get(type(value))


def _form_of_name(name: str, function: ast.FunctionDef, scorer: ast.Module | None) -> Form | None:
    for node in walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                if not isinstance(value, ast.Name) and (form := _form_of(value, function, None)):
                    return form
            case ast.arg(arg=argument, annotation=ast.Name(id="str")) if argument == name:
                return Form.TEXT
            case _:
                continue
    if name in parameters_of(function) and scorer is not None:
        return _form_of_argument(parameters_of(function).index(name), scorer)
    return None


def _form_of_argument(position: int, scorer: ast.Module) -> Form | None:
    for function in functions_of(scorer):
        for node in walk(function):
            match node:
                case ast.Return(value=ast.Tuple(elts=[ast.Tuple(elts=arguments), _])) if (
                    position < len(arguments)
                ):
                    return _form_of(arguments[position], function, None)
                case _:
                    continue
    return None


def move_for(draft: Draft, form: Form) -> tuple[str, str]:
    """Returns the name and the source of a function that changes an answer a little."""
    module = draft.random_module()
    name = "change_one" if form is Form.NUMBER else draft.rng.choice(_MOVE_NAMES)
    body = _MOVES[name]
    if name == "change_one":
        body = body.replace("VALUE", _new_value(draft, form, module))
    opening, closing = _HANDLING[form]
    lines = [f"changed = {opening}", *body.split("\n")]
    if form is Form.MAPPING:
        lines = ["keys = list(answer)", *lines]
    source = "\n".join(
        ["def NAME(answer):", *("    " + line for line in lines), f"    return {closing}"]
    )
    return name, source.replace("NAME", name).replace("RANDOM", module)


def _new_value(draft: Draft, form: Form, module: str) -> str:
    """An expression for another value of one element, chosen by what the programs show."""
    if form is Form.TEXT:
        letters = _letters_of(draft)
        return f"{module}.choice({letters!r})" if letters else f"{module}.choice(changed)"
    depth = 1 if form is Form.NUMBER else _depth_of_floats(draft.own)
    if depth:
        moved = f"{module}.gauss(0, {draft.rng.choice([0.03, 0.1, 0.3, 1.0, 3.0])})"
        nested = f"[value + {moved} for value in changed[i]]"
        return f"changed[i] + {moved}" if depth == 1 else nested
    text = ast.unparse(draft.own)
    options = [f"{module}.choice(changed)"]
    if _TRUTH.search(text):
        options += ["not changed[i]"] * 4
    if _BITS.search(text):
        options += ["1 - changed[i]"] * 4
    if "-1" in text:
        options += ["-changed[i]"] * 2
    if len(options) == 1:
        options += ["1 - changed[i]", "not changed[i]", f"changed[i] + {module}.choice([-1, 1])"]
    return draft.rng.choice(options)


def _depth_of_floats(tree: ast.Module) -> int:
    """Tells how deep floating-point numbers are in an answer: 1, 2 in rows of them, or 0."""
    for function in functions_of(tree):
        nodes = walk(function)
        values = {
            target.id: node.value
            for node in nodes
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in nodes:
            if isinstance(node, ast.Return) and node.value is not None:
                name = node.value.id if isinstance(node.value, ast.Name) else ""
                elements = _elements_of(values.get(name, node.value))
                if any(map(_is_float, elements)):
                    return 1
                if any(map(_is_float, (part for each in elements for part in _elements_of(each)))):
                    return 2
    return 0


def _elements_of(value: ast.expr) -> list[ast.expr]:
    match value:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return elements
        case ast.ListComp(elt=element):
            return [element]
        case ast.BinOp(left=ast.List(elts=elements), op=ast.Mult()):
            return elements
        case _:
            return []


def _is_float(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=float()):
            return True
        case ast.UnaryOp(operand=operand):
            return _is_float(operand)
        case ast.BinOp(left=left, right=right):
            return _is_float(left) or _is_float(right)
        case ast.Call(func=ast.Attribute(attr="random" | "uniform" | "gauss" | "normalvariate")):
            return True
        case _:
            return False


_TRUTH = re.compile(r"\bTrue\b|\bFalse\b|random\(\) <")
_BITS = re.compile(
    r"\[[01]\] \*|\b1 if .* else 0\b|\b0 if .* else 1\b|\[0, 1\]|\(0, 1\)|range\(2\)|bits\(1\)"
)


def _letters_of(draft: Draft) -> str:
    trees = [tree for tree in (draft.scorer, draft.tree) if tree is not None]
    texts = [
        node.value
        for tree in trees
        for node in walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    alphabets = [text for text in texts if 2 <= len(text) <= 30 and len(set(text)) == len(text)]
    alphabets = [text for text in alphabets if text.isalnum()]
    return draft.rng.choice(alphabets) if alphabets else ""


_HANDLING = {
    Form.LIST: ("list(answer)", "changed"),
    Form.TUPLE: ("list(answer)", "tuple(changed)"),
    Form.TEXT: ("list(answer)", "''.join(changed)"),
    Form.MAPPING: ("list(answer.values())", "dict(zip(keys, changed))"),
    Form.NUMBER: ("[answer]", "changed[0]"),
}

_MOVES = {
    "change_one": "i = RANDOM.randrange(len(changed))\nchanged[i] = VALUE",
    "swap_two": (
        "i, j = RANDOM.randrange(len(changed)), RANDOM.randrange(len(changed))\n"
        "changed[i], changed[j] = changed[j], changed[i]"
    ),
    "reverse_part": (
        "i, j = sorted([RANDOM.randrange(len(changed)), RANDOM.randrange(len(changed))])\n"
        "changed[i:j + 1] = changed[i:j + 1][::-1]"
    ),
    "move_one": (
        "i, j = RANDOM.randrange(len(changed)), RANDOM.randrange(len(changed))\n"
        "changed.insert(j, changed.pop(i))"
    ),
}
_MOVE_NAMES = (
    "change_one",
    "change_one",
    "change_one",
    "swap_two",
    "swap_two",
    "reverse_part",
    "move_one",
)
