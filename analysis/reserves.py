"""Redemption modules in a summary: what became of the reserve, and of the price of its coin behind it.

A block in which a module could pay out less than a thousandth of its first reserve is one in which it does
not pay, whatever the reason: it is dry, closed, halted, or done for the day. The gap is how far the coin
stands on the outside market, at the end of a block, below what the module gives for it by its rule (for one
that pays at par: below a token of the reserve); above it is negative.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.undefined import Undefined
from scenarios.schema.redemptions import KINDS_AT_PAR, reserve_asset_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from scenarios.schema import Scenario

NEXT_TO_NOTHING = 1e-3  # of the first reserve
ALWAYS_PAID, NEVER_PAID = "the module paid in every block", "the module paid in no block"


def redemption_modules(
    scenario: Scenario, tables: Mapping[str, pl.LazyFrame], undefined: Undefined
) -> dict[str, Any]:
    """The part ``redemptions`` of a summary, a table a module."""
    return {
        module.name: _at_par(rows_of(scenario, tables, module.name), module.name, undefined)
        if module.kind in KINDS_AT_PAR
        else _at_a_rate(rows_of(scenario, tables, module.name))
        for module in scenario.redemptions
    }


def rows_of(scenario: Scenario, tables: Mapping[str, pl.LazyFrame], name: str) -> pl.DataFrame:
    """Block by block: the books of a module, the price of its coin in reserve tokens, and whether it pays."""
    import polars as pl

    module = next(module for module in scenario.redemptions if module.name == name)
    coin_usd = pl.col(f"market_price_usd.{module.coin}")
    asset_usd = pl.col(f"market_price_usd.{reserve_asset_of(scenario, module)}")
    prices = tables["blocks"].select(
        "block", (pl.col("seconds") / 3600.0).alias("hour"), (coin_usd / asset_usd).alias("price")
    )
    books = tables["redemptions"].filter(pl.col("redemption").cast(pl.String) == name)
    pays = pl.col("payable") > NEXT_TO_NOTHING * pl.col("reserve").first()
    joined = books.join(prices, on="block").sort("block")
    return joined.with_columns(
        (1.0 - pl.col("price") / pl.col("rate")).alias("gap"), pays.alias("pays")
    ).collect()


def _at_a_rate(rows: pl.DataFrame) -> dict[str, Any]:
    """A staked token, which comes back through a line, or a coin that is made and burned."""
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    return {
        "rate_at_start": first["rate"],
        "rate_at_end": last["rate"],
        "issued_at_start": first["issued"],
        "issued_at_end": last["issued"],
        "largest_wait_seconds": float(np.max(rows["wait_seconds"].to_numpy())),
        "mean_gap_fraction": math.fsum(rows["gap"]) / rows.height,
        "largest_gap_fraction": float(np.max(rows["gap"].to_numpy())),
    }


def _at_par(rows: pl.DataFrame, name: str, undefined: Undefined) -> dict[str, Any]:
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    paid, unpaid = rows.filter("pays"), rows.filter(~rows["pays"])
    where = f"redemptions.{name}"
    if not unpaid.height:
        undefined.null(f"{where}.first_hour_without_pay", ALWAYS_PAID)
    return {
        "reserve_at_start": first["reserve"],
        "reserve_at_end": last["reserve"],
        "issued_at_end": last["issued"],
        "tolls": last["fees"] - first["fees"],
        "time_without_pay_fraction": unpaid.height / rows.height,
        "first_hour_without_pay": float(unpaid["hour"][0]) if unpaid.height else None,
        "mean_gap_while_it_pays_fraction": undefined.ratio(
            f"{where}.mean_gap_while_it_pays_fraction",
            math.fsum(paid["gap"]),
            paid.height,
            NEVER_PAID,
        ),
        "mean_gap_while_it_does_not_fraction": undefined.ratio(
            f"{where}.mean_gap_while_it_does_not_fraction",
            math.fsum(unpaid["gap"]),
            unpaid.height,
            ALWAYS_PAID,
        ),
    }
