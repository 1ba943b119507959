"""Tables as record arrays that read like objects, laid over one block of memory.

Every field is eight bytes, so that any row can be saved and restored word by word: that is what
lets one journal walk back a transaction over every kind of venue. There a row knows its own ``address``,
the place of its first word in the memory.
"""

from __future__ import annotations

import numpy as np


def record(floats: str, integers: str = "") -> np.dtype:
    """A record type with ``address`` first, then integer fields, then float fields."""
    names = [("address", "i8")]
    names += [(name, "i8") for name in integers.split()]
    names += [(name, "f8") for name in floats.split()]
    return np.dtype(names)


def n_words(dtype: np.dtype) -> int:
    """Eight-byte words in one row."""
    return dtype.itemsize // 8


def place_of(dtype: np.dtype, field: str) -> int:
    """Words in a row before this field."""
    return list(dtype.names or ()).index(field)


def words(array: np.ndarray) -> np.ndarray:
    """The same memory without its fields: numpy copies records one by one, words all together."""
    return array.view(np.ndarray).view(np.int64) if array.dtype.names else array


def copy_of(array: np.ndarray) -> np.ndarray:
    """A plain copy, of the same type."""
    return words(array).copy().view(array.dtype)


def lay_table(memory: np.ndarray, start: int, dtype: np.dtype, n_rows: int) -> np.recarray:
    """A table of ``n_rows`` over ``memory[start:]``, zeroed, each row told its address."""
    words = n_words(dtype)
    block = memory[start : start + n_rows * words]
    block[:] = 0
    table = block.view(dtype).view(np.recarray)
    table["address"] = start + words * np.arange(n_rows)
    return table


def new_table(dtype: np.dtype, n_rows: int) -> np.recarray:
    """A table in memory of its own, for what no transaction writes: its rows have no address.

    Its pages are touched where the engine writes them: a log has room for more than a quiet run fills.
    """
    return np.zeros(n_rows, dtype).view(np.recarray)
