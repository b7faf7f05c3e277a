"""Roundabout calls, and what they come to. Each rule returns the call itself where it says nothing.

Rules take a call and where its function comes from, as ``functools.partial``.
"""

from __future__ import annotations

import ast

_HANDED_OVER = {"submit": 0, "to_thread": 0, "run_in_executor": 1, "call_soon": 0, "delayed": 0}
"""What calls another function with the arguments after it, and the position of that function."""
_APPLIED = ("apply", "apply_async")
_TARGETED = ("Process", "Thread")
_SETTING = {"__setattr__": "setattr", "__delattr__": "delattr"}


def spread(call: ast.Call) -> ast.Call:
    """Returns a call with ``*[a, b]`` and ``**{"n": c}`` written as plain arguments."""
    arguments = [part for each in call.args for part in _parts(each)]
    keywords = [part for each in call.keywords for part in _named(each)]
    if len(arguments) == len(call.args) and keywords == call.keywords:
        call.args, call.keywords = arguments, keywords
        return call
    return _call(call, call.func, arguments, keywords)


def _parts(argument: ast.expr) -> list[ast.expr]:
    match argument:
        case ast.Starred(value=ast.List(elts=parts) | ast.Tuple(elts=parts)):
            return parts
        case _:
            return [argument]


def _named(keyword: ast.keyword) -> list[ast.keyword]:
    match keyword:
        case ast.keyword(arg=None, value=ast.Dict(keys=keys, values=values)):
            constants = [each.value for each in keys if isinstance(each, ast.Constant)]
            names = [each for each in constants if isinstance(each, str)]
            if len(names) == len(keys):
                return [ast.keyword(name, v) for name, v in zip(names, values, strict=True)]
        case _:
            pass
    return [keyword]


def attributes(call: ast.Call, name: str) -> ast.expr:
    """Puts what gets and sets attributes plainly: `getattr`, `vars`, ``x.__setattr__``."""
    match call.args:
        case [owner, ast.Constant(value=str(attribute)), *_] if name == "getattr":
            return ast.Attribute(owner, attribute, ast.Load())
        case [owner] if name == "vars":
            return ast.Attribute(owner, "__dict__", ast.Load())
        case [mapping, *rest] if name == "operator.setitem":
            return _call(call, ast.Attribute(mapping, "__setitem__", ast.Load()), rest)
        case _:
            return _dunder(call)


def _dunder(call: ast.Call) -> ast.expr:
    match call:
        case ast.Call(func=ast.Attribute(value=owner, attr=method), args=arguments):
            is_general = _is_general(owner) and bool(arguments)
            if is_general:
                owner, *arguments = arguments
        case _:
            return call
    match method, arguments:
        case (("update" | "setdefault" | "__setitem__" | "__ior__"), _) if is_general:
            return _call(call, ast.Attribute(owner, method, ast.Load()), arguments)
        case "__getattribute__", [ast.Constant(value=str(attribute))]:
            return ast.Attribute(owner, attribute, ast.Load())
        case (("__setattr__" | "__delattr__"), _):
            setting = ast.Name(_SETTING[method], ast.Load())
            return _call(call, setting, [_instance(owner), *arguments])
        case _:
            return call


def _is_general(owner: ast.expr) -> bool:
    """Tells whether a method is taken from a class, so that the object is its first argument."""
    match owner:
        case ast.Name(id="dict" | "object" | "type") | ast.Attribute(attr="__class__"):
            return True
        case ast.Call(func=ast.Name(id="type"), args=[_]):
            return True
        case _:
            return False


def _instance(owner: ast.expr) -> ast.expr:
    """Returns x for ``super(type(x), x)``."""
    match owner:
        case ast.Call(func=ast.Name(id="super"), args=[_, instance]):
            return instance
        case _:
            return owner


def methods(call: ast.Call, name: str) -> ast.expr:
    """Puts calls by ``__call__`` and by functions of `operator` plainly."""
    match call:
        case ast.Call(func=ast.Attribute(value=owner, attr="__call__"), args=arguments):
            if _is_general(owner) and arguments:
                owner, *arguments = arguments
            return _call(call, owner, arguments)
        case ast.Call(args=[function, *rest]) if name == "operator.call":
            return _call(call, function, rest)
        case ast.Call(func=ast.Call() as made, args=[owner]):
            return _made(call, made, owner)
        case _:
            return call


