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

    known = pl.Enum(names)
    inside = (codes >= 0) & (codes < len(names))
    smallest = np.uint8 if len(names) < 2**8 else np.uint16 if len(names) < 2**16 else np.uint32
    if inside.all():
        return pl.Series(codes.astype(smallest)).cat.to(known)
    numbers = pl.Series(np.where(inside, codes, 0).astype(smallest)).cat.to(known)
    return null_where(numbers, ~inside)


def accounts(numbers: np.ndarray, layout: Layout) -> pl.Series:
    """Account numbers as names; null for nobody, who is -1."""
    import polars as pl

    places = np.asarray(numbers).astype(np.int64)
    # Behind all names stands the null of nobody.
    places = np.where(places < 0, layout.n_accounts, places).astype(np.uint32)
    return layout.account_column.gather(pl.Series(places))


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
