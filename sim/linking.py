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

import operator
from typing import Any

from llvmlite.binding import Linkage
from numba import _dynfunc
from numba.core import codegen, cpu

machine_code = operator.attrgetter("library")  # of a compiled function, in numba's words

# Next to nothing of the engine becomes vectors, and the search for them took a fifth of the time.
OPTIMISED = {"opt": 2, "loop_vectorize": False, "slp_vectorize": False}
CLEANED = {**OPTIMISED, "opt": 1}  # a function by itself, before it is taken into others


def take(inner: set[str], outer: set[str], boundaries: set[str]) -> None:
    """From now on, in this process, for functions of these names."""
    library_type = codegen.CPUCodeLibrary
    finalise = library_type.finalize
    optimise = library_type._optimize_final_module
    optimise_one = library_type._optimize_functions
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
            module = library._final_module
            for one in (*module.functions, *module.global_variables):
                if one.linkage == Linkage.linkonce_odr:
                    one.linkage = "internal"  # nobody else names it: inlined, not also kept
            passes, builder = library._codegen._module_pass_manager(**OPTIMISED)
            passes.run(library._final_module, builder)
        else:
            optimise(library)

    def optimise_before_linking(library: Any, module: Any) -> None:
        if library.name not in inner and library.name not in outer:
            optimise_one(library, module)
            return
        module.data_layout = library._codegen._data_layout
        for function in module.functions:
            if not function.is_declaration:
                passes, builder = library._codegen._function_pass_manager(**CLEANED)
                passes.run(function, builder)

    def executable(context: Any, library: Any, description: Any, environment: Any) -> Any:
        if not is_inner(library) and library.name not in boundaries:
            return make_executable(context, library, description, environment)
        name = description.qualname.split(".")[-1]
        module = description.lookup_module()
        # numba wants a name for the callee; this one has no machine code and is never called.
        return _dynfunc.make_function(module, name, "inlined", 1, environment, (library,))

    library_type.finalize = finalise_outer
    library_type._optimize_final_module = optimise_outer
    library_type._optimize_functions = optimise_before_linking
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
