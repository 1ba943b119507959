"""Auctions of collateral that have ended: what was paid for each, against what it was worth outside.

A Dutch auction is counted by purchase, an English one when it is dealt. A bid is a *zero bid* below a
hundredth of the market value. The hole is the debt that no auction has covered, net of the penalties that
others have paid.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from analysis.undefined import Undefined

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from scenarios.schema import Scenario

ENDS = ("take", "deal")
ZERO_BID = 0.01  # of the market value of the lot
NONE_ENDED = "no auction has ended"


def ended(events: pl.LazyFrame) -> pl.DataFrame:
    """One row an ended auction: block, what was paid, what it was worth, and what of the debt is lost."""
    import polars as pl

    worth = pl.col("amount_out") * pl.col("market_price_usd")
    return (
        events.filter(pl.col("kind").is_in(ENDS), pl.col("status") == "ok")
        .select(
            "block",
            pl.col("usd").alias("paid_usd"),
            worth.alias("worth_usd"),
            (pl.col("usd") / worth).alias("paid_fraction"),
            pl.col("amount_out").alias("lot"),
            "deficit_usd",
        )
        .collect()
    )


def hole(scenario: Scenario, tables: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """Deficit of all markets of debt positions, block by block, in coin."""
    import polars as pl

    names = [market.name for market in scenario.cdps]
    rows = tables["markets"].filter(pl.col("market").cast(pl.String).is_in(names))
    return rows.group_by("block").agg(pl.col("deficit").sum()).sort("block").collect()


def auctions(
    scenario: Scenario, tables: Mapping[str, pl.LazyFrame], undefined: Undefined
) -> dict[str, Any]:
    """The part ``auctions`` of a summary, of a scenario that has debt positions."""
    import polars as pl

    rows = ended(tables["events"])
    zero = rows.filter(pl.col("paid_fraction") < ZERO_BID)
    paid_usd, worth_usd = math.fsum(rows["paid_usd"]), math.fsum(rows["worth_usd"])
    deficit = hole(scenario, tables)["deficit"]
    where = "auctions"
    return {
        "n_ended": rows.height,
        "zero_bid_fraction": undefined.ratio(
            f"{where}.zero_bid_fraction", zero.height, rows.height, NONE_ENDED
        ),
        "zero_bid_usd": math.fsum(zero["worth_usd"]),
        "collateral_sold_usd": worth_usd,
        "paid_fraction": undefined.ratio(f"{where}.paid_fraction", paid_usd, worth_usd, NONE_ENDED),
        "hole": float(deficit[-1]) if deficit.len() else 0.0,
    }
