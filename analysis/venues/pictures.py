"""Pictures of a venue at the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.figure_style import legend_above, panels, style
from analysis.venues.venue import Reverted
from sim.venues.auctions import DUTCH, ENGLISH, dutch_price

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.venues.banded_market import BandedMarket
    from analysis.venues.collateralized_debt import CollateralizedDebt
    from analysis.venues.concentrated import ConcentratedPool
    from analysis.venues.pool import Pool

SHARES_SOLD = np.geomspace(1e-5, 0.5, 60)  # of the reserve of the token that is sold


def depth_of(pool: Pool) -> Figure:
    """How far below the spot price a sale is filled on average, by its size, fee included."""
    with style():
        figure, axes = panels(1, 1, row_inches=2.6)
        _depth(axes[0, 0], pool)
    return figure


def ranges_of(pool: ConcentratedPool) -> Figure:
    """Liquidity over price, with the price of now; below, how far sales are filled below the spot price."""
    first, second = pool.symbols
    prices, levels, level = [], [], 0.0
    for tick, net in pool.ticks.items():
        level += net
        prices.append(pool.price_of(tick))
        levels.append(max(level, 0.0))
    with style():
        figure, axes = panels(2, 1, row_inches=2.4)
        axis = axes[0, 0]
        axis.step(prices, levels, where="post")
        axis.axvline(pool.price, color="0.5", linewidth=0.8)
        axis.set(
            xscale="log",
            xlabel=f"price of {first} ({second})",
            ylabel="liquidity",
            ylim=(0.0, None),
        )
        _depth(axes[1, 0], pool)
    return figure


def _depth(axis: Axes, pool: Pool) -> None:
    first, second = pool.symbols[:2]
    for sold, bought in ((first, second), (second, first)):
        sizes, shortfalls = [], []
        for share in SHARES_SOLD:
            size = float(share) * pool.reserves[sold]
            try:
                price = pool.quote(sold, size, into=bought) / size
            except Reverted:
                break
            value = size * (pool.spot_price(sold) if sold == first else 1.0)
            sizes.append(value)
            shortfalls.append(100.0 * (1.0 - price / pool.spot_price(sold)))
        axis.plot(sizes, shortfalls, label=f"{sold} for {bought}")
    axis.set(
        xscale="log", yscale="log", xlabel=f"size of the sale ({second})",
        ylabel="average fill below spot (%)",
    )  # fmt: skip
    legend_above(axis)


def auctions_of(positions: CollateralizedDebt) -> Figure:
    """What is paid for a unit of collateral in each auction: the falling Dutch price, or the bid so far."""
    row, now = positions._world.venues.cdps[0], positions.seconds
    with style():
        figure, axes = panels(1, 1, row_inches=2.6)
        (axis,) = np.ravel(axes)
        for auction in positions._world.venues.auctions:
            label = f"auction {int(auction.number)}"
            if auction.kind == DUTCH:
                seconds = np.arange(
                    auction.started_seconds, auction.started_seconds + row.tail_seconds
                )
                prices = [dutch_price(row, auction, second) for second in seconds]
                axis.step((seconds - now) / 60.0, prices, where="post", label=label)
            elif auction.kind == ENGLISH:
                paid = auction.bid / auction.lot
                axis.plot([(auction.started_seconds - now) / 60.0, 0.0], [paid, paid], label=label)
        axis.axhline(positions.price, linestyle=":", color="0.4", label="oracle")
        axis.set(xlabel="minutes from now", ylabel=f"{positions._layout.assets[1]} a unit")
        legend_above(axis)
    return figure


def bands_of(market: BandedMarket) -> Figure:
    """What each band holds, valued in coin at the oracle's price, over the prices that it is converted at."""
    collateral, coin = market._layout.assets[:2]
    bands = list(market.bands.values())
    middle = np.array([0.5 * (band.upper_price + band.lower_price) for band in bands])
    width = np.array([band.upper_price - band.lower_price for band in bands])
    sold = np.array([band.coin for band in bands])
    left = np.array([band.collateral for band in bands]) * market.oracle_price
    with style():
        figure, axes = panels(1, 1, row_inches=2.6)
        axis = axes[0, 0]
        axis.bar(middle, sold, width, label=coin)
        axis.bar(middle, left, width, bottom=sold, label=collateral)
        axis.axvline(market.oracle_price, linestyle=":", color="0.4", label="oracle")
        axis.set(xlabel=f"price of {collateral} ({coin})", ylabel=f"in each band ({coin})")
        legend_above(axis)
    return figure
