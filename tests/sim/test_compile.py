"""The compiler: what numba must still accept, and what compiled code must not contain.

Some options and methods of numba that `sim/compile.py` relies on are private to it. If a test of this
file fails after a new release of numba, that release has changed one of them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scenarios.step import run
from sim import compile as compiler
from sim.compile import Compiled, kernel

ROOT = Path(__file__).resolve().parents[2]
COUNTS = (b"NRT_incref", b"NRT_decref")


def counted(a, k):
    """A function in which numba counts references: a list of arrays."""
    several = [a[1:], a]
    return several[k][0]


def plain(a, k):
    total = 0.0
    for i in range(k):
        total += a[i]
    return total


def makes_an_array(a, k):
    return np.zeros(k)[0]


def makes_a_list(a, k):
    return [a, a][k][0]


def makes_a_copy(a, k):
    return a.copy()[k]


def test_numba_still_takes_a_function_without_reference_counts():
    """The option `_nrt=False` is private; without it a transaction costs ten times as much."""
    import numba

    function = numba.njit(_nrt=False)(plain)
    assert function(np.arange(4.0), 3) == 3.0
    (assembly,) = function.inspect_asm().values()
    assert not any(name.decode() in assembly for name in COUNTS)
    # Where numba counts, the names are there: that is what the next test looks for.
    counting = numba.njit(counted)
    assert counting(np.arange(4.0), 1) == 0.0
    (assembly,) = counting.inspect_asm().values()
    assert any(name.decode() in assembly for name in COUNTS)


@pytest.mark.usefixtures("compiled_engine")
def test_no_reference_is_counted_in_the_engine():
    """Machine code of every entry and family, as it lies in the cache, names neither function that counts."""
    from sim import cache

    assert cache.files_of(run)
    files = [file for compiled in compiler.outer_functions() for file in cache.files_of(compiled)]
    assert len(files) > 30  # families and strategies
    for file in files:
        machine_code = file.read_bytes()
        assert b"\x7fELF" in machine_code or sys.platform != "linux"
        assert not any(name in machine_code for name in COUNTS), file.name


@pytest.mark.parametrize("function", [makes_an_array, makes_a_list, makes_a_copy])
def test_an_allocation_in_a_kernel_is_a_compile_error(function):
    import numba

    types = (numba.float64[::1], numba.int64)
    Compiled(plain, "kernel").dispatcher.compile(types)
    with pytest.raises(numba.errors.NumbaError):
        Compiled(function, "kernel").dispatcher.compile(types)


def test_what_is_replaced_in_numba_is_still_there():
    """Private methods: functions are optimised once, where they are used, and for one set of types."""
    from numba.core import codegen, cpu, dispatcher

    for owner, method in (
        (codegen.CPUCodeLibrary, "_optimize_final_module"),
        (codegen.CPUCodeLibrary, "_finalize_final_module"),
        (codegen.JITCPUCodegen, "_module_pass_manager"),
        (cpu.CPUContext, "get_executable"),
        (dispatcher.Dispatcher, "get_call_template"),
    ):
        assert callable(getattr(owner, method, None)), f"numba has moved {owner.__name__}.{method}"


SAME_NAME = """
from scenarios.load import load
from scenarios.simulation import Simulation
import numba

Simulation(load("calm_market"), 0).run(1)

@numba.njit
def swap(x):
    return x + 1

assert swap(1) == 2
"""


@pytest.mark.usefixtures("compiled_engine")
def test_a_function_of_the_user_may_have_the_name_of_one_of_ours():
    """It is compiled by numba as if we were not there, and does not run into our inlined `swap`."""
    subprocess.run([sys.executable, "-c", SAME_NAME], cwd=ROOT, check=True, timeout=300)


@kernel
def twice(x):
    return 2.0 * x


def test_kernels_called_from_python_are_plain_functions():
    assert twice(4) == 8.0
    assert twice.__name__ == "twice"


def test_the_cache_is_named_by_the_sources(monkeypatch, tmp_path):
    (tmp_path / "sim").mkdir()
    source = tmp_path / "sim/venue.py"
    source.write_text("fee = 1\n")
    monkeypatch.setattr(compiler, "ROOT", tmp_path)
    before = compiler.source_hash()
    assert compiler.source_hash() == before
    source.write_text("fee = 2\n")
    assert compiler.source_hash() != before
    source.rename(tmp_path / "sim/market.py")
    renamed = compiler.source_hash()
    assert renamed != before
    source.write_text("fee = 1\n")
    (tmp_path / "sim/market.py").unlink()
    assert compiler.source_hash() == before
