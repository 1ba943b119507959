"""How far below the outside market sales on chain were filled, fee included: each point is one sale of an
asset for the cash in a pool, by the kind of its seller. Points drop where a pool is shallow; they lie on a
shelf where the price has fallen through a gap in its liquidity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figure_style import Drawn, NoData, hours, legend_above, palette, panels

if TYPE_CHECKING:
    import polars as pl

    from analysis.run import Run

LEAST_USD = 1.0  # smaller sales are lost in rounding


def draw(run: Run) -> Drawn:
    """The figure of this run."""
    import polars as pl

    cash = run.scenario.cash.name
    assets = [asset.name for asset in run.scenario.assets if not asset.is_cash]
    pairs = [pool.name for pool in run.scenario.pools if len(pool.tokens) == 2]
    roles = {cohort.name: cohort.role for cohort in run.scenario.cohorts}
    sales = _sales(run, pairs).collect()
    sales = sales.filter(pl.col("asset").is_in(assets))
    if sales.height == 0:
        raise NoData("no asset was sold in a pool, so there is no figure of fills.")
    cash_usd = run.blocks.select("block", "seconds", f"market_price_usd.{cash}").collect()
    sales = sales.join(cash_usd, on="block").with_columns(
        (pl.col("seconds") / 3600.0).alias("hour"),
        pl.col("cohort").replace_strict(roles, default="").alias("role"),
        (
            100.0
            * (pl.col("amount_out") * pl.col(f"market_price_usd.{cash}") / pl.col("usd") - 1.0)
        ).alias("fill_percent"),
    )
    sold = [asset for asset in assets if asset in set(sales["asset"])]
    figure, axes = panels(len(sold), sharex=True)
    colours = dict(zip(("vault", "keeper", "trader", "depositor"), palette(), strict=False))
    for ax, asset in zip(axes[:, 0], sold, strict=True):
        for role, colour in colours.items():
            mine = sales.filter((pl.col("asset") == asset) & (pl.col("role") == role))
            if mine.height:
                ax.plot(
                    mine["hour"].to_list(), mine["fill_percent"].to_list(), ".", markersize=3,
                    color=colour, label=role, rasterized=True,
                )  # fmt: skip
        ax.axhline(0.0, color="0.5", linewidth=0.7)
        ax.set_ylabel(f"{asset}: fill against\nthe outside price (%)")
    legend_above(axes[0, 0])
    hours(axes[-1, 0], float(run.blocks.select("seconds").last().collect().item()) / 3600.0)
    kept = ("block", "hour", "asset", "venue", "cohort", "role", "usd", "fill_percent")
    return Drawn(figure, sales.select(kept))


def _sales(run: Run, pairs: list[str]) -> pl.LazyFrame:
    """Swaps that stood, in pools of two tokens."""
    import polars as pl

    return (
        run.events.filter(kind="swap", status="ok")
        .select(
            "block",
            pl.col("venue").cast(pl.String),
            pl.col("cohort").cast(pl.String),
            pl.col("token").cast(pl.String).str.split("@").list.first().alias("asset"),
            "usd",
            "amount_out",
        )
        .filter(pl.col("venue").is_in(pairs) & (pl.col("usd") > LEAST_USD))
    )
