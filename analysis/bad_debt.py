"""Bad debt of a run: what borrowers owe and nobody will pay, whether or not anybody has said so.

A deficit is booked when a keeper takes the last of a borrower's collateral. Keepers who come late, or not at
all, book little, so that deficits alone make scarce keepers look better than they are. So there are two
parts: ``booked``, the deficits, and ``uncovered``, what positions still open at the end of the run owe beyond
what they hold, at market prices: a borrower may keep his collateral and walk away, but no further.
Source: Perez, Werner, Xu and Livshits (2021), Liquidations: DeFi on a Knife-Edge.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl


class BadDebt(NamedTuple):
    """In USD, over the whole run with its time to settle."""

    booked_usd: float
    uncovered_usd: float

    @property
    def usd(self) -> float:
        """Both parts: no deficit is booked while the position is open, so that nothing counts twice."""
        return self.booked_usd + self.uncovered_usd


def bad_debt(tables: Mapping[str, pl.LazyFrame]) -> BadDebt:
    """Deficits among the events, and gaps among the vaults as they stood in the last snapshot."""
    import polars as pl

    booked = tables["events"].filter(pl.col("deficit_usd") > 0.0, status="ok").select("deficit_usd")
    snapshots = tables["vaults"].filter(occasion="snapshot")
    gaps = snapshots.filter(pl.col("block") == pl.col("block").max()).select(
        pl.max_horizontal(pl.col("debt_usd") - pl.col("collateral_usd"), 0.0).alias("gap_usd")
    )
    return BadDebt(
        math.fsum(booked.collect()["deficit_usd"].drop_nulls().to_list()),
        math.fsum(gaps.collect()["gap_usd"].drop_nulls().to_list()),
    )
