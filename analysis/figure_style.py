"""One look for every figure: colours the colour-blind can tell apart, one a strategy, and paper sizes.

Figures are made without pyplot, so that drawing one leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from agents.strategies import STRATEGIES
from sim.errors import AftershockError

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from scenarios.schema import Scenario

WIDTH_INCHES = 6.8  # both columns of a paper
WIDTH_LETTERS = 110  # of a legend in that width, and how many its line or patch takes of them
HANDLE_LETTERS = 7
PALETTE = "colorblind"
# Places in the palette; a strategy that is not listed takes the next free one, by its place among all.
STRATEGY_PLACE = {
    "buy_and_hold": 7,
    "fixed_weight": 2,
    "cppi": 0,
    "leveraged_loop": 3,
    "volatility_target": 4,
}
SHADES = ((0.6, 0.0), (0.45, 1.0))  # share of the colour itself, and the grey it is mixed with
PRICE_PLACE = {"fundamental": 7, "market": 0, "oracle": 1}
STYLE = {
    "font.size": 8.0,
    "axes.titlesize": 8.5,
    "axes.labelsize": 8.0,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "lines.linewidth": 1.1,
    "axes.linewidth": 0.7,
    "grid.linewidth": 0.5,
    "axes.titlelocation": "left",
    "pdf.fonttype": 42,  # TrueType: text stays text
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
}


class NoData(AftershockError):
    """There is nothing to draw; the message says why."""


@dataclasses.dataclass(frozen=True)
class Drawn:
    """A figure, and the numbers in it."""

    figure: Figure
    data: pl.DataFrame


@contextlib.contextmanager
def style() -> Iterator[None]:
    """The look, while a figure is drawn or saved."""
    import matplotlib
    import seaborn

    look = {**seaborn.axes_style("ticks"), **STYLE, "axes.grid": True, "grid.color": "0.9"}
    with matplotlib.rc_context(look):
        yield


def panels(rows: int, columns: int = 1, row_inches: float = 1.75, **options: Any) -> Any:
    """A figure of small multiples that fits a paper, and its axes as an array (rows, columns)."""
    from matplotlib.figure import Figure

    class Plate(Figure):
        """A figure that a notebook shows by itself."""

        def _repr_png_(self) -> bytes:
            buffer = io.BytesIO()
            with style():
                self.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
            return buffer.getvalue()

    figure = Plate(figsize=(WIDTH_INCHES, row_inches * rows + 0.5), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    for ax in axes.flat:
        ax.spines[["top", "right"]].set_visible(False)
    return figure, axes


def lists(frame: pl.DataFrame) -> dict[str, list[Any]]:
    """A frame as seaborn 0.13 takes it: it does not know polars."""
    return frame.to_dict(as_series=False)


def palette() -> list[Any]:
    """Ten colours, in order."""
    import seaborn

    return list(seaborn.color_palette(PALETTE))


def strategy_colour(strategy: str) -> Any:
    """The colour of a strategy, the same in every figure."""
    colours = palette()
    free = [k for k in range(len(colours)) if k not in STRATEGY_PLACE.values()]
    known = [name for name in STRATEGIES if name not in STRATEGY_PLACE]
    place = known.index(strategy) if strategy in known else 0
    return colours[STRATEGY_PLACE.get(strategy, free[place % len(free)])]


def cohort_colours(scenario: Scenario, names: Sequence[str]) -> dict[str, Any]:
    """For each of these cohorts a shade of its strategy's colour, the same in every figure of a scenario."""
    import seaborn

    colours: dict[str, Any] = {}
    for strategy in dict.fromkeys(cohort.strategy for cohort in scenario.cohorts):
        alike = [cohort.name for cohort in scenario.cohorts if cohort.strategy == strategy]
        colour = strategy_colour(strategy)
        dark, light = ([mix * c + (1 - mix) * end for c in colour] for mix, end in SHADES)
        shades = seaborn.blend_palette([dark, colour, light], len(alike))
        colours.update(zip(alike, shades if len(alike) > 1 else [colour], strict=True))
    return {name: colours[name] for name in names}


def label(name: str) -> str:
    """A name of a cohort or strategy as a reader says it."""
    return name.replace("_", " ")


def hours(ax: Axes, end: float) -> None:
    """The time axis."""
    ax.set_xlabel("Hours since the start")
    ax.set_xlim(0.0, end)


def legend_above(ax: Axes, *handles_and_labels: Any) -> None:
    """A legend above the axes, where it hides nothing; in one line if that is wide enough."""
    labels = handles_and_labels[1] if handles_and_labels else ax.get_legend_handles_labels()[1]
    place: dict[str, Any] = {
        "loc": "lower left",
        "bbox_to_anchor": (0.0, 1.0),
        "borderaxespad": 0.2,
    }
    ax.legend(*handles_and_labels, ncols=columns_that_fit(labels), **place)


def columns_that_fit(labels: Sequence[str]) -> int:
    """How many columns of a legend stand in the width of a figure; wider ones would squeeze its axes."""
    for n_columns in range(min(len(labels), 4), 1, -1):
        n_rows = math.ceil(len(labels) / n_columns)
        columns = [labels[k : k + n_rows] for k in range(0, len(labels), n_rows)]
        if sum(max(map(len, column)) + HANDLE_LETTERS for column in columns) <= WIDTH_LETTERS:
            return n_columns
    return 1
