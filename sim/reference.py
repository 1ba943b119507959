"""State goes to kernels by reference: one pointer, where numba would copy every array of a NamedTuple.

A world has about fifty arrays, which numba takes apart into four hundred numbers at each call: that was
most of the time of a compilation, and most of the time of an executed swap. Only ``sim/compile.py``
imports this file, when it first needs numba; all of it is numba's public interface for new types.
"""

from __future__ import annotations

import itertools
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    register_model,
    typeof_impl,
    unbox,
)

WORD_BYTES = 8


class State(types.Type):
    """A NamedTuple of arrays and of other such NamedTuples; read-only as a whole, like a tuple."""

    def __init__(self, name: str, fields: tuple[tuple[str, types.Type], ...]) -> None:
        self.fields = fields
        members = ", ".join(f"{field}: {type_}" for field, type_ in fields)
        super().__init__(f"{name}({members})")

    def place(self, field: str) -> int:
        """Number of a field."""
        return [name for name, _ in self.fields].index(field)

    @property
    def mangling_args(self) -> tuple[str, tuple[int]]:
        """A short name for symbols: the whole one has thousands of letters."""
        return self.name.partition("(")[0], (self._code,)


@register_model(State)
class _Pointer(models.PrimitiveModel):
    """The address of the first byte; ``struct`` is laid out there, ``offsets`` are where its fields begin.

    The pointer is one to bytes and not to the structure: LLVM would be told its fifty parts by every
    instruction that touches it, four fifths of all that was written for it to read.
    """

    struct: Any

    def __init__(self, manager: Any, state: State) -> None:
        super().__init__(manager, state, cgutils.voidptr_t)
        members = [_laid_out(manager, member) for _, member in state.fields]
        self.struct = ir.LiteralStructType(members)
        sizes = [_n_words(member) * WORD_BYTES for member in members]
        self.offsets = list(itertools.accumulate(sizes, initial=0))


def _laid_out(manager: Any, member: types.Type) -> Any:
    model = manager[member]
    return model.struct if isinstance(member, State) else model.get_value_type()


def _n_words(type_: Any) -> int:
    """Pointers and 64-bit numbers are all that arrays are made of."""
    if isinstance(type_, ir.LiteralStructType):
        return sum(map(_n_words, type_.elements))
    if isinstance(type_, ir.ArrayType):
        return int(type_.count) * _n_words(type_.element)
    assert isinstance(type_, ir.PointerType) or type_ == ir.IntType(64)
    return 1


def register(named_tuple: type) -> None:
    """From now on, kernels take this class by reference."""

    @typeof_impl.register(named_tuple)
    def _(value: Any, context: Any) -> State:
        members = [typeof_impl(member, context) for member in value]
        return State(named_tuple.__name__, tuple(zip(value._fields, members, strict=True)))


@infer_getattr
class _Fields(AttributeTemplate):
    key = State

    def generic_resolve(self, state: State, field: str) -> types.Type | None:
        return dict(state.fields).get(field)


@lower_getattr_generic(State)
def _get_field(context: Any, builder: Any, state: State, pointer: Any, field: str) -> Any:
    place = place_of_field(context, builder, state, pointer, field)
    return place if isinstance(dict(state.fields)[field], State) else builder.load(place)


def place_of_field(context: Any, builder: Any, state: State, pointer: Any, field: str) -> Any:
    """Emit: the address of a field; of an array, that of its description."""
    number = state.place(field)
    model = context.data_model_manager[state]
    place = cgutils.gep_inbounds(builder, pointer, model.offsets[number])
    if isinstance(state.fields[number][1], State):
        return place
    return builder.bitcast(place, model.struct.elements[number].as_pointer())


@unbox(State)
def _from_python(state: State, named_tuple: Any, c: Any) -> NativeValue:
    """Lay the arrays out on the stack of the wrapper, which outlives the call."""
    n_bytes = c.context.data_model_manager[state].offsets[-1]
    words = cgutils.alloca_once(c.builder, ir.ArrayType(ir.IntType(64), n_bytes // WORD_BYTES))
    address = c.builder.bitcast(words, cgutils.voidptr_t)
    is_wrong = cgutils.is_not_null(c.builder, _fill(state, named_tuple, address, c))
    with c.builder.if_then(is_wrong, likely=False):
        c.pyapi.err_set_string("PyExc_TypeError", "state holds something that is no array")
    return NativeValue(address, is_error=is_wrong)


def _fill(state: State, named_tuple: Any, pointer: Any, c: Any) -> Any:
    """Emit: describe every array where it has its place; anything but 0 if one could not be.

    Of what type each is has been asked already, where the code for these types was found.
    """
    wrong = ir.IntType(32)(0)
    for number, (field, member) in enumerate(state.fields):
        value = c.pyapi.tuple_getitem(named_tuple, number)
        place = place_of_field(c.context, c.builder, state, pointer, field)
        if isinstance(member, State):
            code = _fill(member, value, place, c)
        else:
            place = c.builder.bitcast(place, cgutils.voidptr_t)
            code = c.pyapi.numba_array_adaptor(value, place)
        wrong = c.builder.or_(wrong, code)
    return wrong
