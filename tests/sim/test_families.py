"""Families at a boundary: the same bits, compiled when reached and not before, kept apart from the others."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A tiny engine: one entry, two families, one of which has a constant, a comment and a helper of its own.
SWAPS = '''
"""Of pools."""
from sim.compile import boundary, kernel
FEE = 0.25

@kernel
def kept(amount):
    """What is left."""
    return amount * (1.0 - FEE)

@boundary((float, int))
def apply(books, amount):
    """Write, and tell two things."""
    books[0] += kept(amount)
    return books[0] / 3.0, 7
'''
LOANS = """
from sim.compile import boundary

@boundary(float)
def apply(books, amount):
    books[1] += amount / 3.0
    return books[1]
"""
BLOCK = """
import toy_loans
import toy_swaps
from sim.compile import entry

@entry
def run(books, kinds):
    total = 0.0
    for k in range(kinds.shape[0]):
        if kinds[k] == 0:
            share, code = toy_swaps.apply(books, 0.1 * (k + 1))
            total += share * code
        else:
            total += toy_loans.apply(books, 0.1 * k)
    return total
"""
MAIN = """
import sys
import numpy as np
from toy_block import run

books = np.zeros(2)
for _ in range(3):
    total = run(books, np.array([int(kind) for kind in sys.argv[1]]))
print(total.hex(), [value.hex() for value in books.tolist()])
"""


@pytest.fixture
def toy(tmp_path):
    """A folder with the tiny engine and no machine code."""
    for name, text in (("swaps", SWAPS), ("loans", LOANS), ("block", BLOCK), ("main", MAIN)):
        (tmp_path / f"toy_{name}.py").write_text(text)
    return tmp_path


def start(folder, kinds, **more):
    environment = {**os.environ, "PYTHONPATH": f"{folder}:{ROOT}", "XDG_CACHE_HOME": str(folder)}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"  # sources change within the resolution of a clock
    command = [sys.executable, "toy_main.py", kinds]
    return subprocess.Popen(
        command, cwd=folder, env={**environment, **more}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def told(process):
    said, wrong = process.communicate(timeout=300)
    assert process.returncode == 0, wrong[-2000:]
    return said


def kept(folder):
    """Name and time of every file of machine code."""
    files = (folder / "aftershock/compiled").iterdir()
    return {file.name: file.stat().st_mtime_ns for file in files}


def families(names):
    return sorted(name.rsplit(".", 3)[0] for name in names)


def test_the_same_bits_with_and_without_the_compiler(toy):
    plain = told(start(toy, "0110", NUMBA_DISABLE_JIT="1"))
    assert told(start(toy, "0110", NUMBA_DISABLE_JIT="0")) == plain
    assert told(start(toy, "0110", NUMBA_DISABLE_JIT="0")) == plain  # out of the cache


def test_what_is_not_reached_is_not_compiled_and_an_edit_compiles_its_own_family(toy):
    told(start(toy, "00", NUMBA_DISABLE_JIT="0"))
    only_swaps = kept(toy)
    assert families(only_swaps) == ["run", "toy_swaps.apply"]
    before = told(start(toy, "01", NUMBA_DISABLE_JIT="0"))
    both = kept(toy)
    assert families(both.keys() - only_swaps.keys()) == ["toy_loans.apply"]

    swaps = toy / "toy_swaps.py"
    swaps.write_text(SWAPS.replace("left", "left, said at more length\n    on two lines"))
    assert told(start(toy, "01", NUMBA_DISABLE_JIT="0")) == before
    assert kept(toy) == both  # what is said of a function is not what it does

    for edit in (("0.25", "0.5"), ("1.0 - FEE", "1.0 + FEE")):
        swaps.write_text(SWAPS.replace(*edit))
        after = told(start(toy, "01", NUMBA_DISABLE_JIT="0"))
        assert after != before
        assert after == told(start(toy, "01", NUMBA_DISABLE_JIT="1"))
        now = kept(toy)
        assert families(now.keys() - both.keys()) == ["toy_swaps.apply"], edit
        assert both.items() <= now.items()  # nothing else was written
        both = now


def test_two_processes_that_compile_at_once_leave_what_either_would(toy):
    both = [start(toy, "0110", NUMBA_DISABLE_JIT="0") for _ in range(2)]
    first, second = (told(process) for process in both)
    names = kept(toy)
    assert first == second == told(start(toy, "0110", NUMBA_DISABLE_JIT="0"))
    assert kept(toy) == names
    assert families(names) == ["run", "toy_loans.apply", "toy_swaps.apply"]


def test_a_family_that_cannot_be_compiled_is_told_to_whoever_called(toy):
    (toy / "toy_loans.py").write_text(LOANS.replace("return books[1]", "return [books][0].sum"))
    process = start(toy, "1", NUMBA_DISABLE_JIT="0")
    _, wrong = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "toy_loans" in wrong
    assert "TypingError" in wrong
    assert families(kept(toy)) == ["run"]
