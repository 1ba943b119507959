"""Who paid whom. Above: net payments between classes of account since the recorded start, at the fundamental
prices of their blocks; a ribbon is as wide as the payment, its colour says why it was made, and the arrow
beside its amount who was paid; payments under a hundredth of the largest are left out, and what goes round in
a circle is netted. What a pool pays counts with its liquidity providers, what a lending market pays with its
lenders. Below: what each class received net, by cause; the dot is the sum. Interest is no payment.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from analysis.figure_sankey import NODE_WIDTH, Ribbon, draw_ribbons, place
from analysis.figure_style import Drawn, NoData, label, legend_above, palette, panels
from analysis.headline import usd as said
from analysis.incidence import CLASSES, net_by_cause
from analysis.netting import without_circles

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from analysis.run import Run

# Those who bear the loss on the left, the venues, those who trade for a living, and who is outside.
COLUMNS = (
    ("noise_traders", "vault_owners", "depositors", "oracle_operators"),
    ("liquidity_providers", "lenders"),
    ("arbitrageurs", "keepers"),
    ("outside_world", "validators", "issuers"),
)
SAID_CAUSE = {
    "swap": "swaps in pools",
    "liquidation": "liquidations",
    "outside_trade": "trades outside",
    "gas": "gas and tips",
    "tip": "gas and tips",
    "deficit": "bad debt",
    "repricing": "pools repriced",
}
OTHER = "other"
PLACE = {
    "swaps in pools": 0,
    "liquidations": 3,
    "trades outside": 1,
    "gas and tips": 2,
    "bad debt": 4,
    "pools repriced": 9,
    OTHER: 7,
}
SHOWN = 0.01  # of the largest amount
UNITS = ((1e9, "bn USD"), (1e6, "M USD"), (1e3, "k USD"), (1.0, "USD"))


def draw(run: Run) -> Drawn:
    """The figure of this run."""
    data = net_payments(run.incidence.collect())
    if data.height == 0:
        raise NoData("nobody paid anybody of another class, so there is no figure of payments.")
    ribbons = [
        Ribbon(row["payer_class"], row["receiver_class"], row["net_usd"], row["cause"])
        for row in data.iter_rows(named=True)
    ]
    shades = palette()
    colours = {cause: shades[k] for cause, k in PLACE.items()}
    figure, axes = panels(2, row_inches=2.6, height_ratios=(3, 2))
    _payments(axes[0, 0], ribbons, colours)
    _received(axes[1, 0], ribbons, colours)
    return Drawn(figure, data)


def net_payments(table: pl.DataFrame) -> pl.DataFrame:
    """Net USD by payer class, receiver class and cause as the figure names it, the largest first.

    What goes round in a circle under one cause is left out.
    """
    import polars as pl

    parts: dict[str, dict[tuple[str, str], list[float]]] = {}
    for (payer, receiver, cause), usd in net_by_cause(table).items():
        of_cause = parts.setdefault(SAID_CAUSE.get(cause, OTHER), {})
        of_cause.setdefault((payer, receiver), []).append(usd)
        of_cause.setdefault((receiver, payer), []).append(-usd)
    rows = []
    for cause, pairs in parts.items():
        net = {pair: usd for pair, nets in pairs.items() if (usd := math.fsum(nets)) > 0.0}
        rows += [
            {"payer_class": payer, "receiver_class": receiver, "cause": cause, "net_usd": usd}
            for (payer, receiver), usd in without_circles(net, CLASSES).items()
        ]
    names = {"payer_class": pl.String, "receiver_class": pl.String, "cause": pl.String}
    frame = pl.DataFrame(rows, schema={**names, "net_usd": pl.Float64})
    return frame.sort("net_usd", *names, descending=[True, False, False, False])


def _payments(ax: Axes, ribbons: list[Ribbon], colours: dict[str, Any]) -> None:
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=1.5, foreground=(1.0, 1.0, 1.0, 0.7))]
    largest = max(ribbon.usd for ribbon in ribbons)
    shown = [ribbon for ribbon in ribbons if ribbon.usd >= SHOWN * largest]
    nodes = place(COLUMNS, shown)
    for ribbon, x, y, goes_right in draw_ribbons(ax, nodes, shown, colours):
        text = f"{said(ribbon.usd)} \u2192" if goes_right else f"\u2190 {said(ribbon.usd)}"
        ax.text(x, y, text, ha="center", va="center", fontsize=6.5, path_effects=halo)
    for name, node in nodes.items():
        corner = (node.column, node.bottom)
        ax.add_patch(Rectangle(corner, NODE_WIDTH, node.height, color="0.25", linewidth=0))
        ax.annotate(
            label(name),
            (node.column + NODE_WIDTH / 2.0, node.bottom + node.height),
            (0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            weight="bold",
            fontsize=7,
        )
    top = max(node.bottom + node.height for node in nodes.values())
    bottom = min(node.bottom for node in nodes.values())
    ax.set_xlim(-0.25, len(COLUMNS) - 1 + NODE_WIDTH + 0.25)
    ax.set_ylim(bottom - 0.05 * (top - bottom), top + 0.12 * (top - bottom))
    ax.axis("off")


def _received(ax: Axes, ribbons: list[Ribbon], colours: dict[str, Any]) -> None:
    """Stacked bars: to the right what a class received, to the left what it paid."""
    from matplotlib.patches import Patch

    paid = [name for name in CLASSES if any(name in (r.payer, r.receiver) for r in ribbons)]
    causes = [cause for cause in PLACE if any(r.cause == cause for r in ribbons)]
    largest = max(ribbon.usd for ribbon in ribbons)
    scale, unit = next((size, unit) for size, unit in UNITS if largest >= size or size == 1.0)
    for row, name in enumerate(paid):
        reach = {1.0: 0.0, -1.0: 0.0}
        for cause in causes:
            mine = [r for r in ribbons if r.cause == cause]
            net = math.fsum(r.usd for r in mine if r.receiver == name)
            net = (net - math.fsum(r.usd for r in mine if r.payer == name)) / scale
            side = math.copysign(1.0, net)
            ax.barh(row, net, left=reach[side], color=colours[cause], height=0.7, linewidth=0)
            reach[side] += net
        ax.plot(reach[1.0] + reach[-1.0], row, "o", color="black", markersize=3.5, zorder=3)
    ax.use_sticky_edges = False
    ax.margins(x=0.04)
    ax.axvline(0.0, color="0.3", linewidth=0.7)
    ax.set_yticks(range(len(paid)), [label(name) for name in paid])
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(f"Net received since the recorded start ({unit})")
    legend_above(ax, [Patch(color=colours[cause]) for cause in causes], causes)
