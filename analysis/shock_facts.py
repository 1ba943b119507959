"""What hit the system: prices, block space, oracles, and whether it had come to rest at the end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.undefined import Undefined

if TYPE_CHECKING:
    import polars as pl

    from scenarios.schema import Scenario

LAST_BLOCKS = 50  # a liquidation in these says that the run ended too early
RESTING_BLOCKS = 300  # without a bid, after which rows at risk are left where they are
OPEN_IMPACT = 0.1  # share of the peak impact that may be left at the end
SMALL_IMPACT = 1e-3  # a peak below this moves nothing worth waiting for


def prices(scenario: Scenario, start_usd: np.ndarray, blocks: pl.DataFrame) -> dict[str, Any]:
    """For each asset where its fundamental and market price began, and their extremes with their hours."""
    hours = blocks["seconds"].to_numpy() / 3600.0
    told = {}
    for asset, first in zip(scenario.assets, start_usd.tolist(), strict=True):
        entry: dict[str, Any] = {"start_usd": first}
        for which in ("fundamental", "market"):
            path = blocks[f"{which}_price_usd.{asset.name}"].to_numpy()
            low, high = int(np.argmin(path)), int(np.argmax(path))
            entry |= {
                f"{which}_low_usd": float(path[low]),
                f"{which}_low_hour": float(hours[low]),
                f"{which}_fall_fraction": 1.0 - float(path[low]) / first,
                f"{which}_high_usd": float(path[high]),
                f"{which}_high_hour": float(hours[high]),
                f"{which}_rise_fraction": float(path[high]) / first - 1.0,
                f"{which}_end_usd": float(path[-1]),
            }
        told[asset.name] = entry
    return told


def most_shocked(told: dict[str, Any]) -> str:
    """The asset whose fundamental price went furthest from where it began, down or up."""

    def reach(name: str) -> float:
        entry = told[name]
        down = math.log(entry["start_usd"] / entry["fundamental_low_usd"])
        return max(down, math.log(entry["fundamental_high_usd"] / entry["start_usd"]))

    return max(told, key=reach)


def gas(scenario: Scenario, blocks: pl.DataFrame, undefined: Undefined) -> dict[str, Any]:
    """The highest going price of gas, as a multiple of the usual one that the scenario declares."""
    price = blocks["base_fee_gwei"].to_numpy()
    peak = int(np.argmax(price))
    usual = scenario.chains[0].base_fee_gwei
    return {
        "usual_gwei": usual,
        "peak_gwei": float(price[peak]),
        "peak_hour": float(blocks["seconds"][peak]) / 3600.0,
        "peak_multiple": undefined.ratio(
            "gas.peak_multiple", float(price[peak]), usual, "gas is free in this scenario"
        ),
    }


def oracles(scenario: Scenario, blocks: pl.DataFrame, undefined: Undefined) -> dict[str, Any]:
    """The largest |oracle / market - 1| of each feed, and of all."""
    by_feed = {}
    for feed in scenario.feeds:
        oracle = blocks[f"oracle_price_usd.{feed.name}"].to_numpy()
        error = np.abs(oracle / blocks[f"market_price_usd.{feed.asset}"].to_numpy() - 1.0)
        worst = int(np.argmax(error))
        by_feed[feed.name] = {
            "largest_error_fraction": float(error[worst]),
            "hour": float(blocks["seconds"][worst]) / 3600.0,
        }
    if not by_feed:
        undefined.null("oracles.largest_error_fraction", "there are no oracles")
        return {"largest_error_fraction": None, "feed": None, "by_feed": {}}
    feed_name = max(by_feed, key=lambda name: by_feed[name]["largest_error_fraction"])
    return {**by_feed[feed_name], "feed": feed_name, "by_feed": by_feed}


def at_risk(cohorts: pl.LazyFrame, last_block: int) -> tuple[int, bool]:
    """Vault rows with a health below one at the end, and whether anything was still going on about them.

    Where for a while no keeper has bid and they are no more than before, they are loans that nobody takes at
    a profit, and waiting longer would not have changed that.
    """
    import polars as pl

    lately = (
        cohorts.filter(pl.col("block") > last_block - RESTING_BLOCKS)
        .group_by("block")
        .agg(pl.col("n_at_risk").sum(), pl.col("n_bids").sum())
        .sort("block")
        .collect()
    )
    n_left = lately["n_at_risk"].to_list()
    return int(n_left[-1]), n_left[-1] > n_left[0] or int(lately["n_bids"].sum()) > 0


def unsettled(
    scenario: Scenario, blocks: pl.DataFrame, n_open: int, last_liquidation: int | None
) -> list[str]:
    """Why the run may have ended too early; empty if it had come to rest.

    The permanent part of an impact never decays; open is what is left of the transient part.
    """
    reasons = []
    if n_open > 0:
        reasons.append(f"{n_open} vault rows had a health factor below one at the end")
    since = len(blocks) - 1 - last_liquidation if last_liquidation is not None else None
    if since is not None and since < LAST_BLOCKS:
        reasons.append(f"the last liquidation was {since} blocks before the end")
    for asset in scenario.assets:
        transient = blocks[f"transient_impact.{asset.name}"].to_numpy()
        impact = np.abs(transient + blocks[f"permanent_impact.{asset.name}"].to_numpy())
        peak, left = float(np.max(impact)), abs(float(transient[-1]))
        if peak > SMALL_IMPACT and left > OPEN_IMPACT * peak:
            reasons.append(
                f"{100.0 * left / peak:.0f} % of the peak impact on {asset.name} had not decayed"
            )
    return reasons
