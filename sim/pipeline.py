"""What numba does with a kernel before LLVM: eight steps of its thirty passes.

The others look for what no kernel has: closures, generators, comprehensions, ``with``, object mode, array
expressions, ``literal_unroll``, overloads to be inlined. And after every pass numba works out anew when
each variable is born and dies, which only reference counts and generators ask. The steps that are left
are numba's own. Only ``sim/compile.py`` imports this file.
"""

from __future__ import annotations

from typing import Any

from numba.core import ssa, transforms
from numba.core.compiler import CompilerBase
from numba.core.ir_utils import build_definitions
from numba.core.rewrites.static_getitem import RewriteConstGetitems
from numba.core.targetconfig import ConfigStack
from numba.core.typed_passes import (
    BaseNativeLowering,
    NoPythonBackend,
    NopythonTypeInference,
    PreLowerStripPhis,
)
from numba.core.untyped_passes import InlineInlinables, TranslateByteCode

from sim.lowering import KernelLower


class KernelLowering(BaseNativeLowering):
    """From typed statements to LLVM's, as ``sim/lowering.py`` says."""

    _name = "kernel_lowering"

    @property
    def lowering_class(self) -> Any:
        return KernelLower


def statements(state: Any) -> None:
    """Statements from bytecode; each loop comes back in one place."""
    TranslateByteCode().run_pass(state)
    state.nargs = state.func_ir.arg_count
    state.func_ir.blocks = transforms.canonicalize_cfg(state.func_ir.blocks)


def constant_indices(state: Any) -> None:
    """An index that is a constant says which part of a tuple is meant, and so of what type it is."""
    blocks = state.func_ir.blocks
    for label in list(blocks):
        rewrite = RewriteConstGetitems(state)
        while rewrite.match(state.func_ir, blocks[label], None, None):
            blocks[label] = rewrite.apply()


def windows(state: Any) -> None:
    """Functions that are inlined before types are known."""
    InlineInlinables().run_pass(state)


def a_name_for_each_assignment(state: Any) -> None:
    """Static single assignment: a variable may change its type, and mostly is a value."""
    state.func_ir = ssa.reconstruct_ssa(state.func_ir)
    state.func_ir._definitions = build_definitions(state.func_ir.blocks)


def types_of_variables(state: Any) -> None:
    """Every variable's type, from those of the arguments; compiles what is called."""
    NopythonTypeInference().run_pass(state)


def one_name_where_branches_meet(state: Any) -> None:
    """What depends on the way taken is assigned at the end of each way."""
    state.func_ir = PreLowerStripPhis()._strip_phi_nodes(state.func_ir)
    state.func_ir._definitions = build_definitions(state.func_ir.blocks)


def code(state: Any) -> None:
    """LLVM's statements."""
    KernelLowering().run_pass(state)


def result(state: Any) -> None:
    """What a dispatcher keeps."""
    NoPythonBackend().run_pass(state)


STEPS = (
    statements,
    constant_indices,
    windows,
    a_name_for_each_assignment,
    types_of_variables,
    one_name_where_branches_meet,
    code,
    result,
)


class KernelCompiler(CompilerBase):
    """numba's compiler, for our own functions."""

    def _compile_core(self) -> Any:
        with ConfigStack().enter(self.state.flags.copy()):
            for step in STEPS:
                step(self.state)
            self.state.pipeline = None  # so that nothing keeps the function alive
            return self.state.cr