def _made(call: ast.Call, made: ast.Call, owner: ast.expr) -> ast.expr:
    match _last(made), made.args:
        case "attrgetter", [ast.Constant(value=str(path))]:
            for part in path.split("."):
                owner = ast.Attribute(owner, part, ast.Load())
            return owner
        case "methodcaller", [ast.Constant(value=str(method)), *rest]:
            plain = _call(call, ast.Attribute(owner, method, ast.Load()), rest, made.keywords)
            return methods(plain, "")
        case _:
            return call


def partials(call: ast.Call, name: str) -> ast.expr:
    """Puts ``partial(f, a)(b)`` as ``f(a, b)``, and ``partial(f, a)`` as a function of the rest."""
    match call:
        case ast.Call(func=ast.Lambda(args=ast.arguments(vararg=ast.arg(arg=rest))) as function):
            match function.body:
                case ast.Call(args=[*given, ast.Starred(value=ast.Name(id=last))]) if last == rest:
                    keywords = [*function.body.keywords, *call.keywords]
                    return _call(call, function.body.func, [*given, *call.args], keywords)
                case _:
                    return call
        case ast.Call(args=[function, *given]) if name.rpartition(".")[2] == "partial":
            if not given and not call.keywords:
                return function
            rest = f"rest {call.lineno}:{call.col_offset}"
            left = ast.Starred(ast.Name(rest, ast.Load()), ast.Load())
            return ast.Lambda(_only(rest), _call(call, function, [*given, left], call.keywords))
        case _:
            return call


def _only(rest: str) -> ast.arguments:
    return ast.arguments(
        posonlyargs=[], args=[], vararg=ast.arg(rest), kwonlyargs=[], kw_defaults=[], defaults=[]
    )


def handed_over(call: ast.Call, name: str) -> ast.expr:
    """Puts ``pool.submit(f, a)``, ``Thread(target=f, args=(a,))`` and the like as ``f(a)``."""
    named = {each.arg: each.value for each in call.keywords}
    last = name.rpartition(".")[2] or _last(call)
    position = _HANDED_OVER.get(last)
    if position is not None and len(call.args) > position:
        function, *rest = call.args[position:]
        return function if last == "delayed" else _call(call, function, rest, call.keywords)
    if last in _APPLIED and call.args:
        given = dict(zip(("args", "kwds"), call.args[1:3], strict=False)) | named
        return _applied(call, call.args[0], given.get("args"), given.get("kwds"))
    if last in _TARGETED and "target" in named:
        return _applied(call, named["target"], named.get("args"), named.get("kwargs"))
    return call


def _applied(
    call: ast.Call, function: ast.expr, arguments: ast.expr | None, named: ast.expr | None
) -> ast.expr:
    starred = [] if arguments is None else [ast.Starred(arguments, ast.Load())]
    keywords = [] if named is None else [ast.keyword(None, named)]
    return spread(_call(call, function, [*starred], keywords))


def mapped(call: ast.Call, name: str) -> ast.expr:
    """Puts ``map(f, xs, ys)`` as ``(f(x, y) for x, y in zip(xs, ys))``, and `starmap` alike."""
    last = name.rpartition(".")[2] or _last(call)
    match call.args:
        case [function, rows] if last == "starmap":
            row = f"row {call.lineno}:{call.col_offset}"
            arguments: list[ast.expr] = [ast.Starred(_read(row), ast.Load())]
            return _generated(_call(call, function, arguments), ast.Name(row, ast.Store()), rows)
        case [function, *series] if last == "map" and len(series) > 1:
            names = [f"part {n} {call.lineno}:{call.col_offset}" for n in range(len(series))]
            target = ast.Tuple([ast.Name(each, ast.Store()) for each in names], ast.Store())
            rows = _call(call, _read("zip"), series)
            return _generated(_call(call, function, [*map(_read, names)]), target, rows)
        case _:
            return call


def _generated(element: ast.expr, target: ast.expr, rows: ast.expr) -> ast.GeneratorExp:
    return ast.GeneratorExp(element, [ast.comprehension(target, rows, [], 0)])


def _read(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _last(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def _call(
    at: ast.Call,
    function: ast.expr,
    arguments: list[ast.expr],
    keywords: list[ast.keyword] | None = None,
) -> ast.Call:
    made = ast.Call(function, arguments, at.keywords if keywords is None else keywords)
    return ast.copy_location(made, at)
