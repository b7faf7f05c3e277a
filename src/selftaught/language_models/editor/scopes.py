"""Names that nothing defines, by Python's own rules of scope.

A name that is bound somewhere in a program - in another function, in a comprehension - is not
bound everywhere: only the compiler's symbol tables tell which reading reaches which binding.
"""

from __future__ import annotations

import builtins
import symtable
import warnings

_KNOWN = {*dir(builtins), "__file__"}


def undefined_names(text: str) -> frozenset[str]:
    r"""Returns the names that a program reads as globals and that nothing gives a global value.

    Args:
        text: A program that parses.

    Raises:
        SyntaxError: Its scopes contradict each other, as `nonlocal` at the top does.

    Example:
        >>> sorted(undefined_names("def f(x):\n    return [y for y in x] + y"))
        ['y']
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        top = symtable.symtable(text, "program", "exec")
    tables, read, bound = [top], set[str](), set[str]()
    for table in tables:
        tables += table.get_children()
        for symbol in table.get_symbols():
            if table is top or symbol.is_global():
                if symbol.is_referenced():
                    read.add(symbol.get_name())
                if symbol.is_assigned() or symbol.is_imported():
                    bound.add(symbol.get_name())
    return frozenset(read - bound - _KNOWN)
