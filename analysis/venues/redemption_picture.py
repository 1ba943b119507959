"""Picture of a redemption module: what holders are paid in turn, and the hours in which they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figure_style import panels, style
from sim.venues import redemptions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.venues.redemption import RedemptionModule


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
        axis.step([0.0, edge, edge, 100.0], [paid, paid, 0.0, 0.0])
        axis.set(
            xlabel=f"place among those who redeem (% of all {module.coin})",
            ylabel=f"{module.reserve_asset} for one {module.coin}",
            xlim=(0.0, 100.0),
            ylim=(-0.05, 1.1),
        )
        if hours:
            week = axes[1, 0]
            week.step(range(168), hours(), where="post")
            week.set(xlabel="hours since Monday, UTC", ylabel="counter", xlim=(0, 168))
            week.set_yticks([0, 1], ["closed", "open"])
    return figure
