"""All of a cascade, read off the tables of a run: nodes, what was in their prices, carriers, descent.

A node's ``generation`` is 0 if it is exogenous; if it is endogenous, 1 plus the expected generation of
its parent. Carriers (arbitrage, hedges, keepers' sales) have the generation of what they carry.
``descendants_usd`` is the USD of all liquidations and sales by rule that descend from a node, its own not
counted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from analysis.cascade.carried import Links, carried
from analysis.cascade.descent import Descent
from analysis.cascade.impact import Outside, outside_trades
from analysis.cascade.nodes import is_sale_of_cascade, nodes, oracle_updates

if TYPE_CHECKING:
    import polars as pl

    from scenarios.schema import Scenario


@dataclasses.dataclass(frozen=True)
class Cascade:
    """Everything that the graph, the measures and the figure are read off."""

    nodes: pl.DataFrame
    outside: Mapping[str, Outside]  # by asset
    links: Links  # by way of carriers
    descent: Descent

    @property
    def is_caused(self) -> np.ndarray:
        """Which nodes are endogenous."""
        return self.descent.is_caused

    @property
    def sales_usd(self) -> np.ndarray:
        """USD of liquidations and sales by rule; nought for all other nodes."""
        return _sales_usd(self.nodes)


def cascade_of(scenario: Scenario, tables: Mapping[str, pl.LazyFrame]) -> Cascade:
    """The cascade of a run."""
    import polars as pl

    trades = nodes(scenario, tables)
    blocks = tables["blocks"].collect()
    outside = outside_trades(scenario, trades, blocks)
    cash = next(asset.name for asset in scenario.assets if asset.is_cash)
    price = {a: blocks[f"fundamental_price_usd.{a}"].to_numpy() for a in (*outside, cash)}
    log_fundamental = {asset: np.log(price[asset] / price[cash]) for asset in outside}
    links = carried(trades, outside, log_fundamental)
    descent = Descent(trades, outside, links)
    told = trades.with_columns(
        pl.Series("generation", descent.inherited(descent.is_caused.astype(float))),
        pl.Series("descendants_usd", descent.bequeathed(_sales_usd(trades))),
    )
    updates = oracle_updates(scenario, tables)
    told = told.join(updates, on=["owner", "trigger_block"], how="left", maintain_order="left")
    return Cascade(told, outside, links, descent)


def _sales_usd(trades: pl.DataFrame) -> np.ndarray:
    return np.where(is_sale_of_cascade(trades), trades["usd"].to_numpy(), 0.0)
