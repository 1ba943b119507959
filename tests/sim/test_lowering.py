"""What is written for LLVM in fewer words means the same: answers are compared with numba's own, bit by bit.

If a test here fails after a new release of numba, that has moved what `sim/lowering.py` or `sim/pipeline.py`
builds on.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest

from sim.compile import Compiled, kernel, state
from sim.records import new_table, record

ROW = record("price amount", "kind")
EXTREMES = (0.0, -0.0, 1.5, -2.0, 5e-324, 1e308, math.inf, -math.inf, math.nan)
INTEGERS = (0, 1, -1, 7, 2**62, -(2**63))


@state
class Shelf(NamedTuple):
    numbers: np.ndarray  # (n,)
    grid: np.ndarray  # (n, m)


@state
class House(NamedTuple):
    shelf: Shelf
    table: np.ndarray  # (n,)


def of_two_numbers(a, b):
    told = 0
    for k, is_so in enumerate((a < b, a <= b, a > b, a >= b, a == b, a != b)):
        if is_so:
            told += 2**k
    return a + b, a - b, a * b, told


def of_an_integer_and_a_number(a, b):
    return of_mixed(a, b), a * 3 - 7, a // 3, a % 3, a < b, -a, -b


@kernel
def of_mixed(a, b):
    return a * b if a != b else b - a


def by_turns(n):
    """Variables that differ by the way taken, that go round a loop, and that some ways never set."""
    one, other, last = 0.0, 1.0, -1.0
    for k in range(n):
        if k % 3 == 0:
            step = 0.1 * k
        elif k % 3 == 1:
            step = other
            last = step
        else:
            continue
        one, other = other + step, one * 0.5
        while other > 4.0:
            other -= 1.7
            if other < 3.0:
                break
    return one, other, last, step


@kernel
def moved(house, k, by):
    """Several things at once, some of them by a call inside a call."""
    row = house.table[k]
    row.amount += by
    house.table[k + 1] = house.table[k]
    house.table[k + 1].kind = k
    return row.price * row.amount, row.amount > 2.0


def in_a_house(house, k, by):
    shelf = house.shelf
    total = 0.0
    for i in range(-2, shelf.numbers.shape[0]):
        total += shelf.numbers[i] * shelf.grid[i, -1]
        shelf.grid[i, k] = total
    shelf.numbers[-1] = total
    worth, is_much = moved(house, k, by)
    if is_much:
        again, _ = moved(house, 0, worth)
        worth = again - worth
    part = shelf.numbers[1:3]
    return worth, part[0] + part[-1], shelf.grid.shape[1], bool(is_much)


def house():
    table = new_table(ROW, 4)
    table.price = 1.5, 2.5, 3.5, 4.5
    table.amount = 0.1, 0.2, 0.3, 0.4
    return House(Shelf(np.arange(4.0) / 3.0, np.arange(12.0).reshape(4, 3) / 7.0), table)


def ours(function):
    return Compiled(function, "entry").uncached()


def numbas(function):
    import numba

    return numba.njit(error_model="numpy")(function)


def bits(told):
    return [float(one).hex() if isinstance(one, float) else (type(one), one) for one in told]


@pytest.mark.parametrize("values", [EXTREMES, INTEGERS])
def test_sums_and_comparisons(values):
    by_us, by_numba = ours(of_two_numbers), numbas(of_two_numbers)
    for a in values:
        for b in values:
            assert bits(by_us(a, b)) == bits(by_numba(a, b)), (a, b)


def test_numbers_of_two_kinds_and_a_call():
    by_us, by_numba = ours(of_an_integer_and_a_number), numbas(of_an_integer_and_a_number)
    for a in INTEGERS:
        for b in EXTREMES:
            assert bits(by_us(a, b)) == bits(by_numba(a, b)), (a, b)


def test_variables_on_the_ways_through_a_function():
    by_us, by_numba = ours(by_turns), numbas(by_turns)
    for n in range(1, 40):
        assert bits(by_us(n)) == bits(by_numba(n)) == bits(by_turns(n))


def test_state_is_read_and_written_where_it_stands():
    by_us = ours(in_a_house)
    for k, by in ((0, 0.5), (1, 3.0), (2, 40.0), (0, -1.0)):
        compiled, plain = house(), house()
        assert bits(by_us(compiled, k, by)) == bits(in_a_house(plain, k, by))
        assert compiled.table.tobytes() == plain.table.tobytes()
        assert all(
            a.tobytes() == b.tobytes() for a, b in zip(compiled.shelf, plain.shelf, strict=True)
        )
