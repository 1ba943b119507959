"""Leverage and health of borrowing vaults before, during and after. Left, over time: leverage (collateral
over net asset value, of the whole cohort, at market prices) and the health factor at oracle prices (line:
median of the borrowers; dotted: 5 % of them are weaker). Right: their distribution over vaults at the
start, in the snapshot nearest to the worst block, and at the end (box: quartiles; whiskers: 5 to 95 %).
Below a health factor of one a position may be liquidated. Vaults without debt have no health factor, and
those without a positive net asset value no leverage.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from analysis.figure_style import (
    Drawn,
    NoData,
    cohort_colours,
    hours,
    label,
    legend_above,
    lists,
    panels,
)

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from analysis.run import Run

MOST_LEVERAGE = 20.0  # beyond it a vault is as good as gone; the axis ends here
MOST_HEALTH = 5.0


def draw(run: Run) -> Drawn:
    """The figure of this run."""
    import polars as pl

    path = _over_time(run)
    if path.height == 0:
        raise NoData("no vault ever owed anything, so there is no figure of leverage.")
    levered = set(path["cohort"])
    cohorts = [cohort.name for cohort in run.scenario.cohorts if cohort.name in levered]
    colours = cohort_colours(run.scenario, cohorts)
    spread = _at_moments(run, cohorts)
    figure, axes = panels(2, 2, row_inches=2.1, width_ratios=(3, 2), sharey="row", sharex="col")
    for row, (name, title, most) in enumerate(
        (("leverage", "Leverage", MOST_LEVERAGE), ("health", "Health factor", MOST_HEALTH))
    ):
        _lines(axes[row, 0], path, cohorts, colours, name)
        _boxes(axes[row, 1], spread, cohorts, colours, name)
        axes[row, 0].set_ylabel(title)
        bottom, top = axes[row, 0].get_ylim()
        axes[row, 0].set_ylim(bottom, min(top, most))
    _logarithmic(axes[0, 0])
    for ax in axes[1]:
        ax.axhline(1.0, color="0.2", linewidth=0.8, linestyle="--")
    hours(axes[1, 0], float(path["hour"].max()))  # type: ignore[arg-type]
    legend_above(axes[0, 0])
    return Drawn(figure, pl.concat([path, spread], how="diagonal"))


def _logarithmic(ax: Axes) -> None:
    from matplotlib.ticker import FixedLocator, NullFormatter, ScalarFormatter

    top = ax.get_ylim()[1]
    ax.set_yscale("log")
    ax.set_ylim(1.0, top)
    ax.yaxis.set_major_locator(FixedLocator([1, 1.5, 2, 3, 5, 10, 20]))
    ax.yaxis.set_major_formatter(ScalarFormatter())
    ax.yaxis.set_minor_formatter(NullFormatter())


def _over_time(run: Run) -> pl.DataFrame:
    """Leverage of each cohort and quantiles of health, a row a block."""
    import polars as pl

    slot_hours = run.scenario.time.slot_seconds / 3600.0
    rows = run.cohorts.filter(pl.col("debt_usd") > 0.0)
    return rows.select(
        pl.lit("path").alias("part"),
        pl.col("cohort").cast(pl.String),
        ((pl.col("block") + 1) * slot_hours).alias("hour"),
        pl.when(pl.col("nav_usd") > 0.0)
        .then(pl.col("collateral_usd") / pl.col("nav_usd"))
        .alias("leverage"),
        (1.0 / pl.col("risk_p50")).alias("health"),
        (1.0 / pl.col("risk_p95")).alias("health_p05"),
        (1.0 / pl.col("risk_p05")).alias("health_p95"),
    ).collect()


def _at_moments(run: Run, cohorts: list[str]) -> pl.DataFrame:
    """Leverage and health of each vault at the start, near the worst block and at the end."""
    import polars as pl

    slot_hours = run.scenario.time.slot_seconds / 3600.0
    whole = run.vaults.filter(occasion="snapshot")  # every vault, not those that something befell
    taken = whole.select(pl.col("block").unique()).collect()["block"].sort()
    worst = run.summary["losses"]["worst_block"] + 1
    nearest = taken[int((taken - worst).abs().arg_min() or 0)]
    moments = {taken[0]: "start", nearest: f"worst\n(hour {nearest * slot_hours:.1f})"}
    moments |= {taken[-1]: "end"}
    parts = []
    for block, moment in moments.items():
        rows = whole.filter(pl.col("block") == block, pl.col("debt_usd") > 0.0)
        told = rows.select(
            pl.lit("vaults").alias("part"),
            pl.lit(moment).alias("moment"),
            pl.col("cohort").cast(pl.String),
            "account",
            (pl.col("block") * slot_hours).alias("hour"),
            pl.when(pl.col("nav_usd") > 0.0)
            .then(pl.col("collateral_usd") / pl.col("nav_usd"))
            .alias("leverage"),
            "health",
        ).collect()
        parts.append(told.filter(pl.col("cohort").is_in(cohorts)))
    return pl.concat(parts)


def _lines(
    ax: Axes, path: pl.DataFrame, cohorts: list[str], colours: dict[str, Any], name: str
) -> None:
    import seaborn

    for cohort in cohorts:
        mine = path.filter(cohort=cohort)
        if name == "health":
            weakest = {"color": colours[cohort], "linewidth": 0.8, "linestyle": ":"}
            ax.plot(mine["hour"].to_numpy(), mine["health_p05"].to_numpy(), **weakest)
        seaborn.lineplot(
            data=lists(mine.select("hour", name)),
            x="hour",
            y=name,
            ax=ax,
            color=colours[cohort],
            label=label(cohort),
            estimator=None,
            errorbar=None,
            legend=False,
        )


def _boxes(
    ax: Axes, spread: pl.DataFrame, cohorts: list[str], colours: dict[str, Any], name: str
) -> None:
    import seaborn

    with warnings.catch_warnings():  # seaborn 0.13 says `vert` where matplotlib wants `orientation`
        warnings.simplefilter("ignore", DeprecationWarning)
        seaborn.boxplot(
            data=lists(spread.select("moment", "cohort", name).drop_nulls()),
            x="moment",
            y=name,
            hue="cohort",
            hue_order=cohorts,
            palette=colours,
            whis=(5, 95),
            showfliers=False,
            linewidth=0.7,
            width=0.7,
            saturation=1.0,
            legend=False,
            ax=ax,
        )
    ax.set_xlabel("")
