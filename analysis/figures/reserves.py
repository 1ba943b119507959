"""The price of a coin and the reserve behind it. Above, what a coin brings on the outside market and in the
pool that holds most of it, before the fee; below, the reserve of its module and what that would pay out now.
Shaded: the module pays next to nothing, because it is dry, closed or halted. The peg holds for as long as
there is something to pay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figure_style import Drawn, NoData, hours, legend_above, palette, panels
from analysis.pool_prices import pool_price
from analysis.reserves import rows_of
from scenarios.schema.redemptions import KINDS_AT_PAR, reserve_asset_of

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from analysis.run import Run


def draw(run: Run) -> Drawn:
    """The figure of this run: two panels a module."""
    import polars as pl

    modules = [m for m in run.scenario.redemptions if m.kind in KINDS_AT_PAR]
    if not modules:
        raise NoData("no redemption module pays at par, so there is no figure of reserves.")
    data = pl.concat([_of_module(run, module.name) for module in modules])
    figure, axes = panels(2 * len(modules), sharex=True)
    for k, module in enumerate(modules):
        asset = reserve_asset_of(run.scenario, module)
        mine = data.filter(pl.col("redemption") == module.name)
        _price(axes[2 * k, 0], mine)
        _reserve(axes[2 * k + 1, 0], mine)
        axes[2 * k, 0].set_ylabel(f"{module.coin} ({asset})")
        axes[2 * k + 1, 0].set_ylabel(f"{module.name}: reserve\n(M {asset})")
    hours(axes[-1, 0], float(data["hour"].max() or 0.0))  # type: ignore[arg-type]
    return Drawn(figure, data)


def _price(axis: Axes, mine: pl.DataFrame) -> None:
    colours, hour = palette(), mine["hour"].to_list()
    axis.axhline(1.0, color="0.5", linewidth=0.7)
    if mine["pool_price"].null_count() == 0:
        axis.plot(hour, mine["pool_price"], color=colours[1], linewidth=0.8, label="pool")
    axis.plot(hour, mine["market_price"], color=colours[0], label="outside market")
    _shade(axis, mine)
    legend_above(axis)


def _reserve(axis: Axes, mine: pl.DataFrame) -> None:
    colours, hour = palette(), mine["hour"].to_list()
    axis.plot(hour, mine["reserve_m"], color="0.75", linewidth=2.5, label="reserve")
    axis.plot(hour, mine["payable_m"], color=colours[2], label="pays out now")
    axis.set_ylim(bottom=0.0)
    _shade(axis, mine)
    legend_above(axis)


def _shade(axis: Axes, mine: pl.DataFrame) -> None:
    """The times at which the module pays next to nothing."""
    axis.fill_between(
        mine["hour"], 0.0, 1.0, where=(~mine["pays"]).to_numpy(), color="0.92", linewidth=0.0,
        transform=axis.get_xaxis_transform(), zorder=0.0,
    )  # fmt: skip


def _of_module(run: Run, name: str) -> pl.DataFrame:
    """Prices of the coin in tokens of the reserve, and the reserve in millions, a row a block."""
    import polars as pl

    module = next(row for row in run.scenario.redemptions if row.name == name)
    asset = reserve_asset_of(run.scenario, module)
    tables = {"blocks": run.blocks, "redemptions": run.redemptions}
    return rows_of(run.scenario, tables, name).select(
        pl.lit(name).alias("redemption"),
        "block",
        "hour",
        pl.col("price").alias("market_price"),
        pool_price(run, module.coin, asset).alias("pool_price"),
        (pl.col("reserve") / 1e6).alias("reserve_m"),
        (pl.col("payable") / 1e6).alias("payable_m"),
        "pays",
    )
