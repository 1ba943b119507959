"""Shortcuts through numba's front end: the same answers, found with less work.

A cold compilation asks numba some things hundreds of thousands of times, and it works each of them out anew:
whether two sets of compiler flags are equal (thirty options read one by one, twice), which variables a
statement names (four questions about the kind of each part), whom to tell that a lock was taken. What is
replaced here is private to numba; tests/sim/test_shortcuts.py compares every answer with numba's
own, and says so when a release moves them.
"""

from __future__ import annotations

import contextlib
import functools
import gc
from collections.abc import Iterator
from typing import Any

from numba.core import event, ir
from numba.core.targetconfig import TargetConfig
from numba.core.types import Array, Boolean, Function, Literal, Number, Record
from numba.core.types.containers import BaseTuple


def take() -> None:
    """From now on, in this process."""
    TargetConfig.__eq__ = flags_equal
    TargetConfig.__hash__ = hash_of_flags
    ir.Inst._rec_list_vars = variables_in
    event.broadcast = tell_nobody
    setattr(Function, "get_call_type", type_of_call)  # noqa: B010, mypy would have it typed


def flags_equal(one: Any, other: Any) -> Any:
    """Options that neither has set are equal; only the others are compared."""
    if not isinstance(other, TargetConfig):
        return NotImplemented
    if type(one) is not type(other):
        return one.values() == other.values()
    if one._values == other._values:
        return True
    set_by_either = one._values.keys() | other._values.keys()
    return all(getattr(one, name) == getattr(other, name) for name in set_by_either)


def hash_of_flags(flags: Any) -> int:
    """numba hashes the names of the options and not what they are set to: one number for each class."""
    of: Any = type(flags)
    return _hash_of_names(of)


@functools.cache
def _hash_of_names(flags: Any) -> int:
    return hash(tuple(sorted(flags.options)))


def variables_in(statement: Any, part: Any) -> list[Any]:
    """The variables of a part of a statement, in the order in which they stand there."""
    found: list[Any] = []
    _add_variables(part, found)
    return found


def _add_variables(part: Any, found: list[Any]) -> None:
    of: Any = type(part)
    kind = _kind(of)
    if kind == "variable":
        found.append(part)
    elif kind == "statement":
        found.extend(part.list_vars())
    elif kind:
        for inner in part if kind == "sequence" else part.values():
            _add_variables(inner, found)


@functools.cache
def _kind(of: Any) -> str:
    kinds = {
        ir.Var: "variable", ir.Inst: "statement", list: "sequence", tuple: "sequence", dict: "mapping",
    }  # fmt: skip
    return next((name for base, name in kinds.items() if issubclass(of, base)), "")


KINDS = Number | Boolean | Literal | Array | Record | BaseTuple  # known by their types alone
_type_of_call = Function.get_call_type
_types_of_calls: dict[tuple[Any, ...], Any] = {}


def type_of_call(function: Any, context: Any, arguments: Any, named: Any) -> Any:
    """numba tries all that a sum may be, of arrays, sets, strings, until it is one of numbers: here once."""
    if named or not all(isinstance(one, KINDS) for one in arguments):
        return _type_of_call(function, context, arguments, named)
    call = (function, id(function), context, *arguments)
    if call not in _types_of_calls:
        _types_of_calls[call] = _type_of_call(function, context, arguments, named)
    return _types_of_calls[call]


def tell_nobody(what: Any) -> None:
    """Timers hear of every lock of every function inside every other; nobody reads them here."""


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """A compilation makes millions of objects and drops few in cycles: looking for those is in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
