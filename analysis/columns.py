"""Arrays of numbers -> columns of a table: names instead of codes, null where something is undefined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl

    from scenarios.layout import Layout

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

    return _looked_up(codes, pl.Series([*names, None], dtype=pl.Enum(names)))


def accounts(numbers: np.ndarray, layout: Layout) -> pl.Series:
    """Account numbers as names; null for nobody, who is -1."""
    return _looked_up(numbers, layout.account_column)


def _looked_up(codes: np.ndarray, known: pl.Series) -> pl.Series:
    """What stands at these places of a column; in its last place the null for all that is beyond."""
    import polars as pl

    n, places = len(known) - 1, np.asarray(codes)
    if len(places) and (places.min() < 0 or places.max() >= n):
        places = np.where((places >= 0) & (places < n), places, n)
    return known[pl.Series(places.astype(np.uint32))]


def number(values: np.ndarray, name: str) -> pl.Series:
    """Counts and blocks as whole numbers, everything else as float64 with null where it is undefined."""
    import polars as pl

    if is_whole(name):
        return pl.Series(name, np.asarray(values).astype(np.int64, copy=False))
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
