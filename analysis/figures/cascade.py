"""The cascade in time. Above: every liquidation and every sale by a vault's rule, sized by its USD, by
generation. Generation 0 would have come then without the impact of earlier trades (exogenous); every
other sale answered to a price that earlier trades had moved, and hangs on one of them, drawn by its share
in that impact: one draw of many possible trees. Lines: the tree whose sales add up to most USD, from its
root (ring). Points are spread within a generation to be seen; at the right, what each generation sold.
Below: the same sales over time, endogenous and exogenous.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.cascade.trees import NOBODY, family
from analysis.cascade.whole import cascade_of
from analysis.figure_style import Drawn, NoData, hours, legend_above, palette, panels
from analysis.figures.liquidations import bin_edges
from analysis.headline import usd as money

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from analysis.run import Run

SPREAD = 0.7  # of the distance between two generations
LARGEST_POINT = 90.0  # square points
MILLION = 1e6
PLACE = {"rule_sale": 0, "liquidation": 3}  # in the palette
SAID = {"rule_sale": "sale by rule", "liquidation": "liquidation"}


def draw(run: Run) -> Drawn:
    """The figure of this run."""
    sales = _sales(run)
    if not sales["is_endogenous"].any():
        raise NoData("no sale was caused by another, so there is no figure of a cascade.")
    end = run.blocks.select("seconds").last().collect().item() / 3600.0
    figure, axes = panels(2, sharex=True, height_ratios=(5, 2), row_inches=2.3)
    tree = _largest_tree(sales)
    _points(axes[0, 0], sales, tree)
    _lines(axes[0, 0], tree)
    legend_above(axes[0, 0], *_key(sales, tree))
    _usd(axes[1, 0], sales, bin_edges(end))
    hours(axes[1, 0], end)
    return Drawn(figure, sales.drop("height", "parent_height"))


def _sales(run: Run) -> pl.DataFrame:
    """One row a sale, with its parent and the root of its tree in one draw, and its place in the figure."""
    import polars as pl

    cascade = cascade_of(run.scenario, run.tables)
    drawn = family(cascade, run.seed)
    spread = np.random.Generator(np.random.Philox(run.seed)).random(cascade.nodes.height) - 0.5
    height = drawn.generation + SPREAD * spread
    hour = (cascade.nodes["block"].to_numpy() + 1) * run.scenario.time.slot_seconds / 3600.0
    event = cascade.nodes["event"].to_numpy()

    def of(place: np.ndarray, values: np.ndarray, name: str) -> pl.Series:
        return pl.Series(name, values[place]).set(pl.Series(place == NOBODY), None)

    told = cascade.nodes.select(
        "event",
        pl.Series("hour", hour),
        *("role", "owner", "cause", "asset", "usd"),
        pl.Series("is_endogenous", cascade.is_caused),
        pl.Series("generation", drawn.generation),
        pl.col("generation").alias("expected_generation"),
        of(drawn.parent, event, "parent_event"),
        of(drawn.root, event, "root_event"),
        of(drawn.parent, hour, "parent_hour"),
        pl.Series("height", height),
        of(drawn.parent, height, "parent_height"),
    )
    return told.filter(pl.col("role").is_in(list(SAID)))


def _largest_tree(sales: pl.DataFrame) -> pl.DataFrame:
    """The endogenous sales of the tree that sold most; none if every line ends at nobody."""
    import polars as pl

    heirs = sales.filter(pl.col("is_endogenous"), pl.col("root_event").is_not_null())
    sizes = heirs.group_by("root_event").agg(pl.col("usd").sum())
    largest = sizes.sort(["usd", "root_event"], descending=[True, False]).head(1)
    return heirs.join(largest.select("root_event"), on="root_event", maintain_order="left")


def _points(ax: Axes, sales: pl.DataFrame, tree: pl.DataFrame) -> None:
    """Every sale, those of the largest tree in full colour; what each generation sold at the right."""
    import polars as pl

    colours = palette()
    largest = float(sales["usd"].max())  # type: ignore[arg-type]
    in_tree = pl.col("event").is_in(tree["event"].implode())
    for condition, alpha, place in ((~in_tree, 0.35, 1), (in_tree, 0.9, 4)):
        for role in SAID:
            mine = sales.filter(condition, role=role)
            size = LARGEST_POINT * mine["usd"].to_numpy() / largest
            ax.scatter(
                mine["hour"].to_numpy(), mine["height"].to_numpy(), s=size,
                color=colours[PLACE[role]], alpha=alpha, linewidths=0.0, rasterized=True, zorder=place,
            )  # fmt: skip
    deepest = int(sales["generation"].max())  # type: ignore[arg-type]
    by_generation = sales.group_by("generation").agg(pl.col("usd").sum())
    where: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center"}
    for generation, said in [
        (-0.5, "sold"),
        *((g, money(usd)) for g, usd in by_generation.iter_rows()),
    ]:
        ax.text(1.01, generation, said, fontsize=7, color="0.3", **where)
    ax.set_ylabel("Generation (one draw)")
    ax.set_ylim(deepest + 0.5, -0.5)
    ax.set_yticks(range(deepest + 1))
    ax.grid(visible=False, axis="y")


def _lines(ax: Axes, tree: pl.DataFrame) -> None:
    """From each sale of the tree to its parent, and a ring at the root."""
    from matplotlib.collections import LineCollection

    ends = tree.select("parent_hour", "parent_height", "hour", "height").to_numpy()
    lines = LineCollection(list(ends.reshape(-1, 2, 2)), colors="0.2", linewidths=0.4, zorder=3)
    ax.add_collection(lines)
    for first in tree.filter(generation=1).head(1).iter_rows(named=True):
        ring: dict[str, Any] = {
            "facecolors": "none",
            "edgecolors": "0.1",
            "linewidths": 1.2,
            "zorder": 5,
        }
        ax.scatter([first["parent_hour"]], [first["parent_height"]], s=40, **ring)


def _key(sales: pl.DataFrame, tree: pl.DataFrame) -> tuple[list[Line2D], list[str]]:
    """What the points and lines are, and how large a point is."""
    from matplotlib.lines import Line2D

    colours = palette()
    largest = float(sales["usd"].max())  # type: ignore[arg-type]
    size = 10.0 ** math.floor(math.log10(largest))
    dot: dict[str, Any] = {"linestyle": "", "marker": "o", "markeredgewidth": 0.0}
    said = {
        SAID[role]: Line2D([], [], color=colours[PLACE[role]], markersize=5, **dot)
        for role in SAID
        if role in sales["role"]
    }
    across = math.sqrt(LARGEST_POINT * size / largest)
    said[f"of {money(size)}"] = Line2D([], [], color="0.6", markersize=across, **dot)
    if tree.height:
        told = f"largest tree: {tree.height:,} sales, {money(float(tree['usd'].sum()))}"
        ring: dict[str, Any] = {"marker": "o", "markerfacecolor": "none", "markersize": 6}
        said[told] = Line2D([], [], color="0.2", linewidth=0.6, **ring)
    return list(said.values()), list(said)


def _usd(ax: Axes, sales: pl.DataFrame, edges: np.ndarray) -> None:
    """Stacked: liquidations over sales by rule, endogenous dark and exogenous light."""
    colours = palette()
    under = np.zeros(len(edges) - 1)
    for role, said in SAID.items():
        for is_caused, alpha in ((True, 1.0), (False, 0.35)):
            mine = sales.filter(role=role, is_endogenous=is_caused)
            if not mine.height:
                continue
            usd = np.histogram(mine["hour"].to_numpy(), edges, weights=mine["usd"].to_numpy())[0]
            kind = "endogenous" if is_caused else "exogenous"
            ax.bar(
                edges[:-1], usd / MILLION, np.diff(edges), under, align="edge",
                color=colours[PLACE[role]], alpha=alpha, linewidth=0.0, label=f"{said}, {kind}",
            )  # fmt: skip
            under += usd / MILLION
    minutes = round(60.0 * float(edges[1] - edges[0]))
    ax.set_ylabel(f"Sold (M USD per {minutes} min)")
    legend_above(ax)
