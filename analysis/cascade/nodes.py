"""The nodes of a cascade: every executed sale and purchase, in the order of execution.

A node is a leg of a transaction: a swap, a trade on the outside exchange, or a liquidation. Its ``role``
says what it is in the cascade: a ``liquidation``, a ``rule_sale`` or ``rule_purchase`` of a vault (both
answer to a price), or a carrier: ``arbitrage`` takes a pool's move to the outside exchange in its
``hedge``, ``inventory`` is a keeper's sale of what it has won. ``noise`` answers to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl

    from scenarios.schema import Scenario

RULES = ("rebalance", "repair", "leverage_up")
TRADES = ("swap", "outside_trade", "liquidation")
COLUMNS = (
    "event block kind cause account cohort counterparty counterparty_cohort venue token token_amount "
    "amount_out usd impact submitted_block trigger_block trigger_price_usd trigger_impact is_endogenous"
).split()
NAMES = ("kind", "cause", "cohort", "counterparty_cohort", "token")
JUDGED = ("liquidation", "rule_sale", "rule_purchase")  # what answers to a price
SALES = ("liquidation", "rule_sale")  # what a cascade is made of


def nodes(scenario: Scenario, tables: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """One row a node: the event, the asset it sells or buys, its role, and the positions it stands for."""
    import polars as pl

    rows = tables["events"].filter(pl.col("status") == "ok", pl.col("kind").is_in(TRADES))
    events = rows.select(COLUMNS).with_columns(pl.col(NAMES).cast(pl.String)).collect()
    token = pl.col("token").str.split("@").list.first()
    cash = next(asset.name for asset in scenario.assets if asset.is_cash)
    pools = {pool.name: next(a for a in pool.tokens if a != cash) for pool in scenario.pools}
    of_pool = pl.col("venue").replace_strict(pools, default=None, return_dtype=pl.String)
    in_pool = pl.col("kind") == "swap"
    # A hedge follows the swap that it hedges, and trades the same asset; a keeper buys cash's worth of gas.
    native = pl.lit(scenario.chains[0].native_asset)
    bought = pl.when(pl.col("cause") == "arbitrage").then(of_pool.shift(1)).otherwise(native)
    asset = pl.when(in_pool).then(of_pool).when(token == cash).then(bought).otherwise(token)
    n_positions = {c.name: c.positions_per_row for c in scenario.cohorts if c.role == "vault"}
    is_first = pl.struct("block", "account", "cause").is_first_distinct() | (
        pl.col("kind") == "liquidation"
    )
    owner = pl.coalesce("counterparty_cohort", "cohort")
    positions = owner.replace_strict(n_positions, default=1.0, return_dtype=pl.Float64)
    return events.with_columns(
        asset.alias("asset"),
        (token != cash).alias("is_sale"),
        owner.alias("owner"),
        # An order of several legs counts its positions once.
        pl.when(is_first).then(positions).otherwise(0.0).alias("n_positions"),
    ).with_columns(_role().alias("role"))


def _role() -> pl.Expr:
    import polars as pl

    is_rule = pl.col("cause").is_in(RULES) & pl.col("trigger_impact").is_not_null()
    is_swap = pl.col("kind") == "swap"
    return (
        pl.when(pl.col("kind") == "liquidation")
        .then(pl.lit("liquidation"))
        .when(is_rule & pl.col("is_sale"))
        .then(pl.lit("rule_sale"))
        .when(is_rule)
        .then(pl.lit("rule_purchase"))
        .when(pl.col("cause") == "arbitrage")
        .then(pl.when(is_swap).then(pl.lit("arbitrage")).otherwise(pl.lit("hedge")))
        .when(pl.col("cause").is_in(["inventory", "liquidation"]) & pl.col("is_sale"))
        .then(pl.lit("inventory"))
        .otherwise(pl.lit("noise"))
    )


def is_judged(trades: pl.DataFrame) -> np.ndarray:
    """Which nodes answer to a price."""
    return trades["role"].is_in(JUDGED).to_numpy()


def trades_asset(trades: pl.DataFrame, asset: str) -> np.ndarray:
    """Which nodes sell or buy this asset."""
    return trades["asset"].eq_missing(asset).to_numpy()


def is_sale_of_cascade(trades: pl.DataFrame) -> np.ndarray:
    """Which nodes are liquidations or sales by rule."""
    return trades["role"].is_in(SALES).to_numpy()


def oracle_updates(scenario: Scenario, tables: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """For each vault cohort that borrows, and block of an observation: the update that published it."""
    import polars as pl

    feed: dict[tuple[str | None, str | None], str]
    feed = {(reserve.market, reserve.asset): reserve.feed for reserve in scenario.reserves}
    operators = [
        (cohort.name, f"{feed[cohort.market, cohort.asset]}.operator")
        for cohort in scenario.cohorts
        if cohort.role == "vault" and (cohort.market, cohort.asset) in feed
    ]
    names = ("owner", "venue")
    of_cohort = pl.DataFrame(operators, schema=dict.fromkeys(names, pl.String), orient="row")
    sent = tables["events"].filter(kind="publish_price", status="ok")
    sent = sent.select("venue", "trigger_block", pl.col("event").alias("oracle_update"))
    joined = of_cohort.join(sent.collect(), on="venue").drop("venue")
    return joined.unique(("owner", "trigger_block"), keep="first", maintain_order=True)
