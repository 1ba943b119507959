"""Where the paths of an ensemble lie. Line: median over seeds; dark band: half of the seeds (25 % to 75 %);
light band: nine in ten (5 % to 95 %), block by block, so that an edge is no path of its own. From above: the
market price of each asset that moves, with the median of the fundamental price dotted; the loss of vault
owners in per cent of their NAV at the start; the debt that liquidations have repaid since the recorded start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from agents.strategies import VAULT
from analysis.figure_style import PRICE_PLACE, Drawn, NoData, hours, legend_above, palette, panels

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from analysis.ensemble import Ensemble

QUANTILES = {"q5": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
BANDS = (("q5", "q95", 0.2), ("q25", "q75", 0.35))  # edges, and how dark
STEADY = 0.002  # an asset whose price stays this close to where it began needs no panel
FEWEST_SEEDS = 5  # for a quantile of 5 % to differ from the lowest path
LOSS, DEBT = "loss_of_vault_owners_percent", "debt_repaid_musd"
SAID = {LOSS: "Loss of vault owners (%)", DEBT: "Debt repaid (M USD)"}
PLACE = {LOSS: 3, DEBT: 4}  # in the palette


def draw(many: Ensemble) -> Drawn:
    """The figure of this ensemble."""
    import polars as pl

    if len(many.seeds) < FEWEST_SEEDS:
        raise NoData(
            f"fewer than {FEWEST_SEEDS} seeds make no bands, so there is no figure of them."
        )
    paths = _paths(many)
    moving = [a.name for a in many.scenario.assets if not a.is_cash and _moves(paths, a.name)]
    prices = [f"market_price_usd.{name}" for name in moving]
    numbers = [*prices, *(name for name in SAID if paths[name].abs().max() > 0.0)]  # type: ignore[operator]
    if not numbers:
        raise NoData("no price moved and nobody lost anything, so there is no figure of bands.")
    found = {name: band(paths, name) for name in numbers}
    below = {name: band(paths, name.replace("market", "fundamental")) for name in prices}
    figure, axes = panels(len(numbers), row_inches=1.5, sharex=True)
    for ax, name in zip(axes[:, 0], numbers, strict=True):
        colour = palette()[PLACE.get(name, PRICE_PLACE["market"])]
        _band(ax, found[name], colour)
        if name in below:
            ax.plot(below[name]["hour"], below[name]["q50"], ":", color="0.25",
                    label="median fundamental price")  # fmt: skip
        asset = name.rpartition(".")[2]
        ax.set_ylabel(SAID.get(name, f"{asset} price (USD)"))
    hours(axes[-1, 0], paths["hour"].max())  # type: ignore[arg-type]
    legend_above(axes[0, 0])
    found |= {name.replace("market", "fundamental"): frame for name, frame in below.items()}
    named = [frame.with_columns(pl.lit(name).alias("number")) for name, frame in found.items()]
    return Drawn(figure, pl.concat(named).select("number", "block", "hour", *QUANTILES))


def _paths(many: Ensemble) -> pl.DataFrame:
    """The paths, with hours, the loss of vault owners and debt repaid in millions."""
    import polars as pl

    scenario = many.scenario
    owned = [f"nav_usd.{cohort.name}" for cohort in scenario.cohorts if cohort.role == VAULT]
    at_start = "losses.by_class.vault_owners.nav_at_start_usd"
    start_usd = many.values(at_start) if owned else np.zeros(len(many.seeds))
    start = pl.DataFrame({"seed": many.seeds, "start_usd": start_usd})
    paths = many.paths.collect().join(start, on="seed", how="left", maintain_order="left")
    worth = pl.sum_horizontal(owned) if owned else pl.lit(0.0)
    lost = pl.when(pl.col("start_usd") > 0.0).then(100.0 * (1.0 - worth / pl.col("start_usd")))
    return paths.with_columns(
        (pl.col("seconds") / 3600.0).alias("hour"),
        lost.otherwise(0.0).alias(LOSS),
        (pl.col("debt_repaid_usd") / 1e6).alias(DEBT),
    )


def _moves(paths: pl.DataFrame, asset: str) -> bool:
    price = paths[f"market_price_usd.{asset}"]
    return bool(((price / price[0] - 1.0).abs() > STEADY).any())


def band(paths: pl.DataFrame, name: str) -> pl.DataFrame:
    """Quantiles over seeds of a column of the paths: one row a block."""
    import polars as pl

    told = [pl.col(name).quantile(at, "linear").alias(edge) for edge, at in QUANTILES.items()]
    return paths.group_by("block").agg(pl.col("hour").first(), *told).sort("block")


def _band(ax: Axes, rows: pl.DataFrame, colour: Any) -> None:
    for low, high, alpha in BANDS:
        ax.fill_between(
            rows["hour"], rows[low], rows[high], color=colour, alpha=alpha, linewidth=0,
            label="90 % of seeds" if low == "q5" else "50 % of seeds",
        )  # fmt: skip
    ax.plot(rows["hour"], rows["q50"], color=colour, label="median")
