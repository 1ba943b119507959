"""Arrays of numbers -> columns of a table: names instead of codes, null where something is undefined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl

WHOLE = (
    "event",
    "sequence",
    "bids",
    "wins",
    "losses",
    "no_profit",
    "no_cash",
    "no_gas_money",
    "is_endogenous",
)


def named(codes: np.ndarray, names: Sequence[str]) -> pl.Series:
    """Codes as one of few names; null where the code is none of them."""
    import polars as pl

    known = list(names)
    numbers = pl.Series(np.asarray(codes, np.int64))
    inside = (codes >= 0) & (codes < len(known))
    if not inside.all():
        numbers = numbers.set(pl.Series(~inside), None)
    return numbers.cast(pl.UInt32).cat.to(pl.Enum(known))


def accounts(numbers: np.ndarray, names_of: Callable[[np.ndarray], list[str]]) -> pl.Series:
    """Account numbers as names; null for nobody. Only the names that occur are made."""
    import polars as pl

    shifted = np.asarray(numbers, np.int64) + 1  # nobody is -1
    occurring = np.flatnonzero(np.bincount(shifted, minlength=1))
    place = np.zeros(occurring[-1] + 1 if len(occurring) else 1, np.uint32)
    place[occurring] = np.arange(len(occurring))
    n_nobody = int(np.count_nonzero(occurring == 0))
    made = [None] * n_nobody + names_of(occurring[n_nobody:] - 1)
    return pl.Series(made, dtype=pl.String).gather(pl.Series(place[shifted]))


def number(values: np.ndarray, name: str) -> pl.Series:
    """Counts and blocks as whole numbers, everything else as float64 with null where it is undefined."""
    import polars as pl

    if is_whole(name):
        return pl.Series(name, np.asarray(values).astype(np.int64))
    numbers = np.ascontiguousarray(values, dtype=np.float64)
    real, finite = pl.Series(name, numbers), np.isfinite(numbers)
    return real if finite.all() else real.set(pl.Series(~finite), None)


def is_whole(name: str) -> bool:
    """Whether a column of this name holds whole numbers."""
    return name in WHOLE or name.endswith("block") or name.startswith("n_")


def null_where(series: pl.Series, absent: np.ndarray) -> pl.Series:
    """The same column, null where ``absent``."""
    import polars as pl

    return series.set(pl.Series(np.asarray(absent, bool)), None) if np.any(absent) else series
