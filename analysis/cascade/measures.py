"""How much of a crisis feeds on itself: endogenous share, generations, branching number, largest trees.

The endogenous share is the part of sales that would not have come at that moment without the impact of
earlier trades (in a long fall they might have come later, which only another run can tell): the question of
Filimonov and Sornette (2012), Quantifying reflexivity in financial markets, which they answer by fitting a
process to times of trades; here the engine asks each rule again. The branching number is the USD of
endogenous sales whose parent itself answered to a price, for each USD of all sales: the endogenous share
less what descends from noise, from moves of the outside price and from before the record.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.cascade.nodes import is_judged
from analysis.cascade.whole import Cascade, cascade_of
from analysis.undefined import Undefined

if TYPE_CHECKING:
    import polars as pl

    from scenarios.schema import Scenario

N_TREES = 5
KINDS = {"liquidations": "liquidation", "rule_sales": "rule_sale"}
MEASURES = ("mean_generation", "deepest_generation", "branching_number", "largest_trees")
NOTHING = {"liquidations": "nothing was liquidated", "rule_sales": "no vault sold by its rule"}
NO_IMPACT = "no trade moves an outside price in this scenario, so that no sale can cause another"


def measures(
    scenario: Scenario, tables: Mapping[str, pl.LazyFrame], undefined: Undefined
) -> dict[str, Any]:
    """The entries of the summary under ``cascade``."""
    if not _has_impact(scenario):
        names = [f"endogenous_{kind}" for kind in KINDS]
        names = [f"{name}{ending}" for name in names for ending in ("_fraction", "_usd_fraction")]
        for name in (*names, *MEASURES):
            undefined.null(f"cascade.{name}", NO_IMPACT)
        return dict.fromkeys((*names, *MEASURES))
    cascade = cascade_of(scenario, tables)
    return {**endogenous_shares(cascade, undefined), **_depth(scenario, cascade, undefined)}


def _has_impact(scenario: Scenario) -> bool:
    """Whether any asset has an outside price that trades move: not one that is a recorded market price."""
    from scenarios.schema.shocks import PricePath

    paths = (shock for shock in scenario.shocks if isinstance(shock, PricePath))
    recorded = {path.asset for path in paths if path.kind == "market"}
    moved = [a.name for a in scenario.assets if not a.is_cash and a.name not in recorded]
    return scenario.channels.outside_impact and bool(moved)


def endogenous_shares(cascade: Cascade, undefined: Undefined) -> dict[str, float | None]:
    """Of liquidations and of sales by rule: by positions (each order counts) and by USD."""
    told: dict[str, float | None] = {}
    for name, role in KINDS.items():
        is_mine = (cascade.nodes["role"] == role).to_numpy()
        for ending, column in (("", "n_positions"), ("_usd", "usd")):
            size = cascade.nodes[column].to_numpy()
            caused = math.fsum(size[is_mine & cascade.is_caused])
            key = f"endogenous_{name}{ending}_fraction"
            whole = math.fsum(size[is_mine])
            told[key] = undefined.ratio(f"cascade.{key}", caused, whole, NOTHING[name])
    return told


def _depth(scenario: Scenario, cascade: Cascade, undefined: Undefined) -> dict[str, Any]:
    sold_usd = cascade.sales_usd
    caused_usd = np.where(cascade.is_caused, sold_usd, 0.0)
    generation = cascade.nodes["generation"].to_numpy()
    whole_usd, whole_caused_usd = math.fsum(sold_usd), math.fsum(caused_usd)
    from_sales = cascade.descent.from_parents(is_judged(cascade.nodes).astype(float))
    direct_usd = math.fsum(caused_usd * from_sales)
    none = "no sale was endogenous"
    told: dict[str, Any] = {
        "mean_generation": undefined.ratio(
            "cascade.mean_generation", math.fsum(caused_usd * generation), whole_caused_usd, none
        ),
        "deepest_generation": float(generation[caused_usd > 0.0].max(initial=0.0)) or None,
        "branching_number": undefined.ratio(
            "cascade.branching_number", direct_usd, whole_usd, "nobody sold"
        ),
        "largest_trees": largest_trees(scenario, cascade, N_TREES).drop("node").to_dicts() or None,
    }
    for name in ("deepest_generation", "largest_trees"):
        if told[name] is None:
            undefined.null(f"cascade.{name}", none)
    return told


def largest_trees(scenario: Scenario, cascade: Cascade, n: int) -> pl.DataFrame:
    """The exogenous trades from which most USD of sales descend, largest first."""
    import polars as pl

    caused_usd = math.fsum(cascade.sales_usd[cascade.is_caused])
    roots = cascade.nodes.with_row_index("node").filter(
        ~pl.Series(cascade.is_caused),
        pl.Series(cascade.descent.is_source),
        pl.col("descendants_usd") > 0.0,
    )
    hour = (pl.col("block") + 1) * (scenario.time.slot_seconds / 3600.0)
    largest = roots.sort(["descendants_usd", "node"], descending=[True, False]).head(n)
    return largest.select(
        "node",
        "event",
        hour.alias("hour"),
        pl.col("owner").alias("cohort"),
        "cause",
        "usd",
        "descendants_usd",
        (pl.col("descendants_usd") / caused_usd).alias("of_endogenous_sales_fraction"),
    )
