"""An array of state is described where it stands, and an access loads what it needs of that.

numba copies all seven numbers that describe an array, into the memory of the function, whenever one element
is read. Here the place of the description is remembered instead; who asks for the array as a whole,
a slice of it say, gets the copy after all. A row that is assigned is moved at once, where LLVM would
have moved it byte by byte. Only ``sim/lowering.py`` imports this file.
"""

from __future__ import annotations

from typing import Any

import llvmlite.ir
from numba import types
from numba.core import cgutils, ir
from numba.core.lowering import Lower
from numba.np import arrayobj

from sim.reference import State, place_of_field

DATA, SHAPE = 4, 5  # of an array's description


class StandingArrays(Lower):
    """Writes what reads and writes arrays."""

    _standing: dict[str, Any]  # where an array of state is described, by variable

    def is_left_standing(self, statement: Any) -> bool:
        """Whether an assignment needs no code: its variable is an array of state."""
        name, value = statement.target.name, statement.value
        if name not in self._singly_assigned_vars:
            return False
        if isinstance(value, ir.Var) and value.name in self._standing:
            self._standing[name] = self._standing[value.name]
            return True
        if not (isinstance(value, ir.Expr) and value.op == "getattr"):
            return False
        state = self.typeof(value.value.name)
        if not (isinstance(state, State) and isinstance(self.typeof(name), types.Array)):
            return False
        pointer = self.loadvar(value.value.name)
        self._standing[name] = place_of_field(
            self.context, self.builder, state, pointer, value.attr
        )
        return True

    def loadvar(self, name: str) -> Any:
        if name in self._standing:
            return self.builder.load(self._standing[name])
        return super().loadvar(name)

    def lower_getitem(
        self, result: Any, expression: Any, value: Any, index: Any, signature: Any
    ) -> Any:
        array = self.typeof(value.name)
        if not self._is_one_element(array, index.name):
            return super().lower_getitem(result, expression, value, index, signature)
        place = self._place_of_element(array, value.name, index.name)
        element = arrayobj.load_item(self.context, self.builder, array, place)
        return self.context.cast(self.builder, element, array.dtype, result)

    def lower_setitem(self, target: Any, index: Any, value: Any, signature: Any) -> Any:
        array = self.typeof(target.name)
        if not self._is_one_element(array, index.name):
            return super().lower_setitem(target, index, value, signature)
        place = self._place_of_element(array, target.name, index.name)
        element = self._cast_var(value, array.dtype)
        if isinstance(array.dtype, types.Record):  # a row: LLVM would move it byte by byte
            n_bytes = cgutils.intp_t(array.dtype.size)
            return cgutils.raw_memcpy(self.builder, place, element, n_bytes, 1)
        return arrayobj.store_item(self.context, self.builder, array, element, place)

    def _is_one_element(self, array: Any, index: str) -> bool:
        """Whether this is one element of a contiguous array, by signed 64-bit indices."""
        if type(array) is not types.Array or array.layout != "C" or self.context.enable_boundscheck:
            return False
        kind = self.typeof(index)
        indices = list(kind) if isinstance(kind, types.BaseTuple) else [kind]
        return len(indices) == array.ndim and all(
            types.unliteral(one) == types.int64 for one in indices
        )

    def _place_of_element(self, array: Any, name: str, index: str) -> Any:
        builder = self.builder
        if name in self._standing:
            described = self._standing[name]
            data = builder.load(cgutils.gep_inbounds(builder, described, 0, DATA))

            def length(axis: int) -> Any:
                return builder.load(cgutils.gep_inbounds(builder, described, 0, SHAPE, axis))
        else:
            described = self.loadvar(name)
            data = builder.extract_value(described, DATA)

            def length(axis: int) -> Any:
                return builder.extract_value(described, (SHAPE, axis))

        given = self.loadvar(index)
        is_tuple = isinstance(self.typeof(index), types.BaseTuple)
        numbers = cgutils.unpack_tuple(builder, given) if is_tuple else [given]
        place = None
        for axis, number in enumerate(numbers):
            if not (isinstance(number, llvmlite.ir.Constant) and number.constant >= 0):
                is_negative = builder.icmp_signed("<", number, number.type(0))
                from_the_end = builder.add(length(axis), number)
                number = builder.select(is_negative, from_the_end, number)
            place = (
                number if place is None else builder.add(builder.mul(place, length(axis)), number)
            )
        return builder.gep(data, [place])
