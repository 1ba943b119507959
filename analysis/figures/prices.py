"""Three prices and block space. For each asset that moves: the fundamental price, which nobody can
influence; the market price on the outside exchange, which is the fundamental one moved by the impact of
sales; and the oracle price, which protocols believe. Below: the going price of gas (base fee, or the
price that clears a first-price auction), on a logarithmic scale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figure_style import (
    PRICE_PLACE,
    Drawn,
    NoData,
    hours,
    legend_above,
    lists,
    palette,
    panels,
)

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from analysis.run import Run

LINE_WIDTH = {"fundamental": 2.4, "oracle": 1.3, "market": 0.7}
STEADY = 0.002  # an asset whose prices stay this close to where they began needs no panel


def draw(run: Run) -> Drawn:
    """The figure of this run."""
    import polars as pl

    blocks = run.blocks.with_columns((pl.col("seconds") / 3600.0).alias("hour")).collect()
    if blocks.height == 0:
        raise NoData("no block was recorded, so there is no figure of prices.")
    scenario = run.scenario
    feeds: dict[str, list[str]] = {asset.name: [] for asset in scenario.assets}
    for feed in scenario.feeds:
        feeds[feed.asset].append(feed.name)
    moving = [a.name for a in scenario.assets if not a.is_cash or _moves(blocks, a.name)]
    figure, axes = panels(len(moving) + 1, sharex=True)
    kept = ["block", "hour", "base_fee_gwei"]
    for ax, asset in zip(axes[:, 0], moving, strict=False):
        series = {"fundamental": f"fundamental_price_usd.{asset}"}
        for feed_name in feeds[asset]:
            several = len(feeds[asset]) > 1
            series[f"oracle {feed_name}" if several else "oracle"] = f"oracle_price_usd.{feed_name}"
        series["market"] = f"market_price_usd.{asset}"
        _prices(ax, blocks, series)
        ax.set_ylabel(f"{asset} price (USD)")
        kept += series.values()
    legend_above(axes[0, 0])
    _gas(axes[-1, 0], blocks)
    hours(axes[-1, 0], float(blocks["hour"][-1]))
    return Drawn(figure, blocks.select(list(dict.fromkeys(kept))))


def _moves(blocks: pl.DataFrame, asset: str) -> bool:
    price = blocks[f"market_price_usd.{asset}"]
    return bool(((price / price[0] - 1.0).abs() > STEADY).any())


def _prices(ax: Axes, blocks: pl.DataFrame, series: dict[str, str]) -> None:
    import seaborn

    colours = palette()
    for name, column in series.items():
        kind = name.split()[0]
        seaborn.lineplot(
            data=lists(blocks.select("hour", column)),
            x="hour",
            y=column,
            ax=ax,
            label=name,
            color=colours[PRICE_PLACE[kind]],
            linewidth=LINE_WIDTH[kind],
            alpha=0.6 if kind == "fundamental" else 1.0,
            drawstyle="steps-post" if kind == "oracle" else "default",
            estimator=None,
            errorbar=None,
            legend=False,
        )


def _gas(ax: Axes, blocks: pl.DataFrame) -> None:
    import seaborn
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    seaborn.lineplot(
        data=lists(blocks.select("hour", "base_fee_gwei")),
        x="hour",
        y="base_fee_gwei",
        ax=ax,
        color="0.25",
        linewidth=0.7,
        estimator=None,
        errorbar=None,
    )
    ax.set_ylabel("Price of gas (gwei)")
    if blocks["base_fee_gwei"].min() > 0.0:  # type: ignore[operator]
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(base=10.0, subs=(1.0, 2.0, 5.0)))
        ax.yaxis.set_major_formatter(ScalarFormatter())
        ax.yaxis.set_minor_formatter(NullFormatter())
