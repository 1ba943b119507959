"""How much of a loss is the shock, how much the agents' own rules, how much the aftershocks: in per cent of
what each had at the start, means over seeds, for the system, its classes (bold) and the strategies of vaults.
Upper row at the worst block of each run, lower row at the horizon. Left: the three parts stacked; what saves
money stands left of zero, and the diamond is the loss, that of the full run. Right: the two parts that agents
make, alone, with 95 % intervals (bootstrap over seeds, which stay paired; hidden by the point where they are
narrower, none for a single seed). The last column is the amplification, a dash where the shock is too small
for one. Who held under 0.1 % of the system at the start is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agents.strategies import STRATEGIES, VAULT
from analysis.figure_style import Drawn, NoData, label, palette, panels
from analysis.headline import SMALL_CLASS

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from analysis.compare import Compared

PARTS = {"shock": "shock", "own_rules": "own rules", "aftershocks": "aftershocks"}
PLACE = {"shock": 7, "own_rules": 2, "aftershocks": 3}  # in the palette
SAID = {"worst": "At worst", "horizon": "At the horizon"}
BOLD = ("system", "class")
OFFSET = {"own_rules": -0.17, "aftershocks": 0.17}  # of a row, so that intervals do not overlap


def draw(told: Compared) -> Drawn:
    """The figure of this comparison."""
    data = rows(told)
    if data.height == 0:
        raise NoData("nobody had anything to lose, so there is no figure of a split loss.")
    n_rows = data.height // len(SAID)
    figure, axes = panels(
        len(SAID), 2, row_inches=0.19 * n_rows + 0.55, sharey=True, sharex="col",
        width_ratios=(3, 2),
    )  # fmt: skip
    for (left, right), when in zip(axes, SAID, strict=True):
        part = data.filter(when=when).to_dicts()
        _stacked(left, part)
        _alone(right, part)
        left.set_title(SAID[when], weight="bold")
    names = [row["who"] for row in part]
    axes[0, 0].set_yticks(range(n_rows), [label(name) for name in names])
    axes[0, 0].invert_yaxis()
    for ax in axes[:, 0]:
        for text, row in zip(ax.get_yticklabels(), part, strict=True):
            text.set_weight("bold" if row["kind"] in BOLD else "normal")
    axes[-1, 0].set_xlabel("Loss (% of NAV at the start)")
    axes[-1, 1].set_xlabel("Parts alone (%)")
    handles = axes[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper center", ncols=len(PARTS) + 1)
    return Drawn(figure, data)


def rows(told: Compared) -> pl.DataFrame:
    """Every split that is drawn: the system, classes, then strategies of vaults, at both moments."""
    import polars as pl

    table = told.table()
    system_usd = told.split("system").nav_at_start_usd
    kinds = {name: _kind(place, name) for name, place in told.who.items()}
    drawn = [name for name, kind in kinds.items() if kind]
    kept = table.filter(
        pl.col("who").is_in(drawn) & (pl.col("nav_at_start_usd") > SMALL_CLASS * system_usd)
    )
    kind = pl.col("who").replace_strict(kinds, return_dtype=pl.String).alias("kind")
    return kept.with_columns(kind)


def _kind(place: str, name: str) -> str:
    """What a row is; strategies of whoever is no vault say the same as their class."""
    if name == "system":
        return "system"
    if place.startswith("losses.by_class."):
        return "class"
    known = STRATEGIES.get(name)
    return "strategy" if known is not None and known.role == VAULT else ""


def _stacked(ax: Axes, part: list[dict[str, Any]]) -> None:
    """Positive parts grow to the right of zero, negative ones to the left."""
    shades = palette()
    reach = [{True: 0.0, False: 0.0} for _ in part]
    for name, said in PARTS.items():
        width = [100.0 * row[f"{name}_fraction"] for row in part]
        left = [reached[w >= 0.0] for reached, w in zip(reach, width, strict=True)]
        ax.barh(range(len(part)), width, left=left, height=0.72, color=shades[PLACE[name]],
                linewidth=0, label=said)  # fmt: skip
        for reached, w in zip(reach, width, strict=True):
            reached[w >= 0.0] += w
    whole = [100.0 * row["loss_fraction"] for row in part]
    ax.plot(whole, range(len(part)), "D", color="black", markersize=3.0, zorder=3, label="loss")
    ax.axvline(0.0, color="0.3", linewidth=0.7)
    ax.grid(axis="y", visible=False)
    ax.margins(y=0.03)


def _alone(ax: Axes, part: list[dict[str, Any]]) -> None:
    """The parts that agents make, as points with intervals, and the amplification at the right edge."""
    shades = palette()
    for k, row in enumerate(part):
        for name, offset in OFFSET.items():
            middle = 100.0 * row[f"{name}_fraction"]
            low, high = (row[f"{name}_usd_{end}"] for end in ("low", "high"))
            if low is not None:
                ends = [100.0 * end / row["nav_at_start_usd"] for end in (low, high)]
                ax.plot(ends, [k + offset] * 2, color=shades[PLACE[name]], linewidth=1.4)
            ax.plot(middle, k + offset, "o", color=shades[PLACE[name]], markersize=2.8)
        told = "\u2013" if row["amplification"] is None else f"{row['amplification']:.2f}"
        ax.annotate(told, (1.02, k), xycoords=("axes fraction", "data"), va="center", fontsize=6.5)
    ax.axvline(0.0, color="0.3", linewidth=0.7)
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", left=False, labelleft=False)
    ax.annotate(
        "ampli-\nfication", (1.02, 1.0), xycoords="axes fraction", va="bottom", fontsize=6.5
    )
