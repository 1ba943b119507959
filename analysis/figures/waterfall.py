"""What moved the wealth of the inside: vault owners and depositors, lenders, liquidity providers, keepers and
arbitrageurs together. Frozen: the fall of fundamental prices on what was held at the start. Timing: the
same on what was bought or sold since. Execution: given away in trades with the outside against the
fundamental price. Fees and gas: paid to the outside. Residual mark: what holdings at the end are marked below
the fundamental price. The terms sum to the loss, which is read off balances and market prices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.figure_style import Drawn, NoData, palette, panels
from analysis.headline import percent, usd
from analysis.wealth import OTHER, TERMS

if TYPE_CHECKING:
    from analysis.run import Run

SAID = {
    "frozen_usd": "frozen",
    "timing_usd": "timing",
    "execution_shortfall_usd": "execution\nshortfall",
    "fees_and_gas_usd": "fees and\ngas",
    OTHER: "other\npayments",
    "residual_mark_usd": "residual\nmark",
    "loss_usd": "loss",
}
MILLION = 1e6


def draw(run: Run) -> Drawn:
    """The figure of this run."""
    import polars as pl

    told = run.summary["wealth_identity"]
    if not told["inside_at_start_usd"] > 0.0:
        raise NoData("nobody inside held anything, so there is no figure of what moved its wealth.")
    terms = [name for name in TERMS if name != OTHER or abs(told[name]) > told["error_allowed_usd"]]
    figure, axes = panels(1, row_inches=2.2)
    ax, colours = axes[0, 0], palette()
    reached = 0.0
    for k, name in enumerate([*terms, "loss_usd"]):
        amount = told[name] / MILLION
        start = 0.0 if name == "loss_usd" else reached
        colour = "0.35" if name == "loss_usd" else colours[3] if amount > 0.0 else colours[2]
        ax.bar(k, amount, bottom=start, color=colour, width=0.65, linewidth=0)
        share = told[name] / told["inside_at_start_usd"]
        ax.annotate(
            f"{usd(told[name])}\n({percent(share)})",
            (k, max(start, start + amount)),
            (0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=6.5,
        )
        if name != "loss_usd":
            reached += amount
            ax.plot([k + 0.325, k + 0.675], [reached, reached], color="0.5", linewidth=0.7)
    ax.set_xticks(range(len(terms) + 1), [SAID[name] for name in [*terms, "loss_usd"]])
    ax.axhline(0.0, color="0.3", linewidth=0.7)
    ax.grid(axis="x", visible=False)
    ax.use_sticky_edges = False  # a bar that begins at the top would leave no room for its number
    ax.margins(y=0.18)
    if min(ax.dataLim.y0, ax.dataLim.y1) >= 0.0:
        ax.set_ylim(bottom=0.0)
    ax.set_ylabel("Loss of the inside (M USD)")
    ax.set_title(f"Of {usd(told['inside_at_start_usd'])} at the start", fontsize=8)
    rows = [*terms, "loss_usd"]
    return Drawn(figure, pl.DataFrame({"term": rows, "usd": [told[name] for name in rows]}))
