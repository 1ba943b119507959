"""Auctions of collateral. Above: each auction that has ended (a purchase, of a Dutch one), by what was paid
for the lot over what it was worth on the market at that moment. Middle: the price of gas. Below: the hole,
debt that no auction has covered, net of the penalties that others have paid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.auctions import ended, hole
from analysis.figure_style import Drawn, NoData, hours, panels

if TYPE_CHECKING:
    from analysis.run import Run

MILLION = 1e6


def draw(run: Run) -> Drawn:
    """The figure of this run."""
    import polars as pl

    if not run.scenario.cdps:
        raise NoData("no market puts collateral up for auction, so there is no figure of auctions.")
    rows = ended(run.events)
    if rows.height == 0:
        raise NoData("no auction has ended, so there is no figure of them.")
    slot_hours = run.scenario.time.slot_seconds / 3600.0
    data = rows.with_columns(((pl.col("block") + 1) * slot_hours).alias("hour"))
    lost = hole(run.scenario, {"markets": run.markets})
    blocks = run.blocks.select("block", "base_fee_gwei").collect()
    end = float(blocks["block"][-1] + 1) * slot_hours

    figure, axes = panels(3, sharex=True, height_ratios=(2, 1, 1))
    paid, gas, below = axes[:, 0]
    paid.scatter(data["hour"], data["paid_fraction"], s=2.0, alpha=0.3, linewidths=0.0)
    paid.set_ylabel("Paid over market value")
    paid.set_ylim(bottom=-0.03)
    gas.plot(
        (blocks["block"] + 1) * slot_hours, blocks["base_fee_gwei"], color="0.4", linewidth=0.5
    )
    gas.set_ylabel("Gas (gwei)")
    gas.set_ylim(bottom=0.0)
    below.plot((lost["block"] + 1) * slot_hours, lost["deficit"] / MILLION, color="0.15")
    below.set_ylabel("Hole (M coin)")
    below.set_ylim(bottom=0.0)
    hours(below, end)
    return Drawn(figure, data)
