"""The hint to the memory: machine code asks for every line of a row, and nothing is read or changed."""

from __future__ import annotations

import re

import numpy as np

from sim.compile import Compiled, kernel
from sim.prefetch import LINE_BYTES, prefetch
from sim.records import new_table, record

ROW = record("a b c d e f g h i j k l m n o p")


@kernel
def second_of(table, k):
    prefetch(table, k)
    return table[1].a


def test_machine_code_asks_for_every_line_of_a_row():
    table = new_table(ROW, 3)
    table[1].a = 2.5
    dispatcher = Compiled(getattr(second_of, "py_func", second_of), "entry").uncached()
    assert dispatcher(table, 2) == 2.5
    (assembly,) = dispatcher.inspect_asm().values()
    hints = re.findall(r"\b(?:prefetchw?t?\d?|prfm)\b", assembly)
    assert len(hints) == -(-ROW.itemsize // LINE_BYTES) == 3


def test_plain_python_asks_for_nothing():
    table = new_table(ROW, 3)
    before = table.copy()
    prefetch(table, 2)
    assert np.array_equal(table, before)
