"""What each channel adds to the loss: the full run less the run in which this channel alone is frictionless,
seed by seed, in per cent of NAV at the start; means with 95 % intervals (bootstrap over pairs, BCa), which a
point hides where they are narrower. A channel left of zero saves money. Above the line all channels together,
which is the aftershocks: channels work through each other, so that they need not add up to it. A hollow point
at zero is a channel that the scenario does not use: without it nothing differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis import ensemble_compare
from analysis.figure_style import Drawn, NoData, label, palette, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from analysis.compare import Compared

NUMBERS = {
    "losses.system.loss_at_worst_fraction": "System, at worst",
    "losses.system.loss_at_horizon_fraction": "System, at the horizon",
    "losses.by_class.vault_owners.loss_at_worst_fraction": "Vault owners, at worst",
}
TOGETHER = "all together"
KEYS = ("added_fraction", "low", "high")
COLOUR = 3  # in the palette: that of aftershocks
ROOM = 1.1  # right of the largest end, of the whole range, for its numbers
SMALLEST = 1e-9  # per cent: where nothing differs there is still an axis


def draw(told: Compared) -> Drawn:
    """The figure of this comparison."""
    import polars as pl

    if len(told.full.seeds) < 2:
        raise NoData("a single seed has no intervals, so there is no figure of what channels add.")
    rows = [row for number in NUMBERS for row in added(told, number)]
    if all(row["channel"] == TOGETHER for row in rows):
        raise NoData("no channel was switched off alone, so there is no figure of what they add.")
    data = pl.DataFrame(rows, infer_schema_length=None)
    names = list(dict.fromkeys(data["channel"].to_list()))
    figure, axes = panels(1, len(NUMBERS), row_inches=0.27 * len(names) + 0.3, sharey=True)
    for ax, (number, said) in zip(axes[0], NUMBERS.items(), strict=True):
        _points(ax, data.filter(number=number).to_dicts())
        ax.set_title(said, fontsize=8)
    axes[0, 0].set_yticks(range(len(names)), [label(name) for name in names])
    axes[0, 1].set_xlabel("Added to the loss (% of NAV at the start)")
    return Drawn(figure, data)


def added(told: Compared, number: str) -> list[dict[str, Any]]:
    """For one number: what all channels together add, then each of those switched off alone."""
    together = ensemble_compare.compare(told.full, told.runs["price_taking"], number, True)
    found = {TOGETHER: together, **told.channels(number)}
    return [
        {
            "number": number,
            "channel": name,
            "is_used": pair is not None,
            "added_fraction": pair.difference if pair else 0.0,
            "low": pair.low if pair else None,
            "high": pair.high if pair else None,
        }
        for name, pair in found.items()
    ]


def _points(ax: Axes, rows: list[dict[str, Any]]) -> None:
    low, high = _ends(rows)
    ax.set_xlim(low - 0.1 * (high - low), high + ROOM * (high - low))
    for k, row in enumerate(rows):
        colour = "0.25" if row["channel"] == TOGETHER else palette()[COLOUR]
        face = colour if row["is_used"] else "white"
        point, *ends = (100.0 * (row[key] or 0.0) for key in KEYS)
        ax.plot(ends, [k, k], color=colour, linewidth=1.6)
        ax.plot(point, k, "o", color=colour, markerfacecolor=face, markersize=4.0)
        ax.annotate(_said(row), (max(ends), k), (5, 0), textcoords="offset points", va="center",
                    fontsize=6.0, bbox={"color": "white", "pad": 0.3, "linewidth": 0})  # fmt: skip
    ax.axhline(0.5, color="0.6", linewidth=0.7)
    ax.axvline(0.0, color="0.3", linewidth=0.7)
    ax.grid(axis="y", visible=False)
    ax.set_ylim(len(rows) - 0.5, -0.5)


def _ends(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """The smallest and the largest that is drawn, in per cent; nought is always drawn."""
    drawn = [100.0 * (row[key] or 0.0) for row in rows for key in ("low", "high")]
    return min(0.0, *drawn), max(SMALLEST, *drawn)


def _said(row: dict[str, Any]) -> str:
    """The mean and its interval as numbers, for those that are too narrow to be seen."""
    if row["low"] is None:
        return "not used"
    point, low, high = (round(100.0 * row[key], 2) + 0.0 for key in KEYS)
    return f"{point:.2f} ({low:.2f} to {high:.2f})".replace("-", "\u2212")
