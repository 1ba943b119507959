"""Pictures of redemption modules: who is paid and when, how long it takes, what is kept back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figure_style import legend_above, palette, panels, style
from scenarios.schema.redemptions import WEEKDAYS
from sim.units import SECONDS_PER_DAY
from sim.venues import redemptions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.venues.mint_and_burn import MintAndBurn
    from analysis.venues.redemption import RedemptionModule
    from analysis.venues.staked_token import StakedToken

POINTS = 101
RETURNS_PER_YEAR = (0.05, 0.1, 0.2, 0.5)


def paid_until_dry(module: RedemptionModule) -> Figure:
    """Reserve tokens for the next coin, by how much of the coin in issue has been redeemed before it."""
    hours = getattr(module, "open_hours", None)
    with style():
        figure, axes = panels(2 if hours else 1, row_inches=1.9)
        axis = axes[0, 0]
        coin = module._token(module.coin)
        paid = float(redemptions.pays(module._world.venues, 0, coin, 1.0))
        issued = max(module.issued, 1e-300)
        edge = min(100.0 * module.payable / paid / issued, 100.0)
        # Whoever comes after the edge is paid nothing; where there is none, all are paid.
        places, pays = [0.0, edge], [paid, paid]
        if edge < 100.0:
            places, pays = [*places, edge, 100.0], [*pays, 0.0, 0.0]
        axis.plot(places, pays)
        axis.set(
            xlabel=f"place among those who redeem (% of all {module.coin})",
            ylabel=f"{module.reserve_asset} for one {module.coin}",
            xlim=(0.0, 100.0),
            ylim=(-0.05, 1.1),
        )
        if hours:
            week = axes[1, 0]
            is_open = hours()
            week.step(range(len(is_open) + 1), [*is_open, is_open[-1]], where="post")
            week.set(xlabel="full hours of the week, UTC", ylabel="counter", xlim=(0, len(is_open)))
            week.set_xticks(range(0, len(is_open), 24), WEEKDAYS, ha="left")
            week.set_yticks([0, 1], ["closed", "open"])
    return figure


def wait_and_price(module: StakedToken) -> Figure:
    """Days that a request waits which joins now, by its size, and the price that is worth the wait."""
    shares = [100.0 * (k + 1) / POINTS for k in range(POINTS)]  # per cent of what is in issue
    sizes = [share / 100.0 * module.issued for share in shares]
    with style():
        figure, axes = panels(2, row_inches=1.9, sharex=True)
        wait, price = axes[:, 0]
        days = [module.waits_for(size) / SECONDS_PER_DAY for size in sizes]
        wait.plot(shares, days, color="0.15")
        wait.set(ylabel="days in line", xlim=(0.0, 100.0))
        wait.set_ylim(bottom=0.0)
        for colour, required in zip(palette(), RETURNS_PER_YEAR, strict=False):
            below = [100.0 * (1.0 - module.patient_price(x, required) / module.rate) for x in sizes]
            price.plot(shares, below, color=colour, label=f"{100.0 * required:g} % a year")
        price.set(xlabel=f"handed in at once (% of all {module.coin})", ylabel="below the rate (%)")
        price.set_ylim(bottom=0.0)
        legend_above(price)
    return figure


def spreads(module: MintAndBurn) -> Figure:
    """The share of its value that is kept back, by how much is burned at once."""
    most = 2.0 * float(module._pools.base_pool)
    worth = [most * (k + 1) / POINTS for k in range(POINTS)]
    coin, volatile = module.coin, module.reserve_asset
    with style():
        figure, axes = panels(1, row_inches=2.6)
        axis = axes[0, 0]
        ways = (coin, volatile, 1.0), (volatile, coin, module.price_usd)
        for colour, (symbol, other, unit) in zip(palette(), ways, strict=False):
            kept = [100.0 * module.spread(symbol, x / unit) for x in worth]
            axis.plot(
                [x / 1e6 for x in worth], kept, color=colour, label=f"{symbol} burned for {other}"
            )
        axis.set(xlabel="burned at once (M USD)", ylabel="spread (%)", xlim=(0.0, most / 1e6))
        axis.set_ylim(bottom=0.0)
        legend_above(axis)
    return figure
