"""Inner functions are optimised and emitted once, where they are used, and linked once.

numba optimises each function with all that it calls, and again inside every caller, and emits machine
code for each although only entries and boundaries are ever called: two fifths of a cold compilation.
Into each it copies what that calls with all that those call: a transfer once for every level above it.
Here a formula or a kernel stays by itself until an entry or a boundary takes in all that it reaches,
each once. An entry numba optimises twice, so that pairs of reference counts meet and cancel; there are
none here.

What is replaced is private to numba; tests/sim/test_compile.py says so when a release moves it.
"""

from __future__ import annotations

from typing import Any

from llvmlite.binding import Linkage
from numba import _dynfunc
from numba.core import codegen, cpu


def take(inner: set[str], outer: set[str], boundaries: set[str]) -> None:
    """From now on, in this process, for functions of these names."""
    library_type = codegen.CPUCodeLibrary
    finalise = library_type.finalize
    optimise = library_type._optimize_final_module
    make_executable = cpu.CPUContext.get_executable

    def is_inner(library: Any) -> bool:
        return library.name in inner and library.name not in outer

    def finalise_outer(library: Any) -> None:
        if is_inner(library):
            library._finalized = True
            return
        # A function of a user that calls a formula of ours is linked as an entry is.
        if library.name in outer or any(map(is_inner, library._linking_libraries)):
            library._linking_libraries = _all_linked(library)
        finalise(library)

    def optimise_outer(library: Any) -> None:
        if library.name in outer:
            for function in library._final_module.functions:
                if function.linkage == Linkage.linkonce_odr:
                    function.linkage = "internal"  # nobody else calls it: inlined, not also kept
            passes, builder = library._codegen._module_pass_manager()
            passes.run(library._final_module, builder)
        else:
            optimise(library)

    def executable(context: Any, library: Any, description: Any, environment: Any) -> Any:
        if not is_inner(library) and library.name not in boundaries:
            return make_executable(context, library, description, environment)
        name = description.qualname.split(".")[-1]
        module = description.lookup_module()
        # numba wants a name for the callee; this one has no machine code and is never called.
        return _dynfunc.make_function(module, name, "inlined", 1, environment, (library,))

    library_type.finalize = finalise_outer
    library_type._optimize_final_module = optimise_outer
    cpu.CPUContext.get_executable = executable


def _all_linked(library: Any) -> list[Any]:
    """The libraries that a library calls, and that those call, each once."""
    found: dict[Any, None] = {}
    waiting = [library]
    while waiting:
        for callee in waiting.pop()._linking_libraries:
            if callee not in found:
                found[callee] = None
                waiting.append(callee)
    return list(found)
