"""How a kernel becomes the code that LLVM reads: numba's way, without what our kernels never need.

numba writes for every Python function: each variable has a slot in memory and is cleared when it dies, each
call may raise anything, each access to an array copies all seven numbers of its description. LLVM takes most
of that out again; writing, reading and removing it was half of the time of a compilation. Here

* a variable that is assigned once, before all its uses, is a value; nothing is cleared, for there are no
  reference counts;
* an array of state is described where it stands: only what an access needs is loaded;
* sums, products and comparisons of two numbers are one instruction, found in a table;
* a call of a kernel hands on the caller's place for an error, and leaves by one common way if there was one.

Everything else is numba's. The bits are the same: what is left out is what LLVM would remove
(tests/sim/test_lowering.py compares answers with numba's own). Only ``sim/pipeline.py`` imports this file.
"""

from __future__ import annotations

import operator
from collections import Counter
from typing import Any

import llvmlite.ir
from numba import types
from numba.core import analysis, cgutils, ir
from numba.core.callconv import RETCODE_OK
from numba.core.lowering import Lower
from numba.np import arrayobj

from sim.reference import State, place_of_field

COMPARED = {
    operator.lt: "<", operator.le: "<=", operator.gt: ">", operator.ge: ">=",
    operator.eq: "==", operator.ne: "!=",
}  # fmt: skip
OF_FLOATS = {operator.add: "fadd", operator.sub: "fsub", operator.mul: "fmul"}
DATA, SHAPE = 4, 5  # of an array's description
OF_INTEGERS = {operator.add: "add", operator.sub: "sub", operator.mul: "mul"}


class KernelLower(Lower):
    """Writes one kernel, formula, boundary or entry."""

    def _find_singly_assigned_variable(self) -> None:
        """Which variables are values: assigned once, in a block that comes before all that use them."""
        flow = analysis.compute_cfg_from_blocks(self.blocks)
        dominators = flow.dominators()
        found = analysis.compute_use_defs(self.blocks)
        assigned = Counter(
            statement.target.name
            for block in self.blocks.values()
            for statement in block.find_insts(ir.Assign)
        )
        home = {name: label for label, names in found.defmap.items() for name in names}
        values = {name for name, n in assigned.items() if n == 1}
        for label, names in found.usemap.items():
            for name in names & values:
                # Blocks are written in the order of their labels.
                if not (home[name] < label and home[name] in dominators.get(label, ())):
                    values.discard(name)
        self._singly_assigned_vars = values
        self._blk_local_varmap: dict[str, Any] = {}
        self._standing: dict[str, Any] = {}  # where an array of state is described, by variable
        self._slots: dict[Any, Any] = {}  # for what calls return, by type
        self._way_out: Any = None

    # Variables

    def pre_block(self, block: Any) -> None:
        """Slots are made when they are first asked for."""
        self._cur_ir_block = block

    def lower_inst(self, statement: Any) -> None:
        if isinstance(statement, ir.Del):
            return
        if isinstance(statement, ir.Assign) and self._is_left_standing(statement):
            return
        super().lower_inst(statement)

    def _is_left_standing(self, statement: Any) -> bool:
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

    def storevar(self, value: Any, name: str, argidx: Any = None) -> None:
        if name in self._singly_assigned_vars:
            self._blk_local_varmap[name] = value
        else:
            self.builder.store(value, self.getvar(name))

    # Numbers

    def lower_binop(self, result: Any, expression: Any, operation: Any) -> Any:
        signature = self.fndesc.calltypes[expression]
        of, *others = signature.args
        if others != [of] or of not in (types.float64, types.int64):
            return super().lower_binop(result, expression, operation)
        is_float = of == types.float64
        arithmetic = OF_FLOATS if is_float else OF_INTEGERS
        if operation not in COMPARED and (
            operation not in arithmetic or signature.return_type != of
        ):
            return super().lower_binop(result, expression, operation)
        left, right = (self._cast_var(var, of) for var in (expression.lhs, expression.rhs))
        if operation in arithmetic:
            number = getattr(self.builder, arithmetic[operation])(left, right)
        elif not is_float:
            number = self.builder.icmp_signed(COMPARED[operation], left, right)
        elif operation is operator.ne:  # a NaN differs from everything
            number = self.builder.fcmp_unordered("!=", left, right)
        else:
            number = self.builder.fcmp_ordered(COMPARED[operation], left, right)
        return self.context.cast(self.builder, number, signature.return_type, result)

    # Arrays

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

    # Calls

    def _lower_call_normal(self, function: Any, expression: Any, signature: Any) -> Any:
        """A kernel of ours returns a number and says whether all went well; others as numba does."""
        if not isinstance(function, types.Dispatcher):
            return super()._lower_call_normal(function, expression, signature)
        made = function.dispatcher.overloads.get(signature.args)
        if made is None or isinstance(made.fndesc.restype, types.Optional):
            return super()._lower_call_normal(function, expression, signature)
        builder, context = self.builder, self.context
        arguments = self.fold_call_args(
            function, signature, expression.args, expression.vararg, expression.kws
        )
        context.add_linking_libs((made.library,))
        callee = context.declare_function(builder.module, made.fndesc)
        packed = context.get_arg_packer(made.fndesc.argtypes).as_arguments(builder, arguments)
        returned = self._slot(callee.args[0].type.pointee)
        code = builder.call(callee, [returned, builder.function.args[1], *packed])
        self._leave_unless_well(code)
        return context.get_returned_value(builder, made.fndesc.restype, builder.load(returned))

    def _slot(self, of: Any) -> Any:
        if of not in self._slots:
            self._slots[of] = cgutils.alloca_once(self.builder, of)
        return self._slots[of]

    def _leave_unless_well(self, code: Any) -> None:
        builder = self.builder
        if self._way_out is None:
            block = builder.append_basic_block("way_out")
            with builder.goto_block(block):
                self._way_out = builder.phi(code.type)
                builder.ret(self._way_out)
        self._way_out.add_incoming(code, builder.block)
        goes_on = builder.append_basic_block("goes_on")
        branch = builder.cbranch(
            builder.icmp_signed("==", code, RETCODE_OK), goes_on, self._way_out.parent
        )
        branch.set_weights([99, 1])
        builder.position_at_end(goes_on)
