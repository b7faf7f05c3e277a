"""What an expression of constants comes to, where that can be told without running anything."""

from __future__ import annotations

import ast

_LONGEST = 200
"""Characters of a text that is put together; names are shorter."""
_METHODS = (
    *(
        "capitalize",
        "casefold",
        "format",
        "join",
        "lower",
        "lstrip",
        "removeprefix",
        "removesuffix",
    ),
    *("replace", "rstrip", "strip", "swapcase", "title", "upper"),
)


def text_of(expression: ast.expr) -> str | None:
    """Returns the text that constants are put together to; None where it is none, or long.

    Its parts must be constants themselves: it looks one level deep.
    """
    match expression:
        case ast.Constant(value=str(text)):
            found = text
        case ast.BinOp(
            left=ast.Constant(value=str(left)), op=ast.Add(), right=ast.Constant(value=str(right))
        ):
            found = left + right
        case ast.JoinedStr(values=parts):
            found = _joined(parts)
        case ast.Subscript(value=ast.Constant(value=str(text)), slice=index):
            found = _cut(text, index)
        case ast.Call(func=ast.Name(id="chr"), args=[ast.Constant(value=int(code))]):
            found = chr(code) if 0 <= code < 128 else None
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=value), attr=name), args=args):
            found = None if expression.keywords else _method(value, name, args)
        case _:
            found = None
    return found if found is None or len(found) <= _LONGEST else None


def truth_of(expression: ast.expr) -> bool | None:
    """Returns whether an expression is true; None where that depends on something."""
    match expression:
        case ast.Constant(value=value):
            truth = bool(value)
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(values=[]):
            truth = False
        case ast.Dict() | ast.Lambda():
            truth = True
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            opposite = truth_of(operand)
            truth = None if opposite is None else not opposite
        case ast.Call(func=ast.Name(id="bool"), args=[argument]):
            truth = truth_of(argument)
        case _:
            truth = None
    return truth


def _joined(parts: list[ast.expr]) -> str | None:
    texts: list[str] = []
    for part in parts:
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        is_plain = not isinstance(part, ast.FormattedValue) or part.format_spec is None
        if not (is_plain and isinstance(inner, ast.Constant) and isinstance(inner.value, str)):
            return None
        texts.append(inner.value)
    return "".join(texts)


def _cut(text: str, index: ast.expr) -> str | None:
    match index:
        case ast.Constant(value=int(at)) if -len(text) <= at < len(text):
            return text[at]
        case ast.Slice(lower=None, upper=None, step=ast.UnaryOp(ast.USub(), ast.Constant(1))):
            return text[::-1]
        case _:
            return None


def _method(value: object, name: str, arguments: list[ast.expr]) -> str | None:
    """Returns what a method of a text, or `decode` of bytes, comes to."""
    if isinstance(value, bytes):
        return value.decode("ascii", "replace") if name == "decode" else None
    texts = _constants(arguments, of_list=name == "join")
    if not isinstance(value, str) or texts is None or len(value) > _LONGEST:
        return None
    # "{:>999999999}" would fill the memory.
    is_wide = name == "format" and ":" in value
    if is_wide or name not in _METHODS:
        return None
    try:
        return value.join(texts) if name == "join" else str(getattr(value, name)(*texts))
    except (TypeError, ValueError, LookupError, AttributeError):
        return None  # the program itself would fail there


def _constants(arguments: list[ast.expr], *, of_list: bool) -> list[str] | None:
    """Returns the arguments, or the parts of the one list, where they are short texts."""
    if of_list:
        match arguments:
            case [ast.List(elts=arguments) | ast.Tuple(elts=arguments)]:
                pass
            case _:
                return None
    values = [each.value for each in arguments if isinstance(each, ast.Constant)]
    texts = [each for each in values if isinstance(each, str) and len(each) <= _LONGEST]
    return texts if len(texts) == len(arguments) else None
