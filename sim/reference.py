"""State goes to kernels by reference: one pointer, where numba would copy every array of a NamedTuple.

A world has about fifty arrays, which numba takes apart into four hundred numbers at each call: that was
most of the time of a compilation, and most of the time of an executed swap. Only ``sim/compile.py``
imports this file, when it first needs numba; all of it is numba's public interface for new types.
"""

from __future__ import annotations

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
    struct: Any

    def __init__(self, manager: Any, state: State) -> None:
        self.struct = ir.LiteralStructType(
            [
                _Pointer(manager, member).struct
                if isinstance(member, State)
                else manager[member].get_value_type()
                for _, member in state.fields
            ]
        )
        super().__init__(manager, state, self.struct.as_pointer())


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
    place = state.place(field)
    inner = cgutils.gep_inbounds(builder, pointer, 0, place)
    return inner if isinstance(state.fields[place][1], State) else builder.load(inner)


@unbox(State)
def _from_python(state: State, named_tuple: Any, c: Any) -> NativeValue:
    """Lay the arrays out on the stack of the wrapper, which outlives the call."""
    struct = c.context.data_model_manager[state].struct
    pointer = cgutils.alloca_once(c.builder, struct)
    failed = cgutils.alloca_once_value(c.builder, cgutils.false_bit)
    _fill(state, named_tuple, pointer, failed, c)
    return NativeValue(pointer, is_error=c.builder.load(failed))


def _fill(state: State, named_tuple: Any, pointer: Any, failed: Any, c: Any) -> None:
    for place, (_, member) in enumerate(state.fields):
        value = c.pyapi.tuple_getitem(named_tuple, place)
        target = cgutils.gep_inbounds(c.builder, pointer, 0, place)
        if isinstance(member, State):
            _fill(member, value, target, failed, c)
        else:
            native = c.unbox(member, value)
            c.builder.store(native.value, target)
            c.builder.store(c.builder.or_(c.builder.load(failed), native.is_error), failed)
