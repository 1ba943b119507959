"""How a kernel becomes the code that LLVM reads: numba's way, without what our kernels never need.

numba writes for every Python function: each variable has a slot in memory and is cleared when it dies, each
call may raise anything, each access to an array copies all seven numbers of its description. LLVM takes most
of that out again; but to write, read and remove it takes time. Here

* a variable that is assigned once, before all its uses, is a value; nothing is cleared, for there are no
  reference counts;
* an array of state is described where it stands (``sim/standing.py``);
* sums, products and comparisons of two numbers are one instruction, found in a table;
* a call of a kernel hands on the caller's place for an error, and leaves by one common way if there was one.

Everything else is numba's. The bits are the same: what is left out is what LLVM would remove
(tests/sim/test_lowering.py compares answers with numba's own). Only ``sim/pipeline.py`` imports this file.
"""

from __future__ import annotations

import operator
from collections import Counter
from typing import Any

from numba import types
from numba.core import analysis, cgutils, ir
from numba.core.callconv import RETCODE_OK

from sim.linking import machine_code
from sim.standing import StandingArrays

COMPARED = {
    operator.lt: "<", operator.le: "<=", operator.gt: ">", operator.ge: ">=",
    operator.eq: "==", operator.ne: "!=",
}  # fmt: skip
OF_FLOATS = {operator.add: "fadd", operator.sub: "fsub", operator.mul: "fmul"}
OF_INTEGERS = {operator.add: "add", operator.sub: "sub", operator.mul: "mul"}


class KernelLower(StandingArrays):
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
        self._standing = {}
        self._slots: dict[Any, Any] = {}  # for what calls return, by type
        self._way_out: Any = None

    # Variables

    def pre_block(self, block: Any) -> None:
        """Slots are made when they are first asked for."""
        self._cur_ir_block = block

    def lower_block(self, block: Any) -> None:
        self.pre_block(block)
        try:
            for statement in block.body:
                self.loc = statement.loc
                self.lower_inst(statement)
        except Exception as error:
            error.add_note(f"while {statement} was written for LLVM, at {self.loc}")
            raise
        self.post_block(block)

    def lower_inst(self, statement: Any) -> None:
        if isinstance(statement, ir.Del):
            return
        if isinstance(statement, ir.Assign) and self.is_left_standing(statement):
            return
        super().lower_inst(statement)

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
        context.add_linking_libs((machine_code(made),))
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
