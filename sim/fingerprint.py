"""What a compiled function is made of: its own code, all that it takes in, and every constant they name.

Machine code on the disk is right as long as this has not changed. A boundary is not taken in, so that
an edit in one family of venues is compiled with that family alone; an edit of a comment compiles nothing.
Layouts of tables need no place here: they are in the types of the arguments, by which code is kept as well.

Names are looked up generously: an attribute that is called like a global counts as that global. So a
function may be compiled once too often, never too seldom.
"""

from __future__ import annotations

import functools
import hashlib
import sys
import types
from collections.abc import Iterator
from typing import Any

NOT_OURS = (*sys.stdlib_module_names, "numpy")


def fingerprint(compiled: Any) -> str:
    """SHA-256 of all that decides what the machine code of an entry or a boundary does (hex)."""
    digest = hashlib.sha256()
    for part in sorted(_parts(compiled)):
        digest.update(part.encode())
    return digest.hexdigest()


def _parts(compiled: Any) -> set[str]:
    found: set[str] = set()
    waiting = [compiled]
    seen = {id(compiled)}
    while waiting:
        one = waiting.pop()
        text, named = _own(getattr(one, "py_func", one))
        found.add(f"{getattr(one, 'kind', '')} {text}")
        for name, value in named:
            if getattr(value, "kind", "") == "boundary":
                found.add(f"boundary {value.__qualname__} -> {value.returns}")
            elif not _is_our_function(value):
                found.add(f"{name} = {_constant(value)}")
            elif id(value) not in seen:
                seen.add(id(value))
                waiting.append(value)
    return found


def _is_our_function(value: Any) -> bool:
    function = getattr(value, "py_func", value)
    is_function = isinstance(function, types.FunctionType)
    return is_function and function.__module__.partition(".")[0] not in NOT_OURS


@functools.cache
def _own(function: Any) -> tuple[str, tuple[tuple[str, Any], ...]]:
    """The code of one function as text, and what it names outside itself."""
    names: set[str] = set()
    lines = [f"{function.__module__}.{function.__qualname__}{function.__defaults__}"]
    for code in _codes(function.__code__):
        names.update(code.co_names)
        said = function.__doc__
        constants = [_constant(value) for value in code.co_consts if said is None or value != said]
        lines.append(
            f"{code.co_code.hex()}{constants}{code.co_names}{code.co_varnames}{code.co_freevars}"
        )
    return "\n".join(lines), tuple(_named(function.__globals__, names))


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for value in code.co_consts:
        if isinstance(value, types.CodeType):
            yield from _codes(value)


def _named(owner: dict[str, Any], names: set[str]) -> Iterator[tuple[str, Any]]:
    for name in sorted(names & owner.keys()):
        value = owner[name]
        if not isinstance(value, types.ModuleType):
            yield name, value
        elif value.__name__.partition(".")[0] not in NOT_OURS:
            for inner, found in _named(vars(value), names):
                yield f"{name}.{inner}", found


def _constant(value: Any) -> str:
    if isinstance(value, frozenset):
        return str(sorted(map(repr, value)))
    if isinstance(value, types.CodeType):
        return value.co_name
    if isinstance(value, types.FunctionType | type):
        return f"{value.__module__}.{value.__qualname__}"
    return f"{type(value).__qualname__} {value!r}"
