"""How a plain function becomes machine code: five decorators.

Nothing else but ``reference.py``, ``pipeline.py``, ``lowering.py``, ``standing.py``, ``linking.py``,
``families.py``, ``cache.py``, ``prefetch.py`` and ``shortcuts.py`` knows numba.

``@formula``  pure mathematics, inlined by LLVM into whoever calls it;
``@kernel``   a verb or a loop: no Python wrapper, no reference counts, so an allocation is a compile error;
``@window``   a look into state: inlined before typing, so it may return a slice, which a function
              without reference counts may not, and costs no compilation of its own;
``@boundary`` a kernel compiled by itself, when it is first reached: a family of venues, a strategy;
``@entry``    what Python calls: wrapper, releases the GIL, cached on disk.

``@state`` marks the NamedTuples of arrays that all of them take by reference (``sim/reference.py``).

:func:`jit_rule` compiles what a user wrote, when the user registers it.

numba is imported at the first call of an entry, so that ``--help`` and ``check`` never wait for it.
With ``NUMBA_DISABLE_JIT=1`` every function runs as plain Python and gives the same bits.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pathlib
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

ROOT = pathlib.Path(__file__).resolve().parent.parent
KERNEL_FOLDERS = ("sim", "agents", "scenarios")
JIT_IS_OFF = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")

# `_nrt=False` is private to numba: tests/sim/test_compile.py says so plainly when a release drops it.
_INNER = {
    "_nrt": False,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "error_model": "numpy",
}
_OPTIONS: dict[str, dict[str, Any]] = {
    "formula": {**_INNER, "forceinline": True},
    "kernel": _INNER,
    "window": {"_nrt": False, "inline": "always", "error_model": "numpy"},
    "entry": {"_nrt": False, "nogil": True, "error_model": "numpy"},
    "boundary": _INNER,
}

OUTER = ("entry", "boundary")  # machine code by themselves; the others are taken into their callers

_inner_names: set[str] = set()
_outer_names: set[str] = set()
_boundary_names: set[str] = set()
_outer: list[Compiled] = []
_states: list[type] = []


class Compiled:
    """A function together with its dispatcher, made when it is first needed."""

    def __init__(self, function: Callable[..., Any], kind: str, returns: Any = None) -> None:
        self.py_func = function
        self.kind = kind
        self.returns = returns
        self._is_called = False
        if kind != "entry":
            # numba tells functions apart by this name, and a user's own may be called `swap` as well.
            function.__qualname__ = f"{function.__module__}.{function.__qualname__}"
        functools.update_wrapper(self, function)
        (_outer_names if kind in OUTER else _inner_names).add(function.__qualname__)
        if kind in OUTER:
            _outer.append(self)
        if kind == "boundary":
            _boundary_names.add(function.__qualname__)

    @functools.cached_property
    def dispatcher(self) -> Any:
        numba = _numba()
        dispatcher = self.uncached()
        if self.kind in OUTER:
            from sim.cache import Kept

            dispatcher._cache = Kept(self)
        template_of = dispatcher.get_call_template

        def once_a_type(args: Any, kws: Any) -> Any:
            """Compile for the types of the arguments, not once more for every literal among them."""
            return template_of([numba.types.unliteral(argument) for argument in args], kws)

        dispatcher.get_call_template = once_a_type
        return dispatcher

    @functools.cached_property
    def type(self) -> Any:
        """What a kernel that names this function sees of it."""
        if self.kind == "boundary":
            from sim import families

            return families.function_type(self)
        return _numba().types.Dispatcher(self.dispatcher)

    def uncached(self) -> Any:
        """A dispatcher that compiles anew, whose machine code can therefore be read."""
        numba = _numba()
        from sim.pipeline import KernelCompiler

        return numba.njit(pipeline_class=KernelCompiler, **_OPTIONS[self.kind])(self.py_func)

    @property
    def targetoptions(self) -> dict[str, Any]:  # read by numba where it inlines a window
        return self.dispatcher.targetoptions

    def __call__(self, *arguments: Any) -> Any:
        # Only an entry has a wrapper; the others, called from Python, run as the plain functions they are.
        if self.kind != "entry":
            return self.py_func(*arguments)
        dispatcher = self.dispatcher
        from sim import families, shortcuts

        try:
            if self._is_called:
                return dispatcher(*arguments)
            self._is_called = True
            with shortcuts.without_collector():
                return dispatcher(*arguments)
        finally:
            families.after_entry()


def prepared(entry: Callable[..., Any], *arguments: Any) -> Callable[..., Any]:
    """An entry that has been called already, for arguments of the types of these: it looks at types no more.

    A world is a hundred arrays, and telling the type of each takes as long as six blocks of a small market.
    """
    if JIT_IS_OFF or not isinstance(entry, Compiled):
        return entry
    from sim import families

    dispatcher = entry.dispatcher
    compiled = list(dispatcher.overloads.values())
    if len(compiled) == 1:  # as everywhere but in tests: all worlds are of the same types
        machine_code = compiled[0].entry_point
    else:
        machine_code = dispatcher.get_overload(tuple(map(dispatcher.typeof_pyval, arguments)))

    def call(*arguments: Any) -> Any:
        try:
            return machine_code(*arguments)
        finally:
            families.after_entry()

    return call


@functools.cache
def _numba() -> Any:
    import numba
    from numba.extending import typeof_impl

    @typeof_impl.register(Compiled)
    def _(compiled: Compiled, context: Any) -> Any:
        return compiled.type

    from sim import families, linking, prefetch, reference, shortcuts

    shortcuts.take()
    prefetch.register(_OPTIONS["formula"])
    families.take()
    for named_tuple in _states:
        reference.register(named_tuple)
    linking.take(_inner_names, _outer_names, _boundary_names)
    return numba


def source_hash() -> str:
    """SHA-256 of every source file that may hold a kernel, in order of name (hex)."""
    digest = hashlib.sha256()
    for folder in KERNEL_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def outer_functions() -> list[Compiled]:
    """Every entry and boundary that has been imported."""
    return list(_outer)


def is_compiled(function: Any) -> bool:
    """Whether machine code of an entry, as it is written now, is on the disk."""
    _numba()
    from sim import cache

    return bool(cache.files_of(function))


def state(named_tuple: type[T]) -> type[T]:
    """A NamedTuple of arrays that kernels take by reference."""
    _states.append(named_tuple)
    return named_tuple


def formula(function: Callable[..., Any]) -> Any:
    """A pure function, inlined into its callers."""
    return function if JIT_IS_OFF else Compiled(function, "formula")


def kernel(function: Callable[..., Any]) -> Any:
    """A verb or a loop over state, without wrapper and reference counts."""
    return function if JIT_IS_OFF else Compiled(function, "kernel")


def window(function: Callable[..., Any]) -> Any:
    """A function that returns a slice of one of its arrays."""
    return function if JIT_IS_OFF else Compiled(function, "window")


def boundary(returns: Any) -> Callable[[Callable[..., Any]], Any]:
    """A kernel that is compiled by itself when it is first reached, and returns what is declared."""

    def decorate(function: Callable[..., Any]) -> Any:
        return function if JIT_IS_OFF else Compiled(function, "boundary", returns)

    return decorate


def entry(function: Callable[..., Any]) -> Any:
    """A function that Python calls."""
    return function if JIT_IS_OFF else Compiled(function, "entry")


def jit_rule(function: Callable[..., Any], n_numbers: int) -> Callable[[Any, Any], None]:
    """A user's rule of so many numbers, applied row by row: ``rows(numbers, results)``.

    ``numbers`` is (n_numbers, n); ``results`` (2, n) takes what the rule returns, one number or two, the
    second NaN if there is none. Raises ValueError with the reason, in one line, if numba cannot.
    """
    if JIT_IS_OFF:
        return _plain_rule(function)
    import numpy as np

    numba = _numba()
    from numba.np.unsafe.ndarray import to_fixed_tuple

    rule = numba.njit(error_model="numpy")(function)
    try:
        rule.compile((numba.float64,) * n_numbers)
    except Exception as error:  # numba raises many kinds; one line of each text matters
        raise ValueError(_reason(str(error))) from None
    returned = rule.nopython_signatures[0].return_type
    parts = tuple(returned) if isinstance(returned, numba.types.BaseTuple) else (returned,)
    number = (numba.types.Float, numba.types.Integer)
    if not 1 <= len(parts) <= 2 or not all(isinstance(part, number) for part in parts):
        raise ValueError(f"it returns {returned}")

    def one(numbers, results):
        row = np.empty(n_numbers)
        for i in range(results.shape[1]):
            for k in range(n_numbers):
                row[k] = numbers[k, i]
            results[0, i] = rule(*to_fixed_tuple(row, n_numbers))
            results[1, i] = np.nan

    def two(numbers, results):
        row = np.empty(n_numbers)
        for i in range(results.shape[1]):
            for k in range(n_numbers):
                row[k] = numbers[k, i]
            results[0, i], results[1, i] = rule(*to_fixed_tuple(row, n_numbers))

    rows = numba.njit(nogil=True, error_model="numpy")(one if len(parts) == 1 else two)
    matrix = numba.types.Array(numba.float64, 2, "C")
    rows.compile((matrix, matrix))
    return rows


def _plain_rule(function: Callable[..., Any]) -> Callable[[Any, Any], None]:
    import numpy as np

    def rows(numbers, results):
        with np.errstate(all="ignore"):
            for i in range(results.shape[1]):
                returned = function(*numbers[:, i])
                is_pair = isinstance(returned, tuple)
                results[:, i] = returned if is_pair else (returned, np.nan)

    return rows


def _reason(text: str) -> str:
    """The line of numba's message that says what is wrong."""
    lines = [line.strip() for line in text.splitlines()]
    told = [line for line in lines if line and not line.startswith("Failed in nopython mode")]
    return told[0] if told else "numba gives no reason"
