"""Families of venues and strategies at a boundary: called through a pointer, compiled when first reached.

A world without concentrated pools should not wait until they are compiled. A call of an ordinary kernel
is taken into its caller; a call across a boundary loads an address, two nanoseconds, and the code behind
it is a compilation of its own, kept on the disk by itself. Where the address is not known yet, the
caller asks :func:`_resolve`, which loads or compiles the function for the types of this call.

So nothing has to say which families a scenario uses: the first transaction that reaches one says it. What is
compiled, and when, changes no bit of a result. Only ``sim/compile.py`` imports this file.

To declare a family: ``@boundary(int)`` instead of ``@kernel`` above the function by which the rest reaches
it (``(float, float)`` for two numbers, ``None`` for nothing: what it returns must be said). Whoever calls it
every block asks first whether there is any of its kind.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import importlib
import pickle
import signal
import threading
from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.compiler_lock import global_compiler_lock
from numba.core.typing.templates import AbstractTemplate, signature
from numba.extending import lower_builtin

from sim import shortcuts
from sim.linking import machine_code

RESOLVER = "aftershock_resolve"
INTERRUPTED = "a part of the engine could not be compiled"

# Of each call in what was compiled or loaded here: module, name, types of the arguments.
reached: dict[str, tuple[str, str, tuple[types.Type, ...]]] = {}
failures: dict[int, BaseException] = {}  # by thread
interrupts: list[int] = []


def function_type(compiled: Any) -> types.Function:
    """The type of a function at a boundary: what it returns is declared, so it need not be compiled."""
    returns = _declared(compiled.returns)

    class Call(AbstractTemplate):
        key = compiled

        def generic(self, args: Any, kws: Any) -> Any:
            return None if kws else signature(returns, *map(types.unliteral, args))

    @lower_builtin(compiled, types.VarArg(types.Any))
    def _(context: Any, builder: Any, call: Any, arguments: Any) -> Any:
        return _call(compiled, context, builder, call, arguments)

    return types.Function(Call)


def _declared(returns: Any) -> types.Type:
    if isinstance(returns, tuple):
        return types.Tuple([_declared(part) for part in returns])
    return {int: types.int64, float: types.float64, bool: types.boolean, None: types.none}[returns]


def _call(compiled: Any, context: Any, builder: Any, call: Any, arguments: Any) -> Any:
    """Emit: load the address, ask for it if it is not there, call it."""
    name = _name_of_call(compiled, call.args)
    module = builder.module
    address_type = cgutils.voidptr_t
    cell = module.globals.get(name)
    if cell is None:
        cell = cgutils.add_global_variable(module, address_type, name)
        cell.linkage = "linkonce_odr"  # one, whoever else among what is linked in calls the same
        cell.initializer = address_type(None)
    address = cgutils.alloca_once_value(builder, builder.load(cell))
    with cgutils.if_unlikely(builder, cgutils.is_null(builder, builder.load(address))):
        asks = ir.FunctionType(address_type, [address_type, ir.IntType(64)])
        resolver = cgutils.get_or_insert_function(module, asks, RESOLVER)
        text = cgutils.make_bytearray(name.encode())
        place = builder.bitcast(cgutils.global_constant(module, f"{name}.name", text), address_type)
        found = builder.call(resolver, [place, ir.IntType(64)(len(name))])
        with cgutils.if_unlikely(builder, cgutils.is_null(builder, found)):
            context.call_conv.return_user_exc(builder, RuntimeError, (INTERRUPTED,))
        builder.store(found, cell)
        builder.store(found, address)
    type_ = context.call_conv.get_function_type(call.return_type, call.args).as_pointer()
    function = builder.bitcast(builder.load(address), type_)
    status, result = context.call_conv.call_function(
        builder, function, call.return_type, call.args, arguments
    )
    with cgutils.if_unlikely(builder, status.is_error):
        context.call_conv.return_status_propagate(builder, status)
    return result


@functools.cache
def _name_of_call(compiled: Any, arguments: tuple[types.Type, ...]) -> str:
    """What machine code asks for; ``reached`` knows what is meant, and is kept with the code."""
    where = (compiled.__module__, compiled.__name__, arguments)
    name = f"{compiled.__qualname__}.{hashlib.sha256(pickle.dumps(where)).hexdigest()[:12]}"
    reached[name] = where
    return name


def address_of(module: str, name: str, arguments: tuple[types.Type, ...]) -> int:
    """Load or compile a function for these types."""
    compiled = getattr(importlib.import_module(module), name)
    dispatcher = compiled.dispatcher
    with global_compiler_lock, shortcuts.without_collector():
        dispatcher.compile(signature(_declared(compiled.returns), *arguments))
        found = dispatcher.overloads[arguments]
        address: int = machine_code(found).get_pointer_to_function(found.fndesc.llvm_func_name)
    return address


@ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
def _resolve(place: int, length: int) -> int:
    """Called by machine code in the middle of a block, from any thread; never raises."""
    before = signal.getsignal(signal.SIGINT)
    is_heard = before is not None and threading.current_thread() is threading.main_thread()
    if is_heard:  # a block is not left half done: an end waits until the entry is over
        signal.signal(signal.SIGINT, lambda number, frame: interrupts.append(number))
    try:
        return address_of(*reached[ctypes.string_at(place, length).decode()])
    except BaseException as error:
        failures[threading.get_ident()] = error
        return 0
    finally:
        if is_heard:
            signal.signal(signal.SIGINT, before)


def take() -> None:
    """From now on, in this process."""
    llvmlite.binding.add_symbol(RESOLVER, ctypes.cast(_resolve, ctypes.c_void_p).value)


def compile_all() -> int:
    """Compile whatever can be reached from what is compiled in this process; returns how many functions."""
    done: set[str] = set()
    while set(reached) - done:
        for name in sorted(set(reached) - done):
            address_of(*reached[name])
            done.add(name)
    return len(done)


def after_entry() -> None:
    """Whatever happened while machine code asked: told to whoever called the entry."""
    if failures and (failure := failures.pop(threading.get_ident(), None)):
        raise failure
    if interrupts and threading.current_thread() is threading.main_thread():
        interrupts.clear()
        signal.raise_signal(signal.SIGINT)
