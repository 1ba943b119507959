"""A staked token below its rate, and the loops that pledge it. Above: how far a token is below what its
contract says it is worth, in the pool (before the fee) and on the outside market; dotted, what others have
made of its price, whatever happens here. Below: what has become of the collateral that loops held at the
start, in per cent: what they have sold to lower their debt, and what liquidators have taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figure_style import (
    Drawn,
    NoData,
    hours,
    legend_above,
    palette,
    panels,
    strategy_colour,
)
from analysis.pool_prices import pool_price
from scenarios.schema.redemptions import reserve_asset_of

if TYPE_CHECKING:
    import polars as pl

    from analysis.run import Run
    from scenarios.schema.redemptions import Redemption

PERCENT = 100.0
LIGHT = 0.45  # of a strategy's colour, for what it did itself


def draw(run: Run) -> Drawn:
    """The figure of this run: two panels a staked token."""
    import polars as pl

    modules = [row for row in run.scenario.redemptions if row.kind == "staked_token"]
    if not modules:
        raise NoData("there is no staked token, so there is no figure of its discount.")
    data = pl.concat([_of_module(run, module) for module in modules])
    figure, axes = panels(2 * len(modules), sharex=True)
    colours = palette()
    dark = strategy_colour("leveraged_loop")
    shades = [tuple(1.0 - LIGHT * (1.0 - part) for part in dark), dark]
    for k, module in enumerate(modules):
        mine = data.filter(pl.col("redemption") == module.name)
        hour, others = mine["hour"], mine["given_percent"]
        price, sold = axes[2 * k, 0], axes[2 * k + 1, 0]
        if mine["pool_percent"].null_count() == 0:
            price.plot(hour, mine["pool_percent"], color=colours[1], label="pool", linewidth=0.7)
        price.plot(hour, mine["market_percent"], color=colours[0], label="outside market")
        price.plot(hour, others, color="0.35", linestyle=":", label="fundamental")
        price.set_ylabel(f"{module.coin} below its rate (%)")
        parts = [mine["sold_percent"], mine["liquidated_percent"]]
        said = ["sold by its owners", "taken by liquidators"]
        sold.stackplot(hour, *parts, labels=said, colors=shades, linewidth=0.0)
        sold.set_ylabel("Levered collateral (%)")
        sold.set_ylim(0.0, None)
        legend_above(price)
        legend_above(sold)
    hours(axes[-1, 0], float(data["hour"].max() or 0.0))  # type: ignore[arg-type]
    return Drawn(figure, data)


def _of_module(run: Run, module: Redemption) -> pl.DataFrame:
    """Discounts and what has been sold so far, a row a block."""
    import polars as pl

    stake = reserve_asset_of(run.scenario, module)
    names = [
        f"{kind}_price_usd.{a}" for kind in ("fundamental", "market") for a in (module.coin, stake)
    ]
    books = run.redemptions.filter(pl.col("redemption").cast(pl.String) == module.name)
    rows = (
        run.blocks.select("block", "seconds", *names)
        .join(books.select("block", "rate"), on="block")
        .sort("block")
        .collect()
        .with_columns(pool_price(run, module.coin, stake).alias("pool"))
        .join(_gone(run, module.coin), on="block", how="left")
        .with_columns(pl.col("sold_percent", "liquidated_percent").fill_null(0.0).cum_sum())
    )
    given, market = (pl.col(names[k]) / pl.col(names[k + 1]) for k in (0, 2))
    discounts = {"given_percent": given, "market_percent": market, "pool_percent": pl.col("pool")}
    return rows.select(
        pl.lit(module.name).alias("redemption"),
        "block",
        (pl.col("seconds") / 3600.0).alias("hour"),
        *(
            (PERCENT * (1.0 - price / pl.col("rate"))).alias(name)
            for name, price in discounts.items()
        ),
        "sold_percent",
        "liquidated_percent",
    )


def _gone(run: Run, coin: str) -> pl.DataFrame:
    """Of the collateral that loops had at the start, per cent sold and per cent liquidated in a block."""
    import polars as pl

    loops = [
        c.name for c in run.scenario.cohorts if (c.strategy, c.asset) == ("leveraged_loop", coin)
    ]
    mine = run.vaults.filter(
        pl.col("occasion") == "snapshot", pl.col("cohort").cast(pl.String).is_in(loops)
    )
    start = mine.filter(pl.col("block") == pl.col("block").min())
    pledged = float(start.select(pl.col("risky_amount").sum()).collect().item())
    kind, of = pl.col("kind").cast(pl.String), pl.col("cohort").cast(pl.String)
    owner = pl.col("counterparty_cohort").cast(pl.String)
    done = run.events.filter(pl.col("status") == "ok").filter(
        (
            (kind == "swap")
            & of.is_in(loops)
            & pl.col("token").cast(pl.String).str.starts_with(f"{coin}@")
        )
        | ((kind == "liquidation") & owner.is_in(loops))
    )
    share = PERCENT / max(pledged, 1e-300)
    return (
        done.group_by("block")
        .agg(
            (share * pl.col("token_amount").filter(kind == "swap").sum()).alias("sold_percent"),
            (share * pl.col("amount_out").filter(kind == "liquidation").sum()).alias(
                "liquidated_percent"
            ),
        )
        .collect()
    )
