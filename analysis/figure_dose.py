"""A dose and its response: a number of many ensembles, each with a little more of one thing.

figure = af.dose_response([(0.5, one), (1.0, other), (2.0, third)], "bad_debt_fraction", "Keeper capital")

Every member is a point, spread sideways by its place among the seeds; the line joins the medians, and a bar
is the 95 % interval of a median (order statistics; none for fewer than six seeds). That a mechanism answers
in order to its dose is better evidence than that it is there. Source: Hill (1965), The Environment and
Disease: Association or Causation, on the biological gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.ensemble_names import resolve
from analysis.ensemble_summary import spread
from analysis.figure_style import Drawn, NoData, label, palette, panels, style
from sim.errors import MISSING, InputError

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.figure import Figure

    from analysis.ensemble import Ensemble

SPREAD = 0.35  # of the distance between two doses, over which members are spread
COLOUR = 0  # in the palette


def dose_response(
    points: Sequence[tuple[float, Ensemble]], number: str, dose: str = "Dose"
) -> Figure:
    """The figure of ``number`` against the dose of each ensemble; ``dose`` says what that is, with a unit."""
    return draw(points, number, dose).figure


def draw(points: Sequence[tuple[float, Ensemble]], number: str, dose: str = "Dose") -> Drawn:
    """The same with its numbers: one row a member, and the median of its dose."""
    import polars as pl

    ordered = sorted(points, key=lambda point: point[0])
    doses = [float(at) for at, _ in ordered]
    if len(doses) < 2 or len(set(doses)) < len(doses):
        problem = f"expected two or more different doses, got {doses}"
        raise InputError(None, "dose_response", MISSING, problem)
    full = resolve(number, ordered[0][1].names)
    frames = []
    for at, many in ordered:
        values = many.values(full)
        told = spread(values)
        ends = {key: told[key] for key in ("median", "median_low", "median_high")}
        frame = pl.DataFrame({"dose": [at] * len(values), "seed": many.seeds, full: values})
        frames.append(
            frame.with_columns(pl.lit(v, pl.Float64).alias(key) for key, v in ends.items())
        )
    data = pl.concat(frames).with_columns(pl.col(full).fill_nan(None))
    if data[full].null_count() == data.height:
        raise NoData(f"{full} is undefined in every member, so there is no figure of it.")
    with style():
        return Drawn(_figure(data, full, dose), data)


def _figure(data: pl.DataFrame, number: str, dose: str) -> Figure:
    figure, axes = panels(1, row_inches=2.4)
    ax, colour = axes[0, 0], palette()[COLOUR]
    doses = data["dose"].unique(maintain_order=True).to_numpy()
    # Doses are often a factor apart; evenly spaced places show them all, and the ticks say what they are.
    medians = []
    for place, at in enumerate(doses):
        of_dose = data.filter(dose=at)
        sideways = np.linspace(-0.5, 0.5, of_dose.height) if of_dose.height > 1 else np.zeros(1)
        ax.plot(place + SPREAD * sideways, of_dose[number], "o", color="0.65", markersize=2.2,
                linewidth=0, label="a member" if place == 0 else None)  # fmt: skip
        low, high, median = (of_dose[k][0] for k in ("median_low", "median_high", "median"))
        medians.append(np.nan if median is None else median)
        if low is not None:
            ax.plot([place, place], [low, high], color=colour, linewidth=2.4, zorder=3,
                    label="95 % interval" if place == 0 else None)  # fmt: skip
    ax.plot(
        range(len(doses)), medians, "o-", color=colour, markersize=4.5, zorder=4, label="median"
    )
    ax.set_xticks(range(len(doses)), [f"{at:g}" for at in doses])
    ax.set_xlabel(dose)
    ax.set_ylabel(label(number.rpartition(".")[2]))
    ax.grid(axis="x", visible=False)
    ax.legend(loc="best")
    return figure
