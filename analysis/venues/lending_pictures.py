"""Pictures of a lending market at the prompt: the rate curve, and the map of liquidations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from analysis.figure_style import legend_above, panels, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.venues.lending import Lending

UTILISATIONS = np.linspace(0.0, 1.0, 101)
FALLS = np.linspace(0.0, 0.99, 100)  # of the price of one collateral, the others as they are


def rates_and_liquidations(market: Lending) -> Figure:
    """What borrowing costs at each utilisation, and how much debt a fall of a price exposes."""
    with style():
        figure, axes = panels(1, 2, row_inches=2.6)
        rates, liquidations = np.ravel(axes)
        _rates(market, rates)
        _liquidations(market, liquidations)
    return figure


def _rates(market: Lending, axis: Axes) -> None:
    for symbol in market.symbols:
        curve = [100.0 * market.borrow_rate_at(symbol, float(used)) for used in UTILISATIONS]
        if max(curve) > 0.0:
            (line,) = axis.plot(100.0 * UTILISATIONS, curve, label=symbol)
            now = market.reserve(symbol)
            where = 100.0 * now.utilisation, 100.0 * now.borrow_rate_per_year
            axis.plot(*where, "o", markersize=3, color=line.get_color())
    axis.set(xlabel="utilisation (%)", ylabel="borrow rate (% a year)")
    if axis.lines:
        legend_above(axis)


def liquidatable_usd(market: Lending, symbol: str, fall: float) -> float:
    """Debt of the accounts whose health would be below one if this price alone fell so far."""
    price_usd = market.reserve(symbol).price_usd
    market.set_price(symbol, price_usd * (1.0 - fall))
    try:
        positions = [market.account_data(account) for account in market.accounts]
    finally:
        market.set_price(symbol, price_usd)
    return math.fsum(one.debt_usd for one in positions if one.health_factor < 1.0)


def _liquidations(market: Lending, axis: Axes) -> None:
    for symbol in market.symbols:
        if market.is_collateral(symbol):
            exposed = [liquidatable_usd(market, symbol, float(fall)) for fall in FALLS]
            axis.plot(100.0 * FALLS, exposed, label=symbol)
    axis.set(xlabel="fall of the price (%)", ylabel="debt that can be liquidated (USD)")
    if axis.lines:
        legend_above(axis)
