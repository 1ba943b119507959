"""The price of a coin and the reserve behind it: above, what a coin brings on the outside market and in the
pool that holds most of it, before the fee; below, the reserve of its module and what that would pay out now.
The peg holds for as long as there is something to pay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figure_style import Drawn, NoData, hours, legend_above, palette, panels
from analysis.pool_prices import pool_price

if TYPE_CHECKING:
    import polars as pl

    from analysis.run import Run


def draw(run: Run) -> Drawn:
    """The figure of this run: two panels a module."""
    import polars as pl

    modules = run.scenario.redemptions
    if not modules:
        raise NoData("the scenario has no redemption module, so there is no figure of reserves.")
    data = pl.concat([_of_module(run, module.name) for module in modules])
    figure, axes = panels(2 * len(modules), sharex=True)
    colours = palette()
    for k, module in enumerate(modules):
        mine = data.filter(pl.col("redemption") == module.name)
        hour = mine["hour"].to_list()
        price, reserve = axes[2 * k, 0], axes[2 * k + 1, 0]
        price.plot(hour, mine["market_price"].to_list(), color=colours[0], label="outside market")
        if mine["pool_price"].null_count() == 0:
            price.plot(hour, mine["pool_price"].to_list(), color=colours[1], label="pool")
        price.axhline(1.0, color="0.5", linewidth=0.7)
        asset = module.reserve_asset or run.scenario.cash.name
        price.set_ylabel(f"{module.coin} in {asset}")
        reserve.plot(hour, mine["reserve_m"].to_list(), color=colours[2], label="reserve")
        reserve.plot(
            hour, mine["payable_m"].to_list(), color=colours[3], linestyle="--", label="payable now"
        )
        reserve.set_ylabel(f"{module.name}: reserve\n(M {asset})")
        reserve.set_ylim(bottom=0.0)
        legend_above(price)
        legend_above(reserve)
    hours(axes[-1, 0], float(data["hour"].max() or 0.0))  # type: ignore[arg-type]
    return Drawn(figure, data)


def _of_module(run: Run, name: str) -> pl.DataFrame:
    """Prices of the coin in tokens of the reserve, and the reserve in millions, a row a block."""
    import polars as pl

    module = next(row for row in run.scenario.redemptions if row.name == name)
    asset = module.reserve_asset or run.scenario.cash.name
    coin_usd, asset_usd = (f"market_price_usd.{symbol}" for symbol in (module.coin, asset))
    prices = run.blocks.select("block", "seconds", coin_usd, asset_usd).collect()
    books = run.redemptions.filter(pl.col("redemption").cast(pl.String) == name).collect()
    joined = books.join(prices, on="block").sort("block")
    return joined.select(
        pl.lit(name).alias("redemption"),
        "block",
        (pl.col("seconds") / 3600.0).alias("hour"),
        (pl.col(coin_usd) / pl.col(asset_usd)).alias("market_price"),
        pool_price(run, module.coin, asset).alias("pool_price"),
        (pl.col("reserve") / 1e6).alias("reserve_m"),
        (pl.col("payable") / 1e6).alias("payable_m"),
    )
