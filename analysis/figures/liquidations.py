"""Liquidations over time. Above: debt that liquidators repaid, by cohort of the borrowers; cohorts of one
strategy have shades of one colour. Below: bad debt since the start, that is, debt left without collateral
and booked as a deficit of the lending market.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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

BIN_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 240, 720, 1440)
MOST_BINS = 80
MILLION = 1e6


def draw(run: Run) -> Drawn:
    """The figure of this run."""
    import polars as pl

    done = run.events.filter(kind="liquidation", status="ok").select(
        "block", pl.col("counterparty_cohort").cast(pl.String).alias("cohort"), "usd", "deficit_usd"
    )
    events = done.collect()
    if events.height == 0:
        raise NoData("no liquidations happened, so there is no figure of them.")
    end = run.blocks.select("seconds").last().collect().item() / 3600.0
    slot_hours = run.scenario.time.slot_seconds / 3600.0
    events = events.with_columns(((pl.col("block") + 1) * slot_hours).alias("hour"))
    edges = bin_edges(end)
    hit = set(events["cohort"])
    cohorts = [cohort.name for cohort in run.scenario.cohorts if cohort.name in hit]
    data = _binned(events, cohorts, edges)

    figure, axes = panels(2, sharex=True, height_ratios=(2, 1))
    _debt_repaid(axes[0, 0], data, cohorts, edges, run)
    _bad_debt(axes[1, 0], events, end)
    hours(axes[1, 0], end)
    return Drawn(figure, data)


def bin_edges(end_hours: float) -> np.ndarray:
    """Edges of bins of a round number of minutes, about sixty of them."""
    wide = [minutes / 60.0 for minutes in BIN_MINUTES]
    width = next((w for w in wide if end_hours / w <= MOST_BINS), wide[-1])
    return np.arange(0.0, end_hours + width, width)


def _binned(events: pl.DataFrame, cohorts: list[str], edges: np.ndarray) -> pl.DataFrame:
    """USD repaid and number of liquidations in each bin and cohort, and bad debt so far."""
    import polars as pl

    parts = []
    for cohort in cohorts:
        mine = events.filter(cohort=cohort)
        hour = mine["hour"].to_numpy()
        lost = np.histogram(hour, edges, weights=mine["deficit_usd"].fill_null(0.0).to_numpy())[0]
        parts.append(
            pl.DataFrame(
                {
                    "hour_from": edges[:-1],
                    "hour_to": edges[1:],
                    "cohort": [cohort] * (len(edges) - 1),
                    "debt_repaid_usd": np.histogram(hour, edges, weights=mine["usd"].to_numpy())[0],
                    "n_liquidations": np.histogram(hour, edges)[0],
                    "bad_debt_since_start_usd": np.cumsum(lost),
                }
            )
        )
    return pl.concat(parts)


def _debt_repaid(
    ax: Axes, data: pl.DataFrame, cohorts: list[str], edges: np.ndarray, run: Run
) -> None:
    import polars as pl
    import seaborn

    centres = data.with_columns(((pl.col("hour_from") + pl.col("hour_to")) / 2.0).alias("hour"))
    in_millions = centres.with_columns(pl.col("debt_repaid_usd") / MILLION)
    seaborn.histplot(
        data=lists(in_millions.select("hour", "cohort", "debt_repaid_usd")),
        x="hour",
        weights="debt_repaid_usd",
        hue="cohort",
        hue_order=cohorts[::-1],
        palette=cohort_colours(run.scenario, cohorts),
        multiple="stack",
        bins=list(edges),
        edgecolor="white",
        linewidth=0.3,
        alpha=1.0,
        ax=ax,
    )
    minutes = round(60.0 * float(edges[1] - edges[0]))
    ax.set_ylabel(f"Debt repaid (M USD per {minutes} min)")
    strategy_of = {cohort.name: cohort.strategy for cohort in run.scenario.cohorts}
    handles = ax.get_legend().legend_handles  # type: ignore[union-attr]
    said = [f"{label(name)} ({label(strategy_of[name])})" for name in cohorts[::-1]]
    legend_above(ax, handles[::-1], said[::-1])


def _bad_debt(ax: Axes, events: pl.DataFrame, end: float) -> None:
    import seaborn

    lost = np.cumsum(events["deficit_usd"].fill_null(0.0).to_numpy()) / MILLION
    hour = [0.0, *events["hour"].to_list(), end]
    seaborn.lineplot(
        x=hour,
        y=[0.0, *lost.tolist(), float(lost[-1])],
        ax=ax,
        color="0.15",
        drawstyle="steps-post",
        estimator=None,
        errorbar=None,
    )
    ax.set_ylabel("Bad debt (M USD)")
    ax.set_ylim(bottom=0.0)
    if lost[-1] == 0.0:
        ax.set_ylim(0.0, 1.0)
        ax.set_yticks([0.0])
        ax.text(0.5, 0.5, "no bad debt", transform=ax.transAxes, ha="center", color="0.4")
