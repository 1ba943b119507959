"""Ask the memory for a row that is needed soon: it comes while other work is done.

Who trades in a crash stands all over the memory, and a transaction is done sooner than its rows arrive.
A processor that is told a few transactions ahead does not wait. It is a hint: no result depends on it.
Only ``sim/compile.py`` registers what the hint is made of.
"""

from __future__ import annotations

from typing import Any

LINE_BYTES = 64  # of a processor's cache


def prefetch(array: Any, *place: int) -> None:
    """Ask for one row of an array (a row of a table: the whole of it). Plain Python has nothing to ask."""


def register(options: dict[str, Any]) -> None:
    """Let kernels call :func:`prefetch`, compiled with these options."""
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic, overload

    @intrinsic
    def ask(typing_context, array, place):
        def codegen(context, builder, signature, arguments):
            table = context.make_array(array)(context, builder, arguments[0])
            indices = cgutils.unpack_tuple(builder, arguments[1])
            row = cgutils.get_item_pointer(context, builder, array, table, indices)
            byte = ir.IntType(8).as_pointer()
            number = ir.IntType(32)
            hint = builder.module.declare_intrinsic(
                "llvm.prefetch",
                [byte],
                ir.FunctionType(ir.VoidType(), [byte, number, number, number]),
            )
            row = builder.bitcast(row, byte)
            size = context.get_abi_sizeof(context.get_data_type(array.dtype))
            for offset in range(0, size, LINE_BYTES):
                line = builder.gep(row, [ir.IntType(64)(offset)])
                builder.call(
                    hint, [line, number(1), number(3), number(1)]
                )  # to write, soon, of data
            return context.get_dummy_value()

        return types.void(array, place), codegen

    @overload(prefetch, jit_options=options)
    def _(array, *place):
        return lambda array, *place: ask(array, place)
